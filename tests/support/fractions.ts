/** Exact arithmetic on decimals, by way of fractions of big integers: what derived values are held against. */
export interface Fraction {
  readonly over: bigint;
  /** Positive. */
  readonly under: bigint;
}

export function fractionOf(decimal: string): Fraction {
  const [whole = "", places = ""] = decimal.split(".");
  return { over: BigInt(whole + places), under: 10n ** BigInt(places.length) };
}

export function minus(a: Fraction, b: Fraction): Fraction {
  return { over: a.over * b.under - b.over * a.under, under: a.under * b.under };
}

export function divided(a: Fraction, b: Fraction): Fraction {
  const sign = b.over < 0n ? -1n : 1n;
  return { over: a.over * b.under * sign, under: a.under * b.over * sign };
}

export function percent({ over, under }: Fraction): Fraction {
  return { over: over * 100n, under };
}

export function compare(a: Fraction, b: Fraction): number {
  const { over } = minus(a, b);
  return over < 0n ? -1 : over > 0n ? 1 : 0;
}

/** As a decimal without superfluous zeros, to so many significant digits, half away from zero. */
export function rounded({ over, under }: Fraction, digits: number): string {
  if (over === 0n) return "0";
  const size = over < 0n ? -over : over;
  // The exponent of the leading digit, from the lengths of the two; one off at most.
  let exponent = String(size).length - String(under).length;
  if (size * power(-exponent) < under * power(exponent)) exponent -= 1;
  const shift = digits - 1 - exponent;
  const [above, below] = [size * power(shift), under * power(-shift)];
  const figures = (2n * above + below) / (2n * below);
  return plain(over < 0n, figures, shift);
}

/** 10^n, or 1 where n is negative. */
function power(n: number): bigint {
  return n > 0 ? 10n ** BigInt(n) : 1n;
}

/** The exact decimal of a fraction that has one. */
export function exact({ over, under }: Fraction): string {
  const places = String(under).length - 1;
  return plain(over < 0n, over < 0n ? -over : over, places);
}

/** figures × 10^−places. */
function plain(negative: boolean, figures: bigint, places: number): string {
  const text = places < 0 ? `${figures}${"0".repeat(-places)}` : String(figures).padStart(places + 1, "0");
  const point = places < 0 ? text.length : text.length - places;
  const decimals = text.slice(point).replace(/0+$/, "");
  const value = `${text.slice(0, point)}${decimals === "" ? "" : `.${decimals}`}`;
  return negative && value !== "0" ? `-${value}` : value;
}
