/**
 * Units are UCUM codes, with annotations in braces for things that are counted. Of the units that measure, those that
 * data portals mix up are prefixed: bytes, operations per second, bits per second.
 */
const PREFIXES: Readonly<Record<string, number>> = { "": 0, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6, Z: 7, Y: 8 };
const PREFIXED = /^([kMGTPEZY]?)(B|FLOPS|bps|B\/s)$/;

/**
 * By how many powers of a thousand `unit` exceeds `other`, so that a value in one can be compared with a value in the
 * other; null where they measure different things. All counted things are commensurable.
 */
export function thousandsBetween(unit: string, other: string): number | null {
  if (unit === other || (isCount(unit) && isCount(other))) return 0;
  const [own, its] = [PREFIXED.exec(unit), PREFIXED.exec(other)];
  if (!own || !its || own[2] !== its[2]) return null;
  return (PREFIXES[own[1] ?? ""] as number) - (PREFIXES[its[1] ?? ""] as number);
}

function isCount(unit: string): boolean {
  return unit === "1" || /^\{.+\}$/.test(unit);
}
