import { setImmediate } from "node:timers/promises";
import type { SubjectId } from "../identifiers.ts";
import { isPlacedIn, type SeriesRecord } from "../series/items.ts";
import { assemble } from "../series/read.ts";
import type { Snapshot } from "../snapshot.ts";
import { chunks, type Item, type QuerySpec, textOf } from "../store/requests.ts";
import { areasOf } from "./areas.ts";
import { type ObservationRow, type RowSelection, rowsOf } from "./rows.ts";

/** The observations of one metric. */
export interface ObservationsRequest extends RowSelection {
  readonly metric: string;
  readonly of:
    | { readonly subject: SubjectId }
    /** Levels of regions and types of other subjects, in the order in which they come; within a region's path. */
    | { readonly kinds: readonly string[]; readonly within?: string };
}

/** Where a reader stands: behind a period of a series, or behind the whole series. */
export interface Position {
  /** The kind that is being read, by its place among those asked for. */
  readonly kind: number;
  /** The sort key of the series. */
  readonly series: string;
  readonly period: string | null;
  /** Behind the deletion of the period: what took its place elsewhere may follow. */
  readonly deleted?: boolean;
}

/** The rows of one series, behind `series` in the order of the index. */
export interface SeriesRows {
  readonly kind: number;
  readonly series: string;
  readonly rows: readonly ObservationRow[];
}

export interface ReadOptions {
  readonly after?: Position | undefined;
  /** How many items one call may bring; a megabyte's worth unless said otherwise. */
  readonly itemsPerCall?: number;
}

/** One series as it is stored. */
export interface SeriesEntry {
  readonly kind: number;
  readonly series: string;
  /** Undefined where nothing of it stands here in the vintage. */
  readonly record: SeriesRecord | undefined;
  /** Of the region that its subject is or lies in; empty where it lies in none. */
  readonly path: string;
  /** Whether it stands here in the vintage, and where it stood in the earlier one that is asked about; undefined: not here. */
  readonly isHere: boolean;
  readonly pathBefore: string | undefined;
}

export type SeriesSelection = Pick<ObservationsRequest, "metric" | "of" | "vintage" | "since">;

/**
 * Series after series, in region order within each kind, some at a time: memory holds a page of the store and a batch,
 * however much there is. A series without rows comes too, so that a reader who stops knows where.
 */
export async function* readObservations(
  snapshot: Snapshot,
  request: ObservationsRequest,
  options: ReadOptions = {},
): AsyncGenerator<readonly SeriesRows[]> {
  for await (const entries of readSeriesEntries(snapshot, request, options)) {
    yield await Promise.all(entries.map((entry) => seriesRows(snapshot, entry, request, options.after)));
  }
}

/** The same before claims become observations. A series that was read to its end is left out. */
export async function* readSeriesEntries(
  snapshot: Snapshot,
  request: SeriesSelection,
  { after, itemsPerCall }: ReadOptions = {},
): AsyncGenerator<readonly SeriesEntry[]> {
  const kinds = "subject" in request.of ? 1 : request.of.kinds.length;
  for (let kind = after?.kind ?? 0; kind < kinds; kind += 1) {
    const start = after?.kind === kind ? after : undefined;
    const range = { ...rangeOf(snapshot, request, kind, start), ...(itemsPerCall ? { limit: itemsPerCall } : {}) };
    let rest: readonly Item[] = [];
    for await (const { items, next } of pagesOf(snapshot, range, itemsPerCall === undefined)) {
      // The parts of a long series lie side by side: the last one of a page may go on in the next.
      const groups = groupBySeries([...rest, ...items], sortOf(request));
      const whole = next ? groups.slice(0, -1) : groups;
      rest = next ? (groups.at(-1)?.items ?? []) : [];
      const wanted = whole.filter(({ series }) => series !== start?.series || start.period !== null);
      for (const batch of chunks(wanted, SERIES_PER_BATCH)) {
        // The page that is on its way gets no further while nothing is waited for.
        if (next) await setImmediate();
        yield batch.map((group) => seriesEntry(group, request, kind));
      }
    }
  }
}

/** A megabyte of packed series unpacks to a hundred thousand rows: more than a young heap holds at once. */
const SERIES_PER_BATCH = 32;

type StorePage = Awaited<ReturnType<Snapshot["store"]["queryPage"]>>;

/** The pages of a range; where everything is wanted, the next one is on its way while somebody is busy with this one. */
async function* pagesOf({ store, scope }: Snapshot, range: QuerySpec, ahead: boolean): AsyncGenerator<StorePage> {
  const read = (startAfter?: Item) => store.queryPage({ ...range, ...(startAfter ? { startAfter } : {}) }, scope);
  let page: StorePage | undefined = await read();
  while (page) {
    const upcoming: Promise<StorePage> | undefined = ahead && page.next ? read(page.next) : undefined;
    // Whoever stops here never asks how it went.
    upcoming?.catch(() => undefined);
    yield page;
    page = page.next ? await (upcoming ?? read(page.next)) : undefined;
  }
}

