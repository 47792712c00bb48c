import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compoundGrowth, growth } from "../../portal/series/derived.ts";
import type { Observation } from "../../portal/series/resolution.ts";
import { compare, type Fraction, fractionOf } from "../support/fractions.ts";

function observed(value: string, period: number): Observation {
  const claim = { value, period, status: "A" as const, source: "s", publishedOn: "", release: 1, note: "" };
  return { period, headline: { ...claim, revisions: [] }, alternatives: [] };
}

function rateOf(value: string, base: string, years: number): string {
  return compoundGrowth(observed(value, years), observed(base, 0), years, years).value as string;
}

/** (1 + rate ÷ 100)^years against value ÷ base, exactly: which of the two is larger. */
function against(rate: Fraction, years: number, value: string, base: string): number {
  const factor = { over: rate.over + 100n * rate.under, under: 100n * rate.under };
  if (factor.over < 0n) return -1;
  const [to, from] = [fractionOf(value), fractionOf(base)];
  const reached = { over: factor.over ** BigInt(years), under: factor.under ** BigInt(years) };
  return compare(reached, { over: to.over * from.under, under: to.under * from.over });
}

/** A rate, more or less one in its twelfth significant digit. */
function off(rate: string, by: bigint): Fraction {
  const { over, under } = fractionOf(rate);
  const digits = String(over < 0n ? -over : over).length;
  const finer = 10n ** BigInt(Math.max(12 - digits, 0));
  const step = 10n ** BigInt(Math.max(digits - 12, 0));
  return { over: over * finer + by * step, under: under * finer };
}

const whole = fc.bigInt({ min: 1n, max: 10n ** 30n });
const close = whole.chain((base) =>
  fc.bigInt({ min: 1n, max: 10n ** 6n }).map((more) => [`${base + more}`, `${base}`] as const),
);
const apart = fc.tuple(whole, whole).map(([value, base]) => [`${value}`, `${base}`] as const);

describe("compound growth", () => {
  test("lies within one in the twelfth digit of what multiplies up to the value", () => {
    fc.assert(
      fc.property(fc.oneof(close, apart), fc.integer({ min: 1, max: 30 }), ([value, base], years) => {
        fc.pre(value !== base);
        const rate = rateOf(value, base, years);
        expect(against(off(rate, -1n), years, value, base)).toBeLessThan(0);
        expect(against(off(rate, 1n), years, value, base)).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test("over one year is growth, digit by digit", () => {
    fc.assert(
      fc.property(fc.oneof(close, apart), ([value, base]) => {
        expect(rateOf(value, base, 1)).toBe(growth(observed(value, 1), observed(base, 0)).value);
      }),
    );
  });

  test.each([
    ["1000001", "1000000", 1, "0.0001"],
    ["1000000000002", "1000000000001", 1, "0.0000000000999999999999"],
    ["1", "1", 7, "0"],
    ["0", "5", 3, "-100"],
    ["8", "1", 3, "100"],
  ])("from %s, from %s, in %i years: %s %%", (value, base, years, expected) => {
    expect(rateOf(value, base, years)).toBe(expected);
  });
});
