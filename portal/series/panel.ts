import { badInput } from "../errors.ts";
import type { EntityId, SubjectId } from "../identifiers.ts";
import type { Snapshot } from "../snapshot.ts";
import type { QuerySpec } from "../store/requests.ts";
import type { ObservationStatus } from "./claims.ts";
import { compareDecimals } from "./decimal.ts";
import { compareFrequencies, isPlacedIn, type SeriesRecord } from "./items.ts";
import { between } from "./periods.ts";
import { assemble } from "./read.ts";
import { headlines, isVisible, type StatedClaim, type Vintage } from "./resolution.ts";
import { hasObservation } from "./standing.ts";
import { type Frequency, formatTimePeriod, indexRange, type TimePeriod } from "./time-period.ts";

/** Which subjects a panel has: each is one range of the series table or of an index of it. */
export type PanelSelection =
  | { readonly childrenOf: EntityId }
  /** `kind` is the level of regions or the type of other subjects; `within` the path of a region. */
  | { readonly kind: string; readonly within?: string };

export interface PanelRequest {
  readonly metric: string;
  readonly of: PanelSelection;
  readonly frequency?: Frequency | undefined;
  readonly from?: TimePeriod | undefined;
  readonly to?: TimePeriod | undefined;
  /** Only the latest n of the periods that are left. */
  readonly last?: number | undefined;
  readonly statuses: ReadonlySet<ObservationStatus>;
  readonly orderBy?: { readonly timePeriod: TimePeriod; readonly descending: boolean } | undefined;
  /** Only the first n rows. */
  readonly top?: number | undefined;
  readonly vintage: Vintage;
  /** Asked before the table is made, whether so many claims may be looked at for it. */
  readonly admits?: (claims: number) => boolean;
}

/** One metric for many subjects: the periods once, then for every subject a cell for each of them. */
export interface Panel {
  readonly frequency: Frequency;
  readonly timePeriods: readonly string[];
  readonly rows: readonly PanelRow[];
  /** How many rows there were before `top` cut them. */
  readonly rowCount: number;
}

export interface PanelRow {
  readonly subject: SubjectId;
  /** A cell for each period of the panel; null where no source states anything. */
  readonly cells: readonly (PanelCell | null)[];
}

export interface PanelCell {
  readonly value: string | null;
  readonly status: ObservationStatus;
}

/** Cells that one answer can have; a larger table is asked for piece by piece. */
export const MAX_CELLS = 250_000;

/**
 * Reads a panel: one Query per megabyte. Rows are the subjects that have an observation in one of its periods, in the
 * order of their regions and ids unless ordered by a period's value. Null when the selection has no series of the
 * metric, or is not admitted.
 */
export async function readPanel(snapshot: Snapshot, request: PanelRequest): Promise<Panel | null> {
  const records = await readOnce(snapshot, request);
  const frequency = request.frequency ?? coarsest(records, request);
  if (frequency === undefined) return null;
  const { first, last } = indexRange(frequency, request.from, request.to);
  const series = records
    .filter(({ key }) => key.frequency === frequency)
    .map((record) => ({ ...record, claims: between(record.claims, first, last) }));
  const claims = series.reduce((total, record) => total + record.claims.length, 0);
  return request.admits?.(claims) === false ? null : tabulate(series, frequency, request);
}

/** Ranks of one metric are all found in the same series: read and unpacked once, whichever periods they are of. */
function readOnce(snapshot: Snapshot, request: PanelRequest): Promise<readonly SeriesRecord[]> {
  const { metric, of, vintage } = request;
  const name = JSON.stringify([metric, of, vintage.release]);
  const reading = snapshot.panels.get(name) ?? readRecords(snapshot, request);
  snapshot.panels.set(name, reading);
  return reading;
}

async function readRecords(snapshot: Snapshot, request: PanelRequest): Promise<readonly SeriesRecord[]> {
  const { vintage } = request;
  const items = await snapshot.store.queryAll(panelQuery(snapshot, request), snapshot.scope);
  const seen = items.filter((item) => isPlacedIn(item, vintage));
  return assemble(seen).filter(({ claims }) => claims.some(({ release }) => isVisible(release, vintage)));
}

