import { PortalError } from "../errors.ts";
import type { CallScope } from "../store/calls.ts";
import { isConditionFailed } from "../store/calls.ts";
import type { Item } from "../store/requests.ts";
import type { Store } from "../store/store.ts";
import { revisionOf } from "./change-records.ts";
import { HEAD_KEY, type Head, headOf, type Lease } from "./head.ts";

export interface LeaseOptions {
  /** Names this importer among others; unique per run. */
  readonly owner: string;
  /** How long an importer that falls silent keeps others waiting. */
  readonly leaseMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** @throws RELEASE_IN_PROGRESS while another importer works. */
export function assertFree({ lease }: Head, { owner, now }: Pick<LeaseOptions, "owner" | "now">): void {
  if (!lease || lease.expiresAt <= now() || lease.owner === owner) return;
  const seconds = Math.ceil((lease.expiresAt - now()) / 1000);
  throw inProgress(`another publication is under way; if it has died, its place is free in ${seconds} s`);
}

/**
 * The right to stage and commit. One importer holds it at a time; it lies in the same item as HEAD, so that the write
 * that moves HEAD also proves that the lease is still held:
 *
 *   read ── take lease, get number n ── stage … renew … stage ── commit: HEAD = n, lease gone
 *                 │                                                   │
 *                 └ refused while another's lease runs                └ refused if HEAD or the lease changed hands
 *
 * The number of an importer that fell silent goes on to whoever brings the same files. Anybody else gets a new
 * number, and the old one is void for good: whatever that importer may still write, nobody will ever see it.
 */
export class HeldLease {
  readonly release: number;
  /** Whether the number was taken over, and something may be staged under it. */
  readonly resumed: boolean;
  readonly base: Head;
  readonly #store: Store;
  readonly #options: LeaseOptions;
  readonly #digest: string;
  #revision: number;
  /** Epoch milliseconds up to which the lease is surely held. */
  #heldUntil = 0;
  #writing: Promise<void> = Promise.resolve();
  /** Once the lease is given up or HEAD has moved, a renewal that comes late would take that back. */
  #over = false;

  private constructor(
    store: Store,
    options: LeaseOptions,
    base: Head,
    digest: string,
    release: number,
    resumed: boolean,
    revision: number,
  ) {
    this.#store = store;
    this.#options = options;
    this.base = base;
    this.#digest = digest;
    this.release = release;
    this.resumed = resumed;
    this.#revision = revision;
  }

  /** @throws RELEASE_IN_PROGRESS while another importer works. */
  static async take(store: Store, digest: string, options: LeaseOptions, scope: CallScope): Promise<HeldLease> {
    const item = await store.get(store.tables.catalogue, HEAD_KEY, scope, true);
    const head = headOf(item);
    assertFree(head, options);
    const { lease } = head;
    const resumed = lease?.digest === digest;
    const voids = lease && !resumed ? [...head.voids, lease.release] : head.voids;
    const release = resumed ? lease.release : Math.max(head.release, ...voids) + 1;
    const { lease: _, ...base } = { ...head, voids };
    const held = new HeldLease(store, options, base, digest, release, resumed, revisionOf(item));
    await held.#write(base, held.#lease(), scope);
    return held;
  }

  /**
   * Proves that the lease will outlast a call that is sent now: a quarter of its time, which is longer than a call
   * may take, is left. Throws RELEASE_IN_PROGRESS otherwise.
   */
  assertHeld(): void {
    if (this.#options.now() < this.#heldUntil - this.#options.leaseMs / 4) return;
    throw inProgress("the lease could not be renewed in time; nothing was published");
  }

  /** Pushes the expiry back; throws RELEASE_IN_PROGRESS when the lease was lost. */
  renew(scope: CallScope): Promise<void> {
    return this.#inTurn(async () => (this.#over ? undefined : this.#write(this.base, this.#lease(), scope)));
  }

  /** Gives the lease up without a release; the number stays reserved for the same files. */
  leave(scope: CallScope): Promise<void> {
    this.#over = true;
    return this.#inTurn(() => this.#write(this.base, { ...this.#lease(), expiresAt: 0 }, scope));
  }

  /** Gives lease and number back: nothing was staged. */
  cancel(scope: CallScope, leftovers = this.base.leftovers): Promise<void> {
    this.#over = true;
    return this.#inTurn(() => this.#write({ ...this.base, leftovers }, undefined, scope));
  }

  /** The one write that publishes. */
  commit(head: Head, scope: CallScope): Promise<void> {
    this.#over = true;
    return this.#inTurn(() => this.#write(head, undefined, scope));
  }

  #lease(): Lease {
    const { owner, leaseMs, now } = this.#options;
    return { release: this.release, digest: this.#digest, owner, expiresAt: now() + leaseMs };
  }

  /** Renewals come from a timer: two writes of one importer must not overtake each other. */
  #inTurn(write: () => Promise<void>): Promise<void> {
    const turn = this.#writing.then(write, write);
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  async #write(head: Head, lease: Lease | undefined, scope: CallScope): Promise<void> {
    const { catalogue } = this.#store.tables;
    const before = this.#revision;
    const item = headItem(head, lease, before + 1, this.#options.owner);
    try {
      await this.#store.put(catalogue, item, scope, unchangedSince(before, "id"));
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      // The answer to a write that went through can get lost, and the retry then meets its own work.
      const found = await this.#store.get(catalogue, HEAD_KEY, scope, true);
      const own = revisionOf(found) === before + 1 && found?.writtenBy?.S === this.#options.owner;
      if (!own)
        throw inProgress("another publication took over or moved HEAD first; nothing of this one was published");
    }
    this.#revision = before + 1;
    this.#heldUntil = lease?.expiresAt ?? 0;
  }
}

function inProgress(message: string): PortalError {
  return new PortalError("RELEASE_IN_PROGRESS", message);
}

/** Holds when the item still has the revision that was read (0: does not exist). */
export function unchangedSince(revision: number, keyAttribute: string) {
  if (revision === 0) return { expression: "attribute_not_exists(#key)", names: { "#key": keyAttribute } };
  return {
    expression: "#revision = :revision",
    names: { "#revision": "revision" },
    values: { ":revision": { N: String(revision) } },
  };
}

function headItem(head: Head, lease: Lease | undefined, revision: number, owner: string): Item {
  const numbers: Record<string, number> = { release: head.release, changes: head.changes, revision };
  const texts: Record<string, string> = { writtenBy: owner, voids: JSON.stringify(head.voids) };
  texts.leftovers = JSON.stringify(head.leftovers);
  if (head.knownOn) texts.knownOn = head.knownOn;
  if (head.committedAt) texts.committedAt = head.committedAt;
  if (lease) {
    Object.assign(numbers, { leaseRelease: lease.release, leaseExpiresAt: lease.expiresAt });
    Object.assign(texts, { leaseDigest: lease.digest, leaseOwner: lease.owner });
  }
  return {
    ...HEAD_KEY,
    ...Object.fromEntries(Object.entries(numbers).map(([name, n]) => [name, { N: String(n) }])),
    ...Object.fromEntries(Object.entries(texts).map(([name, s]) => [name, { S: s }])),
  };
}
