import type { SeriesKey, SubjectId } from "../identifiers.ts";
import type { CallScope } from "../store/calls.ts";
import { type Item, numberOf, textOf } from "../store/requests.ts";
import type { Store } from "../store/store.ts";
import { type Claim, compareClaims, mergeClaims } from "./claims.ts";
import { claimsOf, compareFrequencies, isGhost, itemKey, type SeriesRecord } from "./items.ts";
import { mergeHistories } from "./notice-history.ts";

/** All series of a metric for a subject, one per frequency, coarsest first. One Query per megabyte. */
export async function readSeries(
  store: Store,
  subject: SubjectId,
  metric: string,
  scope: CallScope,
): Promise<SeriesRecord[]> {
  const items = await store.queryAll(
    {
      table: store.tables.series,
      index: "bySubject",
      partition: { attribute: "subject", value: subject },
      sort: { attribute: "metricFrequency", prefix: `${metric}|` },
    },
    scope,
  );
  return assemble(items).sort(compareFrequencies);
}

/** All items of a series in the order of their periods, read consistently, when the first one is known. */
export async function partsOf(store: Store, first: Item, scope: CallScope): Promise<Item[]> {
  if ((numberOf(first, "parts") ?? 1) === 1) return [first];
  const items = await store.queryAll(
    {
      table: store.tables.series,
      partition: { attribute: "metricGroup", value: textOf(first, "metricGroup") ?? "" },
      sort: { attribute: "subjectFrequency", prefix: textOf(first, "subjectFrequency") ?? "" },
      consistent: true,
    },
    scope,
  );
  return items.filter((item) => !isGhost(item));
}

/** Puts the parts of series together, in the order in which their first parts come. */
export function assemble(items: readonly Item[]): SeriesRecord[] {
  const records = new Map<string, { key: SeriesKey; parts: Claim[][]; histories: Uint8Array[] }>();
  for (const item of items) {
    const { key } = itemKey(item);
    const name = `${key.metric}|${key.subject}|${key.frequency}`;
    const record = records.get(name) ?? { key, parts: [], histories: [] };
    record.parts.push(claimsOf(item));
    const history = item.notices?.B;
    if (history !== undefined) record.histories.push(history);
    records.set(name, record);
  }
  return [...records.values()].map(({ key, parts, histories }) => ({
    key,
    notices: mergeHistories(histories),
    claims: mergeParts(parts),
  }));
}

/** The claims of a series from its parts in order. While a part is being split, two parts overlap; claims that stand in both count once. */
export function mergeParts(parts: readonly Claim[][]): Claim[] {
  if (parts.length === 1) return parts[0] as Claim[];
  const inOrder = parts.flat();
  const sorted = inOrder.every((claim, i) => i === 0 || compareClaims(inOrder[i - 1] as Claim, claim) < 0);
  return sorted ? inOrder : mergeClaims(inOrder);
}
