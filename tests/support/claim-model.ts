import type { MadeRow } from "./releases.ts";

/**
 * DESIGN's "from claims to observations", written down a second time, as plainly as can be, to hold the portal
 * against: quadratic, on texts, without a thought for storage.
 */

export interface ModelClaim {
  /** As in the global id: `volume/region:ZZ/A`. */
  readonly series: string;
  readonly timePeriod: string;
  readonly source: string;
  readonly publishedOn: string;
  readonly release: number;
  readonly note: string | null;
  readonly value: string | null;
  /** Null withdraws. */
  readonly status: string | null;
}

/** An observation as the API answers it. */
export interface ModelObservation extends StatedClaim {
  readonly timePeriod: string;
  readonly alternatives: readonly StatedClaim[];
}

export interface StatedClaim {
  readonly value: string | null;
  readonly status: string;
  readonly note: string | null;
  readonly source: { readonly id: string };
  readonly release: { readonly number: number };
  readonly revisions: readonly Omit<StatedClaim, "revisions">[];
}

export const ALL_STATUSES = ["A", "P", "E", "F", "T", "M", "O", "Q"];
export const MEASURED = ALL_STATUSES.filter((status) => status !== "T");
const RANKS = ["A", "P", "E", "F", "T"];

/** The claims that rows amount to, release by release: what repeats or withdraws nothing new is no claim. */
export function claimsOf(releases: readonly { number: number; rows: readonly MadeRow[] }[]): ModelClaim[] {
  const claims: ModelClaim[] = [];
  for (const { number, rows } of releases) {
    const standing = standingOf(claims);
    const stated = new Map<string, ModelClaim>();
    for (const row of rows.filter(({ action }) => action === "D")) {
      for (const claim of standing.filter((one) => isMeant(row, one))) {
        stated.set(nameOf(claim), { ...claim, ...NOTHING, release: number });
      }
    }
    for (const row of rows.filter(({ action }) => action !== "D")) {
      const claim = claimOf(row, number);
      const before = standing.find((other) => nameOf(other) === nameOf(claim));
      if (before && saysTheSame(before, claim)) stated.delete(nameOf(claim));
      else stated.set(nameOf(claim), claim);
    }
    claims.push(...stated.values());
  }
  return claims;
}

const NOTHING = { value: null, status: null, note: null, publishedOn: "" };

function claimOf(row: MadeRow, release: number): ModelClaim {
  return {
    series: `${row.metric_id}/${subjectOf(row)}/${frequencyOf(row.time_period ?? "")}`,
    timePeriod: row.time_period ?? "",
    source: row.source_id ?? "",
    publishedOn: row.published_on ?? "",
    release,
    note: row.note || null,
    value: row.value || null,
    status: row.obs_status || "A",
  };
}

function subjectOf({ subject_type = "", subject_id }: MadeRow): string {
  return `${subject_type.toLowerCase()}:${subject_id}`;
}

/** A deletion means what it names; where it names no period or no source, all of them. */
function isMeant(row: MadeRow, claim: ModelClaim): boolean {
  return (
    claim.series.startsWith(`${row.metric_id}/${subjectOf(row)}/`) &&
    (!row.time_period || row.time_period === claim.timePeriod) &&
    (!row.source_id || row.source_id === claim.source)
  );
}

function standingOf(claims: readonly ModelClaim[]): ModelClaim[] {
  const newest = new Map(claims.map((claim) => [nameOf(claim), claim]));
  return [...newest.values()].filter(({ status }) => status !== null);
}

function nameOf({ series, timePeriod, source }: ModelClaim): string {
  return `${series}|${timePeriod}|${source}`;
}

function saysTheSame(a: ModelClaim, b: ModelClaim): boolean {
  return a.value === b.value && a.status === b.status && a.publishedOn === b.publishedOn && a.note === b.note;
}

/** The observations of a series as of a release, in the order of time. */
export function observationsOf(
  claims: readonly ModelClaim[],
  series: string,
  release: number,
  statuses: readonly string[] = MEASURED,
): ModelObservation[] {
  const visible = claims.filter((claim) => claim.series === series && claim.release <= release);
  const periods = [...new Set(visible.map(({ timePeriod }) => timePeriod))].sort();
  return periods.flatMap((timePeriod) => {
    const here = visible.filter((claim) => claim.timePeriod === timePeriod);
    const sources = [...new Set(here.map(({ source }) => source))];
    const standing = sources
      .map((source) => here.filter((claim) => claim.source === source).sort((a, b) => b.release - a.release))
      .filter(([newest]) => newest?.status != null && statuses.includes(newest.status))
      .sort(([a], [b]) => compareBest(a as ModelClaim, b as ModelClaim));
    const [headline, ...alternatives] = standing.map(([newest, ...older]) => ({
      ...stated(newest as ModelClaim),
      revisions: older.filter(({ status }) => status !== null).map(stated),
    }));
    return headline ? [{ timePeriod, ...headline, alternatives }] : [];
  });
}

function stated({ value, status, note, source, release }: ModelClaim) {
  return { value, status: status as string, note, source: { id: `source:${source}` }, release: { number: release } };
}

function compareBest(a: ModelClaim, b: ModelClaim): number {
  const rank = ({ status }: ModelClaim) => (status && RANKS.includes(status) ? RANKS.indexOf(status) : 9);
  const reason = ({ status }: ModelClaim) => ["Q", "M", "O"].indexOf(status ?? "");
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (reason(a) !== reason(b)) return reason(a) - reason(b);
  if (a.publishedOn !== b.publishedOn) return a.publishedOn > b.publishedOn ? -1 : 1;
  if (a.release !== b.release) return b.release - a.release;
  return a.source < b.source ? -1 : 1;
}

/** SDMX: the form of a period says its frequency. */
export function frequencyOf(timePeriod: string): string {
  if (/^\d{4}$/.test(timePeriod)) return "A";
  if (/^\d{4}-\d{2}$/.test(timePeriod)) return "M";
  return timePeriod.match(/-([SQW])/)?.[1] ?? "D";
}
