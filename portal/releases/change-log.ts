import { chunks } from "../store/requests.ts";
import {
  BLOCK_SIZE,
  blockItem,
  blockKey,
  blockNumber,
  blockOf,
  blockRecords,
  type ChangeRecord,
} from "./change-records.ts";
import { mapConcurrently } from "./concurrency.ts";
import { type Staging, stageItem, stageNewItems } from "./stage.ts";

/** Blocks that are written together. */
const GROUP = 16;

/**
 * Appends the changes of a release to the feed as they come. Blocks lie side by side; only the first one may hold
 * changes of earlier releases, and what an importer that never finished left behind HEAD's last change is overwritten.
 */
export class ChangeLog {
  readonly #staging: Staging;
  readonly #committed: number;
  /** Changes that are not in a written block yet; the first one has the number `#start`. */
  #pending: ChangeRecord[] = [];
  #start: number;

  /**
   * @param committed the number of changes up to HEAD.
   * @param staged changes of the release that are staged already, by a run that was cut short.
   */
  constructor(staging: Staging, committed: number, staged = 0) {
    this.#staging = staging;
    this.#committed = committed;
    this.#start = committed + staged + 1;
  }

  /** Changes of all releases, this one's included. */
  get length(): number {
    return this.#start - 1 + this.#pending.length;
  }

  get added(): number {
    return this.length - this.#committed;
  }

  async append(records: readonly ChangeRecord[]): Promise<void> {
    for (const record of records) this.#pending.push(record);
    if (this.#pending.length >= GROUP * BLOCK_SIZE) await this.flush();
  }

  /** Writes everything that is pending; the last block may be written again when more comes. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const [first, last] = [blockOf(this.#start), blockOf(this.length)];
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    for (const group of chunks(numbers, GROUP)) await this.#write(group);
    this.#start = this.length + 1;
    this.#pending = [];
  }

  async #write(blocks: readonly number[]): Promise<void> {
    const { store, scope, concurrency } = this.#staging;
    const items = await store.getMany(store.tables.catalogue, blocks.map(blockKey), scope(), true);
    const stored = new Map(items.map((item) => [blockNumber(item), item]));
    const writes = await Promise.all(
      blocks.map(async (block) => {
        const before = stored.get(block);
        const kept = Math.max(this.#start - 1 - block * BLOCK_SIZE, 0);
        const from = Math.max(block * BLOCK_SIZE - (this.#start - 1), 0);
        const records = [
          ...blockRecords(before).slice(0, kept),
          ...this.#pending.slice(from, (block + 1) * BLOCK_SIZE - (this.#start - 1)),
        ];
        return { before, item: await blockItem(block, records) };
      }),
    );
    const fresh = writes.filter(({ before }) => before === undefined);
    const known = writes.filter(({ before }) => before !== undefined);
    await stageNewItems(
      this.#staging,
      "catalogue",
      fresh.map(({ item }) => item),
    );
    await mapConcurrently(known, concurrency, ({ item, before }) =>
      stageItem(this.#staging, "catalogue", item, before),
    );
  }
}
