import { PortalError } from "../errors.ts";
import type { PageOf } from "../paging/page.ts";
import { isVisible, type Vintage } from "../series/resolution.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Item } from "../store/requests.ts";
import { BLOCK_SIZE, blockKey, blockNumber, blockOf, blockRecords, type ChangeRecord } from "./change-records.ts";

/** A change with its number in the feed. */
export interface NumberedChange extends ChangeRecord {
  /** 1, 2, 3 … over all releases. */
  readonly sequence: number;
}

/**
 * The changes after a position, in the order of releases. Costs the blocks that hold them, in one batch, and nothing
 * when there is no news: HEAD knows how many changes there are. Throws `UNAVAILABLE` rather than leave one out.
 * @param after sequence number of the last change that is known; 0 from the start.
 */
export async function readChanges(snapshot: Snapshot, after: number, limit: number): Promise<PageOf<NumberedChange>> {
  const end = Math.min(after + limit, snapshot.head.changes);
  const length = Math.max(blockOf(end) - blockOf(after + 1) + 1, 0);
  const blocks = Array.from({ length: end > after ? length : 0 }, (_, i) => blockOf(after + 1) + i);
  const { store, scope } = snapshot;
  const { vintage } = snapshot;
  const read = async (wanted: readonly number[], consistent: boolean) =>
    changesOf(await store.getMany(store.tables.catalogue, wanted.map(blockKey), scope, consistent), vintage);
  const known = await read(blocks, false);
  // A block that is older than HEAD: the table knows better, and what it does not know is not passed over.
  const stale = blocks.filter((block) => !isWhole(known, block, after, end));
  for (const [sequence, change] of stale.length > 0 ? await read(stale, true) : []) known.set(sequence, change);
  if (!stale.every((block) => isWhole(known, block, after, end))) {
    throw new PortalError("UNAVAILABLE", "A part of the change feed cannot be read; try again shortly.");
  }
  const changes = [...known.values()]
    .filter(({ sequence }) => sequence > after && sequence <= end)
    .sort((a, b) => a.sequence - b.sequence);
  return {
    entries: changes.map((node) => ({ node, position: String(node.sequence) })),
    hasNextPage: end < snapshot.head.changes,
    hasPreviousPage: after > 0,
  };
}

/** The changes of blocks by their numbers; what an importer left that never finished is none. */
function changesOf(items: readonly Item[], vintage: Vintage): Map<number, NumberedChange> {
  const changes = items.flatMap((item) => {
    const first = blockNumber(item) * BLOCK_SIZE + 1;
    return blockRecords(item).map((record, i) => ({ ...record, sequence: first + i }));
  });
  const visible = changes.filter(({ release }) => isVisible(release, vintage));
  return new Map(visible.map((change) => [change.sequence, change]));
}

/** Whether all changes of a block that lie in (after, end] are known. */
function isWhole(known: ReadonlyMap<number, unknown>, block: number, after: number, end: number): boolean {
  const first = Math.max(block * BLOCK_SIZE + 1, after + 1);
  const last = Math.min((block + 1) * BLOCK_SIZE, end);
  for (let sequence = first; sequence <= last; sequence += 1) if (!known.has(sequence)) return false;
  return true;
}
