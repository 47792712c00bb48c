import { isDeepStrictEqual } from "node:util";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { PortalError } from "../errors.ts";
import type { Vintage } from "../series/resolution.ts";
import { type CallScope, isConditionFailed } from "../store/calls.ts";
import { chunks, type Item, numberOf } from "../store/requests.ts";
import { BATCH_PUT_LIMIT, type Store } from "../store/store.ts";
import { revisionOf } from "./change-records.ts";
import { mapConcurrently } from "./concurrency.ts";
import { unchangedSince } from "./lease.ts";

/** Where a release is being staged: the number it will have, and the state that it builds on. */
export interface Staging {
  readonly store: Store;
  readonly release: number;
  /** Digest of the files: a number that was given back can go to other files. */
  readonly digest: string;
  /** What readers of HEAD see; staged items are made from this and nothing else. */
  readonly base: Vintage;
  /** A fresh scope for a call: staging may take long, a call may not. */
  readonly scope: () => CallScope;
  /**
   * The same for a write. Throws RELEASE_IN_PROGRESS when the right to write may be lost before a call that is sent now
   * comes to its end, and so does each attempt of the call.
   */
  readonly writing: () => CallScope;
  /** How many calls are under way at a time. */
  readonly concurrency: number;
  /** Entities that the search index has room for. */
  readonly maxDocuments: number;
}

/** The key attributes of the two tables that staging writes. */
const KEY_ATTRIBUTES = { catalogue: ["id"], series: ["metricGroup", "subjectFrequency"] } as const;

/**
 * Puts items that did not exist when they were looked for, 25 a call. Batches know no conditions: what keeps a
 * stalled importer from overwriting its successor's items is the lease, which is checked before each attempt leaves.
 */
export async function stageNewItems(
  staging: Staging,
  table: keyof typeof KEY_ATTRIBUTES,
  items: readonly Item[],
): Promise<void> {
  const marked = items.map((item) => stagedItem(staging, item, 0));
  await mapConcurrently(chunks(marked, BATCH_PUT_LIMIT), staging.concurrency, (batch) =>
    staging.store.putBatch(staging.store.tables[table], batch, staging.writing()),
  );
}

/**
 * Puts an item if nobody has touched it since it was read as `before`; not where an earlier run of this release left it
 * just so. When the answer to a write that went through was lost, the retry meets its own work and is content.
 * @returns whether it was written.
 * @throws RELEASE_IN_PROGRESS when somebody else wrote the item.
 */
export async function stageItem(
  staging: Staging,
  table: keyof typeof KEY_ATTRIBUTES,
  item: Item,
  before: Item | undefined,
): Promise<boolean> {
  const { store, release, scope } = staging;
  if (isStagedAlready(staging, item, before)) return false;
  const revision = revisionOf(before);
  const staged = stagedItem(staging, item, revision);
  const name = store.tables[table];
  const keys = KEY_ATTRIBUTES[table];
  // Who reads after the lease was lost sees what the successor wrote, and no condition would keep it from overwriting that.
  const writing = staging.writing();
  try {
    await store.put(name, staged, writing, unchangedSince(revision, keys[0]));
    return true;
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    const key = Object.fromEntries(keys.map((attribute) => [attribute, item[attribute]])) as Item;
    const found = await store.get(name, key, scope(), true);
    if (found && revisionOf(found) === revision + 1 && numberOf(found, "stagedBy") === release) return true;
    throw new PortalError("RELEASE_IN_PROGRESS", "another publication is writing; nothing of this one was published");
  }
}

/** Deletes an item that only holds a place, or does not exist any more. Like batches, deletions know no condition. */
export async function removeItem(staging: Staging, table: keyof typeof KEY_ATTRIBUTES, key: Item): Promise<void> {
  await staging.store.delete(staging.store.tables[table], key, staging.writing());
}

function isStagedAlready({ release }: Staging, item: Item, found: Item | undefined): boolean {
  if (found === undefined || numberOf(found, "stagedBy") !== release) return false;
  const { revision: _revision, stagedBy: _stagedBy, ...content } = found;
  const names = Object.keys(item);
  return names.length === Object.keys(content).length && names.every((name) => isSame(content[name], item[name]));
}

function isSame(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  return a?.B && b?.B ? Buffer.compare(a.B, b.B) === 0 : isDeepStrictEqual(a, b);
}

function stagedItem({ release }: Staging, item: Item, revision: number): Item {
  return { ...item, revision: { N: String(revision + 1) }, stagedBy: { N: String(release) } };
}
