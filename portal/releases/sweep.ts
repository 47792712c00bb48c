import { entityOf } from "../catalogue/items.ts";
import type { EntityId } from "../identifiers.ts";
import { chunks, type Item, textOf } from "../store/requests.ts";
import { mapConcurrently } from "./concurrency.ts";
import { removeItem, type Staging, stageItem } from "./stage.ts";
import { itemsById } from "./stage-entities.ts";

/** What a release leaves behind for readers of the one before, once everybody reads the new one. */
export interface Leftovers {
  /** Keys of catalogue items that held a place, or a block of the search index. */
  readonly ghosts: readonly string[];
  /** Entities that were deleted: they leave the indexes, their history stays. */
  readonly deleted: readonly EntityId[];
}

/** Keys that one note holds: a note stays far below the size of an item. */
const PER_NOTE = 500;

type Entry = { ghost: string } | { deleted: EntityId };

function noteKey(release: number, n: number): string {
  return `leftovers:${release}:${n}`;
}

/** Notes down what the next publication has to remove. Returns how many notes there are. */
export async function stageLeftovers(staging: Staging, { ghosts, deleted }: Leftovers): Promise<number> {
  const entries: Entry[] = [...ghosts.map((ghost) => ({ ghost })), ...deleted.map((id) => ({ deleted: id }))];
  const notes = chunks(entries, PER_NOTE);
  for (const [n, note] of notes.entries()) {
    const id = noteKey(staging.release, n);
    const before = (await itemsById(staging, [id])).get(id);
    await stageItem(staging, "catalogue", { id: { S: id }, entries: { S: JSON.stringify(note) } }, before);
  }
  return notes.length;
}

/**
 * Removes what an earlier release left behind. Safe to repeat: a note goes last, and what has come back to its old
 * place since stays.
 */
export async function sweep(staging: Staging, release: number, notes: number): Promise<void> {
  const { concurrency } = staging;
  for (let n = 0; n < notes; n += 1) {
    const id = noteKey(release, n);
    const note = (await itemsById(staging, [id])).get(id);
    const entries = JSON.parse((note && textOf(note, "entries")) ?? "[]") as Entry[];
    await mapConcurrently(entries, concurrency, (entry) => remove(staging, entry));
    await removeItem(staging, "catalogue", { id: { S: id } });
  }
}

async function remove(staging: Staging, entry: Entry): Promise<void> {
  if ("ghost" in entry) await removeItem(staging, "catalogue", { id: { S: entry.ghost } });
  else {
    const item = (await itemsById(staging, [entry.deleted])).get(entry.deleted);
    if (!item?.type || entityOf(item, staging.base)) return;
    const { id, versions } = item as { id: Item[string]; versions: Item[string] };
    await stageItem(staging, "catalogue", { id, versions }, item);
  }
}