/** The coarsest frequency at which there is an observation that the panel could show; if there is none, the coarsest at all. */
function coarsest(records: readonly SeriesRecord[], { vintage, statuses }: PanelRequest): Frequency | undefined {
  const sorted = [...records].sort(compareFrequencies);
  return (sorted.find((record) => hasObservation(record, vintage, statuses)) ?? sorted[0])?.key.frequency;
}

function panelQuery({ store }: Snapshot, { metric, of }: PanelRequest): QuerySpec {
  const table = store.tables.series;
  if ("childrenOf" in of) {
    const group = of.childrenOf.slice("region:".length);
    return { table, partition: { attribute: "metricGroup", value: `${metric}|${group}` } };
  }
  return {
    table,
    index: "byPlace",
    partition: { attribute: "metricKind", value: `${metric}|${of.kind}` },
    ...(of.within === undefined ? {} : { sort: { attribute: "place", prefix: of.within } }),
  };
}

/** Pure: from series to a table. */
export function tabulate(records: readonly SeriesRecord[], frequency: Frequency, request: PanelRequest): Panel {
  const { first, last } = indexRange(frequency, request.from, request.to);
  const series = records.map(({ key, claims }) => ({
    subject: key.subject,
    observed: headlines(between(claims, first, last), request.vintage, request.statuses),
  }));
  const reported = new Set(series.flatMap(({ observed }) => observed.map(({ period }) => period)));
  const periods = periodsOf(reported, { first, last }, { ...request, rows: series.length });
  const columns = new Map(periods.map((period, column) => [period, column]));
  const rows = series
    .map(({ subject, observed }) => ({ subject, cells: cellsOf(observed, columns) }))
    .filter(({ cells }) => cells.some((cell) => cell !== null));
  const ordered = request.orderBy ? orderRows(rows, frequency, columns, request.orderBy) : rows;
  return {
    frequency,
    timePeriods: periods.map((index) => formatTimePeriod({ frequency, index })),
    rows: ordered.slice(0, request.top),
    rowCount: rows.length,
  };
}

/**
 * The columns. Where the caller named an end, all periods from there, whether anybody reported or not, to the other
 * end or what was observed last (or first); where none is named, those that were observed.
 */
function periodsOf(
  observed: ReadonlySet<number>,
  { first, last }: { first: number; last: number },
  { last: latest = Number.POSITIVE_INFINITY, rows }: { last?: number | undefined; rows: number },
): number[] {
  const sorted = [...observed].sort((a, b) => a - b);
  const named = Number.isFinite(first) || Number.isFinite(last);
  const start = Number.isFinite(first) ? first : (sorted[0] ?? Number.POSITIVE_INFINITY);
  const end = Number.isFinite(last) ? last : (sorted.at(-1) ?? Number.NEGATIVE_INFINITY);
  const length = Math.min(named ? Math.max(end - start + 1, 0) : sorted.length, latest);
  if (length * Math.max(rows, 1) > MAX_CELLS) {
    throw badInput("of", `the panel would have more than ${MAX_CELLS} cells: narrow the subjects or the time periods`);
  }
  return named ? Array.from({ length }, (_, i) => end - length + 1 + i) : sorted.slice(sorted.length - length);
}

function cellsOf(observed: readonly StatedClaim[], columns: ReadonlyMap<number, number>): (PanelCell | null)[] {
  const cells: (PanelCell | null)[] = new Array(columns.size).fill(null);
  for (const { period, value, status } of observed) {
    const column = columns.get(period);
    if (column !== undefined) cells[column] = { value, status };
  }
  return cells;
}

/** By the value in one period; rows without a value there come last in both directions, in their usual order. */
function orderRows(
  rows: readonly PanelRow[],
  frequency: Frequency,
  columns: ReadonlyMap<number, number>,
  { timePeriod, descending }: NonNullable<PanelRequest["orderBy"]>,
): PanelRow[] {
  const column = timePeriod.frequency === frequency ? columns.get(timePeriod.index) : undefined;
  if (column === undefined) {
    const text = formatTimePeriod(timePeriod);
    throw badInput("orderBy.timePeriod", `${text} is no period of the panel`);
  }
  const valueIn = ({ cells }: PanelRow) => cells[column]?.value ?? null;
  const valued = rows.filter((row) => valueIn(row) !== null);
  const direction = descending ? -1 : 1;
  valued.sort((a, b) => compareDecimals(valueIn(a) as string, valueIn(b) as string) * direction);
  return [...valued, ...rows.filter((row) => valueIn(row) === null)];
}
