/** Decimal places of `decimal(38,12)`: all that shares and rates have, and 26 digits in front of them. */
export const SCALE = 12;
export const PRECISION = 38;

const LIMIT = 10n ** BigInt(PRECISION);

/** A canonical decimal as a count of 10⁻¹², or null where it has more places or digits than that can hold exactly. */
export function parseDecimal(text: string): bigint | null {
  const [whole = "", fraction = ""] = text.split(".");
  // Zeros at the end state a precision, which the text beside keeps; the value is the same without them.
  const places = fraction.replace(/0+$/, "");
  if (places.length > SCALE) return null;
  const unscaled = BigInt(whole + places.padEnd(SCALE, "0"));
  return unscaled < LIMIT && unscaled > -LIMIT ? unscaled : null;
}
