import { LRUCache } from "lru-cache";
import type { CallScope } from "../store/calls.ts";
import { untilDeadline } from "../store/calls.ts";
import { Meter } from "../store/meter.ts";
import type { Store } from "../store/store.ts";
import { hashOfApiKey, isApiKey } from "./api-key.ts";
import { type KeyRecord, keyRecordOf, stateOf } from "./key-items.ts";

export interface KeyRingOptions {
  readonly store: Store;
  /** The name of the table of partners. */
  readonly table: string;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Milliseconds after which a table that does not answer is given up. */
  readonly patienceMs: number;
}

/** What a text that was sent as a key turned out to be. */
export type Standing =
  | { readonly state: "VALID"; readonly record: KeyRecord }
  | { readonly state: "UNKNOWN" | "REVOKED" | "EXPIRED" };

/** A key that was found is believed for so long: with the request that began just before, revoking takes half a minute. */
const FOUND_MS = 30_000;
/** It is believed for so long when the table does not answer: a key that was revoked is over within a minute even then. */
const FOUND_WITHOUT_ANSWER_MS = 60_000;
/** A key that was not found may be made any moment. */
const MISSING_MS = 10_000;
const MAX_FOUND = 1_000;
/** Apart from the others, so that guessing keys does not push out those of partners. The room is taken when a function starts. */
const MAX_MISSING = 1_000;

interface Remembered {
  readonly record: KeyRecord;
  readonly at: number;
}

/** The keys as a reader knows them: each looked up once in a while, by everybody who asks meanwhile together. */
export class KeyRing {
  readonly #options: Required<KeyRingOptions>;
  readonly #found = new LRUCache<string, Remembered>({ max: MAX_FOUND });
  readonly #missing = new LRUCache<string, number>({ max: MAX_MISSING });
  readonly #looking = new Map<string, Promise<KeyRecord | undefined>>();

  constructor({ store, table, now = Date.now, patienceMs }: KeyRingOptions) {
    this.#options = { store, table, now, patienceMs };
  }

  /**
   * What a text is worth as a key. One that is none by its form costs no read.
   * @throws PortalError `UNAVAILABLE` or `INTERNAL` when the table does not answer and the key was not found lately.
   */
  async standingOf(text: string, scope: CallScope): Promise<Standing> {
    if (!isApiKey(text)) return { state: "UNKNOWN" };
    const keyHash = hashOfApiKey(text);
    const now = this.#options.now();
    const found = this.#found.get(keyHash);
    if (found && now - found.at < FOUND_MS) return standing(found.record, now);
    const missingSince = this.#missing.get(keyHash);
    if (missingSince !== undefined && now - missingSince < MISSING_MS) return { state: "UNKNOWN" };
    const record = await untilDeadline(this.#lookUp(keyHash), scope).catch((failure: unknown) => {
      const later = this.#options.now();
      if (found && later - found.at < FOUND_WITHOUT_ANSWER_MS) return found.record;
      throw failure;
    });
    return record ? standing(record, now) : { state: "UNKNOWN" };
  }

  #lookUp(keyHash: string): Promise<KeyRecord | undefined> {
    const underWay = this.#looking.get(keyHash);
    if (underWay) return underWay;
    const looking = this.#read(keyHash);
    this.#looking.set(keyHash, looking);
    const done = () => void this.#looking.delete(keyHash);
    looking.then(done, done);
    return looking;
  }

  async #read(keyHash: string): Promise<KeyRecord | undefined> {
    const { store, table, now, patienceMs } = this.#options;
    const at = now();
    const scope = { meter: new Meter(), signal: AbortSignal.timeout(patienceMs) };
    const item = await store.get(table, { keyHash: { S: keyHash } }, scope);
    if (!item) {
      this.#missing.set(keyHash, at);
      return undefined;
    }
    const record = keyRecordOf(item);
    this.#found.set(keyHash, { record, at });
    return record;
  }
}

function standing(record: KeyRecord, now: number): Standing {
  const state = stateOf(record, now);
  return state === "VALID" ? { state, record } : { state };
}
