/**
 * SDMX CL_OBS_STATUS, with `T` for targets as our one extension. `M`, `O` and `Q` say why there is no value: it cannot
 * exist, it is missing, it is withheld.
 */
export const OBSERVATION_STATUSES = ["A", "P", "E", "F", "T", "M", "O", "Q"] as const;
export type ObservationStatus = (typeof OBSERVATION_STATUSES)[number];

/** Statuses that stand in place of a value. */
export const VALUELESS: ReadonlySet<ObservationStatus> = new Set(["M", "O", "Q"]);

/**
 * What is stored: a source says that the series had this value in this period. Claims are only ever added; within
 * one series a claim is identified by (period, source, release).
 */
export interface Claim {
  /** Index of the time period in the series' frequency. */
  readonly period: number;
  /** Canonical decimal, or null with a status of M, O or Q, or for a withdrawal. */
  readonly value: string | null;
  /** The status; null withdraws what the source said before (a tombstone). */
  readonly status: ObservationStatus | null;
  /** Id of the source, without prefix. */
  readonly source: string;
  /** When the source was published, to the precision known; empty when unknown. Orders rival sources. */
  readonly publishedOn: string;
  readonly release: number;
  readonly note: string;
}

/** Canonical order: period, then source, then release. */
export function compareClaims(a: Claim, b: Claim): number {
  return a.period - b.period || compareText(a.source, b.source) || a.release - b.release;
}

/** The union of claims in canonical order; the same claim from two places counts once. */
export function mergeClaims(...lists: readonly (readonly Claim[])[]): Claim[] {
  const sorted = lists.flat().sort(compareClaims);
  return sorted.filter((claim, i) => {
    const before = sorted[i - 1];
    return before === undefined || compareClaims(before, claim) !== 0;
  });
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
