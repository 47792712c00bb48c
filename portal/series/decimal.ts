import Big from "big.js";

/**
 * Values are exact decimals, carried as text from the file to the response. The canonical form keeps every digit that
 * the source printed, trailing zeros included, because they state a precision; it has no plus sign, no superfluous
 * leading zeros, no exponent and no negative zero.
 */
const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** More digits than any statistic states, few enough that arithmetic stays cheap. */
export const MAX_DIGITS = 100;

/** The canonical text of a decimal (`+007.50` → `7.50`, `1e3` → `1000`, `-0.00` → `0.00`), or null if it is none. */
export function canonicalDecimal(text: string): string | null {
  const match = SYNTAX.exec(text);
  if (!match) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return null;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const scale = Math.max(fraction.length - shift, 0);
  const padded =
    shift > fraction.length ? digits + "0".repeat(shift - fraction.length) : digits.padStart(scale + 1, "0");
  const integer = padded.slice(0, padded.length - scale).replace(/^0+(?=\d)/, "");
  const decimals = padded.slice(padded.length - scale);
  if (integer.length + decimals.length > MAX_DIGITS) return null;
  const negative = sign === "-" && /[1-9]/.test(padded);
  return `${negative ? "-" : ""}${integer}${decimals === "" ? "" : `.${decimals}`}`;
}

/** Orders two canonical decimals by value: negative, zero or positive. */
export function compareDecimals(a: string, b: string): number {
  return new Big(a).cmp(b);
}

/** a − b, exact. */
export function subtract(a: string, b: string): string {
  return new Big(a).minus(b).toFixed();
}

/** a ÷ b × factor to `digits` significant digits, half away from zero; `factor` is whole. `b` must not be zero. */
export function ratio(a: string, b: string, factor: number, digits = 12): string {
  const [above, below] = [unscaled(a), unscaled(b)];
  const [dividend, divisor] = [above.digits * BigInt(factor), below.digits];
  if (dividend === 0n) return "0";
  // As many zeros as give the quotient one digit or two more than are wanted; those decide how it is rounded.
  const zeros = digits + 1 + lengthOf(divisor) - lengthOf(dividend);
  const quotient =
    zeros < 0 ? dividend / (divisor * 10n ** BigInt(-zeros)) : (dividend * 10n ** BigInt(zeros)) / divisor;
  const dropped = lengthOf(quotient) - digits;
  const half = 5n * 10n ** BigInt(dropped - 1);
  const rounded = (quotient + (quotient < 0n ? -half : half)) / 10n ** BigInt(dropped);
  return new Big(`${rounded}e${dropped - zeros + below.scale - above.scale}`).toFixed();
}

/** A number as a decimal of `digits` significant digits. */
export function roundedDecimal(value: number, digits = 12): string {
  return new Big(value.toPrecision(digits)).toFixed();
}

/** A decimal as `digits` ÷ 10^`scale`. */
function unscaled(decimal: string): { digits: bigint; scale: number } {
  const [whole = "", decimals = ""] = decimal.split(".");
  return { digits: BigInt(whole + decimals), scale: decimals.length };
}

function lengthOf(digits: bigint): number {
  return digits.toString().length - (digits < 0n ? 1 : 0);
}

/** a × 1000^power, exact. */
export function shiftThousands(a: string, power: number): string {
  const factor = new Big(10).pow(Math.abs(power) * 3);
  return (power < 0 ? exactQuotient(a, factor) : new Big(a).times(factor)).toFixed();
}

/** Division by a power of ten only moves the point: as many decimal places as that takes make it exact. */
function exactQuotient(a: string, factor: Big): Big {
  const Exact = Big();
  Exact.DP = MAX_DIGITS * 2;
  return new Exact(a).div(factor);
}
