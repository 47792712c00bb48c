import type { SubjectId } from "../identifiers.ts";
import type { Claim, ObservationStatus } from "../series/claims.ts";
import type { SeriesRecord } from "../series/items.ts";
import { between } from "../series/periods.ts";
import { headlines, type Vintage } from "../series/resolution.ts";
import { type Frequency, formatTimePeriod, indexRange, type TimePeriod } from "../series/time-period.ts";

/** What the observations of a series have in common. Ids without prefix, but for the subject's, whose type is part of what it is. */
export interface ObservedSeries {
  readonly metric: string;
  readonly subject: SubjectId;
  /** Code of the region that the subject is or lies in; empty where it lies in none. */
  readonly region: string;
  readonly frequency: Frequency;
  readonly unit: string;
}

/** One observation as partners get it: its headline, with everything that identifies it. */
export interface ObservationRow {
  /** One object for all rows of a series: millions of them pass through. */
  readonly series: ObservedSeries;
  /** `D`: what was here in the release that was asked about is not any more; it then has no value and no status. */
  readonly action: "M" | "D";
  readonly timePeriod: string;
  /** Canonical decimal; null with a status that says why. */
  readonly value: string | null;
  readonly status: ObservationStatus | null;
  /** Id without prefix. */
  readonly source: string;
  /** When the source was published, to the precision known; empty when unknown. */
  readonly publishedOn: string;
  /** The release that stated it. */
  readonly release: number;
  readonly note: string;
}

/** Which observations of a series are wanted. */
export interface RowSelection {
  readonly unit: string;
  readonly from?: TimePeriod | undefined;
  readonly to?: TimePeriod | undefined;
  /** Only the latest n of each series. */
  readonly last?: number | undefined;
  readonly statuses: ReadonlySet<ObservationStatus>;
  readonly vintage: Vintage;
  /** Only what differs from this earlier vintage. */
  readonly since?: Vintage | undefined;
}

/** Code of the region that a series is of, or whose subject lies there; undefined where it is not among what is asked for. */
export interface Areas {
  readonly now: string | undefined;
  /** In the earlier vintage, where one is asked about. */
  readonly before: string | undefined;
}

/**
 * The rows of a series, in the order of their periods. The area is part of what an observation is: of a subject that moved
 * the old rows are gone and the new ones new, a deletion before what takes its place.
 */
export function rowsOf(record: SeriesRecord, { now, before }: Areas, selection: RowSelection): ObservationRow[] {
  const { vintage, since, unit } = selection;
  const standing = now === undefined ? [] : pick(record, vintage, selection);
  const row = rowMaker(record, now ?? "", unit);
  if (since === undefined) return standing.map(row);
  const stood = before === undefined ? [] : pick(record, since, selection);
  const isMoved = now !== before;
  const [then, still] = [byPeriod(stood), byPeriod(standing)];
  const gone = stood.filter(({ period }) => isMoved || !still.has(period));
  const changed = standing.filter((each) => isMoved || !isSame(each, then.get(each.period)));
  const rowBefore = rowMaker(record, before ?? "", unit);
  return [
    ...gone.map((each) => ({ period: each.period, row: deletion(rowBefore(each)) })),
    ...changed.map((each) => ({ period: each.period, row: row(each) })),
  ]
    .sort((a, b) => a.period - b.period)
    .map((each) => each.row);
}

function byPeriod(headlines: readonly Claim[]): ReadonlyMap<number, Claim> {
  return new Map(headlines.map((headline) => [headline.period, headline]));
}

function pick({ key, claims }: SeriesRecord, vintage: Vintage, { from, to, last, statuses }: RowSelection): Claim[] {
  const range = indexRange(key.frequency, from, to);
  const found = headlines(between(claims, range.first, range.last), vintage, statuses);
  return last === undefined ? found : found.slice(-last);
}

function rowMaker({ key }: SeriesRecord, region: string, unit: string) {
  const { metric, subject, frequency } = key;
  const series: ObservedSeries = { metric, subject, region, frequency, unit };
  return ({ period, value, status, source, publishedOn, release, note }: Claim): ObservationRow => ({
    series,
    action: "M",
    timePeriod: formatTimePeriod({ frequency, index: period }),
    value,
    status,
    source,
    publishedOn,
    release,
    note,
  });
}

/** A claim is identified by period, source and release, and never changes. */
function isSame(headline: Claim, before: Claim | undefined): boolean {
  return before?.source === headline.source && before.release === headline.release;
}

function deletion(row: ObservationRow): ObservationRow {
  return { ...row, action: "D", value: null, status: null, note: "" };
}