type SortKey = "metricFrequency" | "place";

function sortOf({ of }: SeriesSelection): SortKey {
  return "subject" in of ? "metricFrequency" : "place";
}

function rangeOf({ store }: Snapshot, request: SeriesSelection, kind: number, start?: Position): QuerySpec {
  const { of, metric } = request;
  const table = store.tables.series;
  const from = start ? { from: start.series } : {};
  if ("subject" in of) {
    return {
      table,
      index: "bySubject",
      partition: { attribute: "subject", value: of.subject },
      sort: { attribute: "metricFrequency", prefix: `${metric}|`, ...from },
    };
  }
  const prefix = of.within === undefined ? {} : { prefix: of.within };
  return {
    table,
    index: "byPlace",
    partition: { attribute: "metricKind", value: `${metric}|${of.kinds[kind]}` },
    ...(start || of.within !== undefined ? { sort: { attribute: "place", ...prefix, ...from } } : {}),
  };
}

interface Group {
  readonly series: string;
  readonly items: Item[];
}

function groupBySeries(items: readonly Item[], sort: SortKey): Group[] {
  const groups: Group[] = [];
  for (const item of items) {
    const series = withoutPart(textOf(item, sort) ?? "");
    const last = groups.at(-1);
    if (last?.series === series) last.items.push(item);
    else groups.push({ series, items: [item] });
  }
  return groups;
}

/** `…#region:5201|M|2010-01` → `…#region:5201|M`: what all parts of a series have in common. */
function withoutPart(key: string): string {
  return key.split("|").slice(0, 2).join("|");
}

function seriesEntry({ series, items }: Group, { vintage, since }: SeriesSelection, kind: number): SeriesEntry {
  const now = items.filter((item) => isPlacedIn(item, vintage));
  const before = since === undefined ? [] : items.filter((item) => isPlacedIn(item, since));
  // What moves takes all its claims along, so where it is now it also knows what it was before.
  const [record] = assemble(now.length > 0 ? now : before);
  const pathBefore = before[0] && placePath(before[0]);
  const path = now[0] ? placePath(now[0]) : (pathBefore ?? "");
  return { kind, series, record, path, isHere: now.length > 0, pathBefore };
}

function placePath(item: Item): string {
  return textOf(item, "place")?.split("#", 1)[0] ?? "";
}

async function seriesRows(snapshot: Snapshot, entry: SeriesEntry, request: ObservationsRequest, after?: Position) {
  const { kind, series, record } = entry;
  const rows = record ? rowsOf(record, await areasOf(snapshot, entry, record.key.subject, request), request) : [];
  const isStart = kind === after?.kind && series === after.series;
  const isLast = ({ timePeriod, action }: ObservationRow) =>
    timePeriod === after?.period && (action === "D") === (after.deleted ?? false);
  const done = isStart ? rows.findIndex(isLast) + 1 : 0;
  return { kind, series, rows: rows.slice(done) };
}

/** One page of observations. */
export interface ObservationPage {
  readonly rows: readonly ObservationRow[];
  /** Where the next page goes on; null at the end. */
  readonly next: Position | null;
}

/** What a page may hold besides its rows' fixed part: notes and sources are as long as their publisher made them. */
const MAX_NOTE_BYTES = 1_000_000;
/**
 * A page reads no more series than it may have rows, or than this: a filter that lets little through must not read a whole
 * metric for it.
 */
const LEAST_SERIES = 100;
const MAX_ITEMS_PER_CALL = 250;

/**
 * At most `limit` rows after a position. Reads in proportion to the page; a page may hold fewer rows, or none, and
 * still not be the last.
 */
export async function readObservationPage(
  snapshot: Snapshot,
  request: ObservationsRequest,
  { limit, after }: { limit: number; after?: Position | undefined },
): Promise<ObservationPage> {
  const itemsPerCall = Math.min(Math.max(Math.ceil(limit / 4), 10), MAX_ITEMS_PER_CALL);
  const rows: ObservationRow[] = [];
  let position = after ?? null;
  let noteBytes = 0;
  let seen = 0;
  for await (const batch of readObservations(snapshot, request, { after, itemsPerCall })) {
    if (seen >= Math.max(limit, LEAST_SERIES)) return { rows, next: position };
    seen += batch.length;
    for (const { kind, series, rows: found } of batch) {
      for (const row of found) {
        noteBytes += Buffer.byteLength(row.note);
        if (rows.length === limit || (rows.length > 0 && noteBytes > MAX_NOTE_BYTES)) return { rows, next: position };
        rows.push(row);
        position = { kind, series, period: row.timePeriod, deleted: row.action === "D" };
      }
      position = { kind, series, period: null };
    }
  }
  return { rows, next: null };
}
