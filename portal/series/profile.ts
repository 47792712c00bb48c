import type { SubjectId } from "../identifiers.ts";
import { cutPage, type Page, type PageEntry, type PageOf } from "../paging/page.ts";
import type { Snapshot } from "../snapshot.ts";
import { type Item, numberOf, textOf } from "../store/requests.ts";
import { claimsOf, isPlacedIn, itemKey, type SeriesRecord, TOPIC_END } from "./items.ts";
import { isVisible, type Vintage } from "./resolution.ts";
import { isThere } from "./standing.ts";

/**
 * One page of a subject's series, by topic, then metric, then frequency. One Query a page; a series that is stored in
 * parts costs one more, and series that had no claim yet in the vintage, or no metric any more, are read past.
 */
export async function readProfile(
  snapshot: Snapshot,
  subject: SubjectId,
  topic: string | undefined,
  asOf: Promise<Vintage>,
  page: Page,
): Promise<PageOf<SeriesRecord>> {
  const { store, scope } = snapshot;
  const wanted = page.limit + 1;
  const found: PageEntry<SeriesRecord>[] = [];
  let startAfter: Item | undefined;
  do {
    const { items, next } = await store.queryPage(
      {
        table: store.tables.series,
        index: "byTopic",
        partition: { attribute: "subject", value: subject },
        sort: {
          attribute: "topicMetric",
          ...(topic === undefined ? {} : { prefix: `${topic}${TOPIC_END}` }),
          ...(page.after === undefined ? {} : { from: page.after }),
        },
        limit: wanted - found.length + (page.after === undefined ? 0 : 1),
        ...(startAfter ? { startAfter } : {}),
      },
      scope,
    );
    // The vintage is needed to filter only: what has to be read to know it is read meanwhile.
    const vintage = await asOf;
    for (const item of items) {
      const position = textOf(item, "topicMetric") ?? "";
      if (itemKey(item).part !== undefined || position === page.after) continue;
      // A series that moved to another table key, or never got there, has an item in each place: one of them holds all.
      const again = found.at(-1)?.position === position;
      if (again ? !isPlacedIn(item, snapshot.vintage) : isLeft(item, snapshot.vintage)) continue;
      const record = await recordOf(snapshot, item);
      if (!record || !(await isThere(snapshot, record, vintage))) continue;
      if (again) found.pop();
      found.push({ position, node: record });
    }
    startAfter = next;
  } while (startAfter && found.length < wanted);
  return cutPage(found, page);
}

function isLeft(item: Item, head: Vintage): boolean {
  const until = numberOf(item, "placedUntil");
  return until !== undefined && isVisible(until, head);
}

async function recordOf(snapshot: Snapshot, item: Item): Promise<SeriesRecord | undefined> {
  const { key } = itemKey(item);
  if ((numberOf(item, "parts") ?? 1) === 1) return { key, claims: claimsOf(item), notices: item.notices?.B };
  const records = await snapshot.series(key.subject, key.metric);
  return records.find((record) => record.key.frequency === key.frequency);
}
