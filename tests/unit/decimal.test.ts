import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalDecimal, compareDecimals, MAX_DIGITS, ratio, subtract } from "../../portal/series/decimal.ts";
import { holds } from "../support/properties.ts";

/** A decimal as a whole number and a power of ten, read independently: what arithmetic has to agree with. */
function exact(text: string): { n: bigint; scale: number } {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const scale = fraction.length - Number(exponent);
  const n = BigInt(`${whole}${fraction}` || "0") * (sign === "-" ? -1n : 1n);
  return scale >= 0 ? { n, scale } : { n: n * 10n ** BigInt(-scale), scale: 0 };
}

/** Both as whole numbers of the same power of ten. */
function aligned(a: string, b: string): [bigint, bigint, number] {
  const [x, y] = [exact(a), exact(b)];
  const scale = Math.max(x.scale, y.scale);
  const up = ({ n, scale: s }: { n: bigint; scale: number }) => n * 10n ** BigInt(scale - s);
  return [up(x), up(y), scale];
}

function equal(a: string, b: string): boolean {
  const [x, y] = aligned(a, b);
  return x === y;
}

const digits = (max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: max }).map((each) => each.join(""));
const written = fc
  .record({
    sign: fc.constantFrom("", "+", "-"),
    whole: digits(30),
    point: fc.constantFrom("", "."),
    fraction: digits(30),
    exponent: fc.option(fc.tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), fc.nat(30)), { nil: null }),
  })
  .filter(({ whole, fraction, point }) => whole !== "" || (point !== "" && fraction !== ""))
  .map(({ sign, whole, point, fraction, exponent }) => {
    const decimals = point === "" ? "" : `.${fraction}`;
    return `${sign}${whole}${decimals}${exponent?.join("") ?? ""}`;
  });
const decimals = written.map((text) => canonicalDecimal(text)).filter((text) => text !== null);

describe("the canonical form", () => {
  test("has the same value as what was written", () => {
    holds(
      fc.property(written, (text) => {
        const canonical = canonicalDecimal(text);
        expect(canonical).not.toBeNull();
        expect(equal(canonical as string, text)).toBe(true);
      }),
      1000,
    );
  });

  test("has no plus sign, no leading zeros, no exponent, no bare point and no negative zero", () => {
    holds(
      fc.property(decimals, (text) => {
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?$/);
        if (text.startsWith("-")) expect(text).toMatch(/[1-9]/);
      }),
    );
  });

  test("is its own canonical form", () => {
    holds(
      fc.property(decimals, (text) => {
        expect(canonicalDecimal(text)).toBe(text);
      }),
    );
  });

  test("keeps every decimal place that was printed", () => {
    holds(
      fc.property(digits(20), digits(20), (whole, fraction) => {
        fc.pre(fraction !== "");
        expect(canonicalDecimal(`${whole}.${fraction}`)).toMatch(new RegExp(`\\.${fraction}$`));
      }),
    );
  });

  test.for([
    ["0.1", "0.1"],
    [".5", "0.5"],
    ["5.", "5"],
    ["+007.50", "7.50"],
    ["-0.00", "0.00"],
    ["-0", "0"],
    ["8470000000", "8470000000"],
    ["1e3", "1000"],
    ["1.50e1", "15.0"],
    ["25E-4", "0.0025"],
    ["-1e-2", "-0.01"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ["0.123456789012345678901234567890", "0.123456789012345678901234567890"],
    ["9007199254740993", "9007199254740993"],
  ] as const)("of %s is %s", ([text, expected]) => {
    expect(canonicalDecimal(text)).toBe(expected);
  });

  test.for([
    "",
    ".",
    "-",
    "+",
    "1,000",
    "1 000",
    "1_000",
    "0x10",
    "NaN",
    "Infinity",
    "1e",
    "e3",
    "--1",
    "1.2.3",
    "１",
    "½",
  ])("there is none of %j", (text) => {
    expect(canonicalDecimal(text)).toBeNull();
  });

  test(`has at most ${MAX_DIGITS} digits`, () => {
    const most = "9".repeat(MAX_DIGITS);
    expect(canonicalDecimal(most)).toBe(most);
    expect(canonicalDecimal(`${most}0`)).toBeNull();
    expect(canonicalDecimal("1e99")).toBe(`1${"0".repeat(99)}`);
    expect(canonicalDecimal("1e100")).toBeNull();
    expect(canonicalDecimal("1e-100")).toBeNull();
  });
});

describe("arithmetic", () => {
  test("subtracts exactly", () => {
    holds(
      fc.property(decimals, decimals, (a, b) => {
        const [x, y, scale] = aligned(a, b);
        const { n, scale: resultScale } = exact(subtract(a, b));
        const common = BigInt(Math.max(scale, resultScale));
        expect(n * 10n ** (common - BigInt(resultScale))).toBe((x - y) * 10n ** (common - BigInt(scale)));
      }),
      500,
    );
  });

  test("orders by value, however it is written", () => {
    holds(
      fc.property(decimals, decimals, (a, b) => {
        const [x, y] = aligned(a, b);
        expect(Math.sign(compareDecimals(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
    expect(compareDecimals("1.0", "1.00")).toBe(0);
  });

  test("divides to twelve significant digits, half away from zero", () => {
    const moderate = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(10))
      .map(([n, scale]) => canonicalDecimal(`${n}e-${scale}`) as string);
    holds(
      fc.property(moderate, moderate, fc.constantFrom(1, 100), (a, b, factor) => {
        fc.pre(exact(b).n !== 0n);
        expect(equal(ratio(a, b, factor), dividedTo12(a, b, BigInt(factor)))).toBe(true);
      }),
      500,
    );
  });

  test.for([
    ["1", "3", 1, "0.333333333333"],
    ["2", "3", 100, "66.6666666667"],
    ["0", "7", 100, "0"],
    ["-1", "8", 1, "-0.125"],
    ["52.26", "41.06", 100, "127.277155382"],
    ["0", `1${"0".repeat(99)}`, 100, "0"],
    [`0.${"0".repeat(60)}123456789012`, `1${"0".repeat(35)}`, 100, `0.${"0".repeat(93)}123456789012`],
    [`0.${"0".repeat(98)}2`, `3${"0".repeat(98)}`, 1, `0.${"0".repeat(197)}666666666667`],
  ] as const)("%s ÷ %s × %i is %s", ([a, b, factor, expected]) => {
    expect(ratio(a, b, factor)).toBe(expected);
  });
});

/** a ÷ b × factor by long division of whole numbers. */
function dividedTo12(a: string, b: string, factor: bigint): string {
  const [x, y] = aligned(a, b);
  const [top, bottom] = [x * factor, y];
  if (top === 0n) return "0";
  const negative = top < 0n !== bottom < 0n;
  const [p, q] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  let shift = 0;
  const scaled = () => (shift >= 0 ? (p * 10n ** BigInt(shift)) / q : p / (q * 10n ** BigInt(-shift)));
  while (scaled() < 10n ** 11n) shift += 1;
  while (scaled() >= 10n ** 12n) shift -= 1;
  const [n, d] = shift >= 0 ? [p * 10n ** BigInt(shift), q] : [p, q * 10n ** BigInt(-shift)];
  const rounded = (2n * n + d) / (2n * d);
  return `${negative ? "-" : ""}${rounded}e${-shift}`;
}
