import { PortalError } from "../errors.ts";
import { type Head, vintageOf } from "../releases/head.ts";
import { type CallScope, DEFAULT_DEADLINE_MS, untilDeadline } from "../store/calls.ts";
import { Meter } from "../store/meter.ts";
import { type Item, textOf } from "../store/requests.ts";
import type { Store } from "../store/store.ts";
import { blockKey, decodeBlock, MANIFEST_KEY, type SearchManifest } from "./blocks.ts";
import { SEARCHED_TYPES, type SearchDocument, type SearchedType } from "./documents.ts";
import { manifestAt, manifestVersions } from "./manifest.ts";
import { buildIndex, type SearchIndex } from "./search-index.ts";

interface Held {
  /** HEAD for which the index is known to be the right one. */
  readonly head: number;
  readonly index: SearchIndex;
  /** Documents by the key of their block: a block of a key never changes. */
  readonly blocks: ReadonlyMap<string, readonly SearchDocument[]>;
}

/**
 * The index of a process: loaded when somebody searches, and brought up to date by the first who searches after HEAD has
 * moved. The blocks that the release did not change are kept.
 */
export class SearchShelf {
  readonly #store: Store;
  #held: Held | undefined;
  #loading: { readonly head: number; readonly done: Promise<Held> } | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @throws PortalError UNAVAILABLE when the index cannot be had in time, or was replaced meanwhile. */
  async index(head: Head, scope: CallScope): Promise<SearchIndex> {
    // Who took a snapshot before HEAD moved is answered of what came since as far as the snapshot has it.
    if (this.#held && this.#held.head >= head.release) return this.#held.index;
    if (this.#loading?.head !== head.release)
      this.#loading = { head: head.release, done: this.#loadShared(head, scope) };
    return (await untilDeadline(this.#loading.done, scope)).index;
  }

  /**
   * One load for everybody who waits, with a deadline of its own. It is no part of what the search of whoever came first
   * takes: the same search takes the same wherever it is answered.
   */
  #loadShared(head: Head, { sharedMeter = new Meter() }: CallScope): Promise<Held> {
    const done = this.#load(head, { meter: sharedMeter, signal: AbortSignal.timeout(DEFAULT_DEADLINE_MS) });
    const finish = (held?: Held) => {
      if (held && held.head >= (this.#held?.head ?? 0)) this.#held = held;
      if (this.#loading?.done === done) this.#loading = undefined;
    };
    done.then(finish, () => finish());
    return done;
  }

  async #load(head: Head, scope: CallScope): Promise<Held> {
    const { tables } = this.#store;
    const item = await this.#store.get(tables.catalogue, { id: { S: MANIFEST_KEY } }, scope);
    const found = manifestAt(manifestVersions(item), vintageOf(head));
    if (!found) {
      if (head.release === 0) return { head: 0, index: buildIndex(0, new Map()), blocks: new Map() };
      throw replaced();
    }
    if (this.#held?.index.release === found.release) return { ...this.#held, head: head.release };
    const keys = keysByType(found.manifest);
    const blocks = await this.#blocks([...keys.values()].flat(), scope);
    const documents = new Map(Array.from(keys, ([type, of]) => [type, of.flatMap((key) => blocks.get(key) ?? [])]));
    return { head: head.release, index: buildIndex(found.release, documents), blocks };
  }

  async #blocks(keys: readonly string[], scope: CallScope): Promise<Map<string, readonly SearchDocument[]>> {
    const kept = new Map(
      keys.flatMap((key) => (this.#held?.blocks.has(key) ? [[key, this.#held.blocks.get(key) ?? []]] : [])),
    );
    const missing = keys.filter((key) => !kept.has(key));
    let items = await this.#read(missing, scope, false);
    // A block may be younger than what an eventually consistent read sees.
    if (items.length < missing.length) items = await this.#read(missing, scope, true);
    if (items.length < missing.length) throw replaced();
    for (const item of items) kept.set(textOf(item, "id") ?? "", decodeBlock(item));
    return kept;
  }

  #read(keys: readonly string[], scope: CallScope, consistent: boolean): Promise<Item[]> {
    const { tables } = this.#store;
    return this.#store.getMany(
      tables.catalogue,
      keys.map((id) => ({ id: { S: id } })),
      scope,
      consistent,
    );
  }
}

function keysByType({ types }: SearchManifest): Map<SearchedType, string[]> {
  return new Map(
    SEARCHED_TYPES.map((type) => [
      type,
      (types[type]?.blocks ?? []).flatMap((release, block) => (release === 0 ? [] : [blockKey(type, block, release)])),
    ]),
  );
}

function replaced(): PortalError {
  return new PortalError("UNAVAILABLE", "The search index is being replaced; try again shortly.");
}
