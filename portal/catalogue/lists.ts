import { badInput } from "../errors.ts";
import { cutPage, type Page, type PageEntry, type PageOf } from "../paging/page.ts";
import type { Vintage } from "../series/resolution.ts";
import type { CallScope } from "../store/calls.ts";
import { compareKeys, type Item, textOf } from "../store/requests.ts";
import type { Store } from "../store/store.ts";
import type { AnyEntity } from "./entities.ts";
import { entityOf, standsAt } from "./items.ts";
import { type IndexRange, type ListRequest, planList, SORT_LIMIT } from "./list-plan.ts";
import { facetsOf, placementOf } from "./placement.ts";

export interface ListSource {
  readonly store: Store;
  readonly scope: CallScope;
  readonly vintage: Vintage;
  /** The kinds that entities of the requested type have at HEAD; asked for only by name orders over all kinds. */
  readonly kinds: () => Promise<readonly string[]>;
  /** Whether the list is too long to be sorted, but nearly all of its type and kind; asked for only by name orders. */
  readonly nearlyAll?: (request: ListRequest) => Promise<boolean>;
}

type Entry = PageEntry<AnyEntity>;

/** One page of a list of entities, as the vintage has them. */
export async function listEntities(source: ListSource, request: ListRequest, page: Page): Promise<PageOf<AnyEntity>> {
  const plan = planList(request, request.order.field === "NAME" && (await source.nearlyAll?.(request)));
  const descending = request.order.descending !== page.backward;
  const wanted: Wanted = { page, descending, count: page.limit + 1 };
  if (plan.by === "index") return cutPage(await readRange(source, plan.range, wanted), page);
  if (plan.by === "sort") return cutPage(pick(await readWhole(source, plan.range), wanted), page);
  const ranges = (await source.kinds()).map(plan.rangeOf);
  const read = await Promise.all(ranges.map((range) => readRange(source, range, wanted)));
  return cutPage(pick(read.flat(), wanted), page);
}

/** Entries strictly between the page's cursors, in the direction of reading. */
interface Wanted {
  readonly page: Pick<Page, "after" | "before" | "backward">;
  readonly descending: boolean;
  readonly count: number;
}

/** DynamoDB ends a page of a Query at 1 MB, which is about as many entries. */
const MOST_ENTRIES_A_CALL = 1000;

/**
 * Reads an index until enough entries are found. Beyond the page it reads: one entry to know whether there is more,
 * the entry that a cursor stands on, entries of another kind under the same parent, and what a release under way has
 * moved or deleted; no more than that. However many of those there are, they are stepped over in strides that double.
 */
async function readRange(source: ListSource, range: IndexRange, wanted: Wanted): Promise<Entry[]> {
  const { low, high } = bounds(wanted);
  // Nothing lies between cursors that have crossed, and DynamoDB refuses a range whose end lies before its start.
  if (low !== undefined && high !== undefined && compareKeys(low, high) >= 0) return [];
  const atCursor = low === undefined && high === undefined ? 0 : 1;
  const found: Entry[] = [];
  let startAfter: Item | undefined;
  let steppedOver = 0;
  do {
    const { items, next } = await source.store.queryPage(
      {
        table: source.store.tables.catalogue,
        index: range.index,
        partition: range.partition,
        sort: {
          attribute: range.sort,
          ...(range.prefix === undefined ? {} : { prefix: range.prefix }),
          ...(low === undefined ? {} : { from: low }),
          ...(high === undefined ? {} : { to: high }),
        },
        descending: wanted.descending,
        limit: Math.max(wanted.count - found.length + atCursor, Math.min(2 * steppedOver, MOST_ENTRIES_A_CALL)),
        ...(startAfter ? { startAfter } : {}),
      },
      source.scope,
    );
    const before = found.length;
    for (const item of items) {
      const entry = entryOf(item, range, source.vintage);
      if (!entry || entry.position === low || entry.position === high) continue;
      if (found.at(-1)?.position !== entry.position) found.push(entry);
    }
    steppedOver = items.length - (found.length - before);
    startAfter = next;
  } while (startAfter && found.length < wanted.count);
  return found.slice(0, wanted.count);
}

/** The lower and upper cursor in key order, whatever the direction of the list. */
function bounds({ page, descending }: Wanted): { low: string | undefined; high: string | undefined } {
  const listDescending = descending !== page.backward;
  return listDescending ? { low: page.before, high: page.after } : { low: page.after, high: page.before };
}

function entryOf(item: Item, range: IndexRange, vintage: Vintage): Entry | undefined {
  const node = entityOf(item, vintage);
  if (!node || !standsAt(item, node, range.partition.attribute, range.sort)) return undefined;
  const { kind, path } = facetsOf(node.type, node.body);
  if (range.kind !== undefined && kind !== range.kind) return undefined;
  if (range.within !== undefined && !path.startsWith(range.within)) return undefined;
  return { node, position: textOf(item, range.sort) ?? "" };
}

async function readWhole(source: ListSource, range: IndexRange): Promise<Entry[]> {
  const entries = await readRange(source, range, {
    page: { backward: false },
    descending: false,
    count: SORT_LIMIT + 1,
  });
  if (entries.length <= SORT_LIMIT) {
    return entries.map(({ node }) => ({ node, position: placementOf(node.type, node.localId, node.body).nameKey }));
  }
  throw badInput(
    "orderBy",
    `order by NAME sorts at most ${SORT_LIMIT} matches here: narrow the filter, or order by REGION`,
  );
}

/** What lies between the cursors, in the direction of reading. */
function pick(entries: readonly Entry[], wanted: Wanted): Entry[] {
  const { low, high } = bounds(wanted);
  return entries
    .filter(({ position }) => low === undefined || compareKeys(position, low) > 0)
    .filter(({ position }) => high === undefined || compareKeys(position, high) < 0)
    .sort((a, b) => compareKeys(a.position, b.position) * (wanted.descending ? -1 : 1))
    .slice(0, wanted.count);
}
