import type { Vintage } from "../series/resolution.ts";
import { type CallScope, DEFAULT_DEADLINE_MS, untilDeadline } from "../store/calls.ts";
import { type Item, numberOf, textOf } from "../store/requests.ts";
import type { Store } from "../store/store.ts";

/**
 * HEAD: the latest visible release. One small item of the catalogue; the conditional write that moves it is what
 * publishes a release. It also carries the lease of the importer at work.
 */
export interface Head {
  /** 0 before the first release. */
  readonly release: number;
  /** Changes of all releases up to HEAD: the sequence number of the last one. */
  readonly changes: number;
  /** The latest day that any release up to HEAD is dated; empty before the first release. */
  readonly knownOn: string;
  /** ISO 8601 instant; empty before the first release. */
  readonly committedAt: string;
  /** Numbers that were staged by an importer that never finished; nobody will ever see their claims. */
  readonly voids: readonly number[];
  /** What earlier releases left behind for late readers, to be removed once there are none. */
  readonly leftovers: readonly LeftoverNote[];
  readonly lease?: Lease;
}

export interface LeftoverNote {
  readonly release: number;
  readonly notes: number;
  /** Epoch milliseconds of the commit. */
  readonly at: number;
}

/** Who may stage and commit, under which number, until when. */
export interface Lease {
  readonly release: number;
  /** Digest of the files that are being published: the same files may go on under the same number. */
  readonly digest: string;
  readonly owner: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export const HEAD_KEY: Item = { id: { S: "head" } };

export function headOf(item: Item | undefined): Head {
  if (!item) return { release: 0, changes: 0, knownOn: "", committedAt: "", voids: [], leftovers: [] };
  const lease = leaseOf(item);
  return {
    release: numberOf(item, "release") ?? 0,
    changes: numberOf(item, "changes") ?? 0,
    knownOn: textOf(item, "knownOn") ?? "",
    committedAt: textOf(item, "committedAt") ?? "",
    voids: JSON.parse(textOf(item, "voids") ?? "[]") as number[],
    leftovers: JSON.parse(textOf(item, "leftovers") ?? "[]") as LeftoverNote[],
    ...(lease ? { lease } : {}),
  };
}

function leaseOf(item: Item): Lease | undefined {
  const release = numberOf(item, "leaseRelease");
  if (release === undefined) return undefined;
  return {
    release,
    digest: textOf(item, "leaseDigest") ?? "",
    owner: textOf(item, "leaseOwner") ?? "",
    expiresAt: numberOf(item, "leaseExpiresAt") ?? 0,
  };
}

/** What a reader at HEAD sees. */
export function vintageOf(head: Head, release = head.release): Vintage {
  return { release: Math.min(release, head.release), voids: new Set(head.voids) };
}

export async function readHead(store: Store, scope: CallScope, consistent = false): Promise<Head> {
  return headOf(await store.get(store.tables.catalogue, HEAD_KEY, scope, consistent));
}

export interface HeadWatchOptions {
  /** How late a reader may learn of a release, in milliseconds. */
  readonly maxAgeMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** HEAD as a reader knows it: read at most once per `maxAgeMs`, by everybody who asks meanwhile together. */
export class HeadWatch {
  readonly #store: Store;
  readonly #options: HeadWatchOptions;
  #known: { head: Head; at: number } | undefined;
  #reading: Promise<Head> | undefined;

  constructor(store: Store, options: HeadWatchOptions) {
    this.#store = store;
    this.#options = options;
  }

  async current(scope: CallScope): Promise<Head> {
    const { now, maxAgeMs } = this.#options;
    if (this.#known && now() - this.#known.at < maxAgeMs) return this.#known.head;
    this.#reading ??= this.#readShared(scope);
    return untilDeadline(this.#reading, scope);
  }

  /** One read for everybody who waits, with a deadline of its own: the first of them may have little time left. */
  #readShared({ meter }: CallScope): Promise<Head> {
    const reading = this.#read({ meter, signal: AbortSignal.timeout(DEFAULT_DEADLINE_MS) });
    const done = () => {
      this.#reading = undefined;
    };
    reading.then(done, done);
    return reading;
  }

  async #read(scope: CallScope): Promise<Head> {
    const at = this.#options.now();
    const head = await readHead(this.#store, scope);
    this.#known = { head, at };
    return head;
  }
}
