import { type Head, HeadWatch } from "./releases/head.ts";
import type { SearchIndex } from "./search/search-index.ts";
import type { SearchShelf } from "./search/shelf.ts";
import { Snapshot } from "./snapshot.ts";
import { type CallScope, callScope } from "./store/calls.ts";
import type { Store } from "./store/store.ts";

export interface PortalOptions {
  readonly store: Store;
  /** How late a reader may learn of a release, in milliseconds; 5,000 unless said otherwise. */
  readonly headMaxAgeMs?: number;
  /** Reads HEAD at once: whoever asks first finds it, and a connection that is open. */
  readonly readsAhead?: boolean;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** The portal to its readers: hands out snapshots of HEAD. One per process. */
export class Portal {
  readonly #store: Store;
  readonly #head: HeadWatch;
  #shelf: Promise<SearchShelf> | undefined;

  constructor({ store, headMaxAgeMs = 5000, readsAhead = false, now = Date.now }: PortalOptions) {
    this.#store = store;
    this.#head = new HeadWatch(store, { maxAgeMs: headMaxAgeMs, now });
    // Where that fails, whoever asks first is told.
    if (readsAhead) this.head(callScope()).catch(() => undefined);
  }

  /** The portal as of now, to be used for one request. */
  async snapshot(scope: CallScope): Promise<Snapshot> {
    return this.snapshotAt(await this.head(scope), scope);
  }

  /** HEAD as readers know it by now. */
  head(scope: CallScope): Promise<Head> {
    return this.#head.current(scope);
  }

  snapshotAt(head: Head, scope: CallScope): Snapshot {
    return new Snapshot(this.#store, head, scope);
  }

  /** The search index as of HEAD. Its code and the index itself are loaded by the first who searches. */
  async searchIndex(head: Head, scope: CallScope): Promise<SearchIndex> {
    this.#shelf ??= import("./search/engine.ts").then(({ SearchShelf }) => new SearchShelf(this.#store));
    return (await this.#shelf).index(head, scope);
  }
}
