import { setTimeout } from "node:timers/promises";
import type { AnyEntity, ReleaseBody } from "../catalogue/entities.ts";
import { entityItem, entityOf } from "../catalogue/items.ts";
import { placementOf } from "../catalogue/placement.ts";
import { type EntityId, entityId } from "../identifiers.ts";
import { MAX_DOCUMENTS } from "../search/limits.ts";
import type { Vintage } from "../series/resolution.ts";
import { type CallScope, DEFAULT_DEADLINE_MS } from "../store/calls.ts";
import { Meter } from "../store/meter.ts";
import { chunks, type Item, numberOf } from "../store/requests.ts";
import type { Store } from "../store/store.ts";
import { mapConcurrently } from "./concurrency.ts";
import { digestOf, type ReleaseFiles } from "./files/folder.ts";
import { type Head, readHead, vintageOf } from "./head.ts";
import { assertFree, HeldLease } from "./lease.ts";
import type { EntityChange } from "./merge-entities.ts";
import { findBelow } from "./moves.ts";
import { type Revert, revertFiles } from "./revert.ts";
import { type Staging, stageItem } from "./stage.ts";
import { itemsById } from "./stage-entities.ts";
import { type Staged, stageRelease, stagingProgress } from "./stage-release.ts";
import { NOTHING, type PublishOptions, type PublishSummary } from "./summary.ts";
import { sweep } from "./sweep.ts";
import { type ValidRelease, validateRelease } from "./validate.ts";

export interface PublisherOptions {
  readonly store: Store;
  /** Names this importer among others; unique per run. */
  readonly owner: string;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /**
   * How long the commit waits for eventually consistent reads and index propagation, in milliseconds. 0 on the
   * embedded engine, where both are immediate; docs/operations.md says what AWS needs.
   */
  readonly settleMs?: number;
  /** Waits, in milliseconds. */
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** How long readers of the release before HEAD are still served, in milliseconds. */
  readonly graceMs?: number;
  /** How long an importer that falls silent keeps others waiting, in milliseconds. */
  readonly leaseMs?: number;
  /** Calls to the store that are under way at a time. */
  readonly concurrency?: number;
  /** Where large releases are sorted; the system's folder for temporary files when left out. */
  readonly tempDir?: string | undefined;
  /** Rows of observations that are sorted in memory. */
  readonly memoryRows?: number;
  /** Entities that the search index has room for. */
  readonly maxDocuments?: number;
}

const DEFAULTS = {
  settleMs: 0,
  sleep: (ms: number): Promise<unknown> => setTimeout(ms),
  graceMs: 0,
  leaseMs: 60_000,
  concurrency: 16,
  now: Date.now,
  tempDir: undefined,
  memoryRows: 100_000,
  maxDocuments: MAX_DOCUMENTS,
};

/** Entities that are read with one call. */
const LOAD_BATCH = 100;

/**
 * Publishes releases: validate everything, stage under the next number, commit with one conditional write. Readers
 * ignore what is newer than HEAD, so staging is invisible, and a publication that dies leaves nothing to see.
 */
export class Publisher {
  readonly #options: Required<Omit<PublisherOptions, "tempDir">> & Pick<PublisherOptions, "tempDir">;
  #meter = new Meter();

  constructor(options: PublisherOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /**
   * @throws InvalidReleaseError with a report when the files do not hold together; nothing was written then.
   * @throws PublicationPausedError when time ran short.
   * @throws PortalError RELEASE_IN_PROGRESS when another importer is at work or won; UNAVAILABLE when the store fails.
   */
  async publish(files: ReleaseFiles, options: PublishOptions = {}): Promise<PublishSummary> {
    this.#meter = new Meter();
    return this.#publish(files, await digestOf(files), options);
  }

  /** Checks a release as `publish` would, and writes nothing. @throws InvalidReleaseError */
  async validate(files: ReleaseFiles, options: PublishOptions = {}): Promise<PublishSummary> {
    this.#meter = new Meter();
    const head = await readHead(this.#options.store, this.#scope(), true);
    const valid = await this.#validate(files, head, options);
    await valid.claims.close();
    const { rows, unchangedEntities: unchanged } = valid;
    return this.#summary({ release: head.release, rows, unchanged, entities: countActions(valid.entities) });
  }

  /**
   * Publishes a release that undoes another, as far as no later release built on it; `impossible` says what stays.
   * @throws PortalError BAD_USER_INPUT for a release that there is not, or that has nothing left to undo.
   */
  async revert(release: number, options: PublishOptions = {}): Promise<PublishSummary> {
    this.#meter = new Meter();
    const { store, now, tempDir } = this.#options;
    const head = await readHead(store, this.#scope(), true);
    const publishedOn = new Date(now()).toISOString().slice(0, 10);
    const undoneBy = await this.#noted(revertKey(release), head);
    const revert: Revert = await revertFiles(
      {
        ...{ store, scope: () => this.#scope(), head, publishedOn, tempDir, undoneBy },
        onSeries: (rows, totalRows) => options.onProgress?.({ phase: "UNDOING", rows, totalRows }),
      },
      release,
    );
    try {
      // The same release can be undone again after it was published again: the digest tells the two apart.
      const digest = `revert-${release}-of-${head.release}`;
      const summary = await this.#publish(revert.files, digest, options, release);
      return { ...summary, impossible: revert.impossible };
    } finally {
      await revert.close();
    }
  }

  async #publish(
    files: ReleaseFiles,
    digest: string,
    options: PublishOptions,
    reverts?: number,
  ): Promise<PublishSummary> {
    const { store, leaseMs } = this.#options;
    const head = await readHead(store, this.#scope(), true);
    const known = await this.#releaseOf(digest, head);
    if (known !== undefined) return this.#summary({ release: known });
    // Whoever has to wait need not check everything first; that nobody else is at work is proven by taking the lease.
    assertFree(head, this.#options);
    const valid = await this.#validate(files, head, options);
    try {
      const lease = await HeldLease.take(store, digest, this.#options, this.#scope());
      const renewal = setInterval(() => lease.renew(this.#scope()).catch(() => undefined), leaseMs / 3);
      try {
        // HEAD moved between validation and lease: what was validated may not hold any more.
        if (lease.base.release === head.release)
          return await this.#stageAndCommit(valid, lease, digest, options, reverts);
        await (lease.resumed ? lease.leave(this.#scope()) : lease.cancel(this.#scope()));
      } catch (error) {
        await lease.leave(this.#scope()).catch(() => undefined);
        throw error;
      } finally {
        clearInterval(renewal);
      }
    } finally {
      await valid.claims.close();
    }
    return this.#publish(files, digest, options, reverts);
  }

  #validate(files: ReleaseFiles, head: Head, { onProgress }: PublishOptions): Promise<ValidRelease> {
    const { store, tempDir, memoryRows, now } = this.#options;
    const source = { store, scope: () => this.#scope(), base: vintageOf(head) };
    return validateRelease(files, {
      ...{ tempDir, memoryRows, source, now },
      load: (ids) => this.#load(ids, source.base),
      findBelow: findBelow(source),
      onRows: (rows) => onProgress?.({ phase: "VALIDATING", rows }),
    });
  }

  async #stageAndCommit(
    valid: ValidRelease,
    lease: HeldLease,
    digest: string,
    options: PublishOptions,
    reverts: number | undefined,
  ): Promise<PublishSummary> {
    const { now, settleMs, sleep } = this.#options;
    const staging = this.#staging(lease, digest);
    // Before the first write: from here on, who wants to stop has to let it come to a checkpoint.
    options.onProgress?.(stagingProgress(valid, 0));
    const leftovers = await this.#sweep(staging, lease.base);
    const staged = await stageRelease(staging, valid, lease.base.changes, options);
    const counted = {
      rows: valid.rows,
      entities: countActions(valid.entities),
      claims: staged.claims,
      observations: staged.observations,
      unchanged: staged.unchangedRows + valid.unchangedEntities,
      changes: staged.changes,
    };
    if (staged.changes === 0) {
      await lease.cancel(this.#scope(), leftovers);
      return this.#summary({ ...counted, release: lease.base.release });
    }
    options.onProgress?.({ phase: "COMMITTING", rows: valid.rows, totalRows: valid.rows });
    const committedAt = new Date(now()).toISOString();
    const knownOn = latest(valid.manifest.publishedOn, lease.base.knownOn);
    const lastChange = lease.base.changes + staged.changes;
    await this.#stageReleaseItem(
      staging,
      releaseBody(valid, staged, { knownOn, committedAt, digest, lastChange }),
      reverts,
    );
    if (settleMs > 0) await sleep(settleMs);
    await lease.commit(
      {
        release: lease.release,
        changes: lastChange,
        knownOn,
        committedAt,
        voids: lease.base.voids,
        leftovers: [...leftovers, ...leftoverNote(lease.release, staged.leftovers, now())],
      },
      this.#scope(),
    );
    return this.#summary({ ...counted, release: lease.release, published: true });
  }

  #staging(lease: HeldLease, digest: string): Staging {
    const { store, concurrency, maxDocuments } = this.#options;
    return {
      store,
      maxDocuments,
      concurrency,
      digest,
      release: lease.release,
      base: vintageOf(lease.base),
      scope: () => this.#scope(),
      writing: () => {
        lease.assertHeld();
        return { ...this.#scope(), admit: () => lease.assertHeld() };
      },
    };
  }

  /** Removes what earlier releases left for readers who are gone by now; returns what has to wait. */
  async #sweep(staging: Staging, head: Head): Promise<Head["leftovers"]> {
    const { now, graceMs } = this.#options;
    const due = head.leftovers.filter(({ at }) => at + graceMs <= now());
    for (const { release, notes } of due) await sweep(staging, release, notes);
    return head.leftovers.filter((note) => !due.includes(note));
  }

  /** The release as an entity of the catalogue, and the note by which its files are known again. */
  async #stageReleaseItem(staging: Staging, body: ReleaseBody, reverts: number | undefined): Promise<void> {
    const { release } = staging;
    const id = entityId("release", String(release));
    const notes = [digestKey(body.digest), ...(reverts === undefined ? [] : [revertKey(reverts)])];
    const items = await itemsById(staging, [id, ...notes]);
    const placement = placementOf("release", String(release), body);
    await stageItem(staging, "catalogue", entityItem(id, [{ release, body }], placement), items.get(id));
    for (const note of notes) {
      const item: Item = { id: { S: note }, release: { N: String(release) } };
      await stageItem(staging, "catalogue", item, items.get(note));
    }
  }

  /** The release that these very files became, if they were published before and not reverted since. */
  async #releaseOf(digest: string, head: Head): Promise<number | undefined> {
    const release = await this.#noted(digestKey(digest), head);
    if (release === undefined) return undefined;
    const reverted = await this.#noted(revertKey(release), head);
    return reverted === undefined ? release : undefined;
  }

  /** The committed release that a note speaks of. */
  async #noted(key: string, head: Head): Promise<number | undefined> {
    const { store } = this.#options;
    const note = await store.get(store.tables.catalogue, { id: { S: key } }, this.#scope(), true);
    const release = note && numberOf(note, "release");
    return release !== undefined && release <= head.release && !head.voids.includes(release) ? release : undefined;
  }

  async #load(ids: readonly EntityId[], vintage: Vintage): Promise<Map<EntityId, AnyEntity>> {
    const { store, concurrency } = this.#options;
    const entities = new Map<EntityId, AnyEntity>();
    // An empty portal need not be asked.
    if (vintage.release === 0) return entities;
    await mapConcurrently(chunks(ids, LOAD_BATCH), concurrency, async (batch) => {
      const keys = batch.map((id) => ({ id: { S: id } }));
      for (const item of await store.getMany(store.tables.catalogue, keys, this.#scope(), true)) {
        const entity = entityOf(item, vintage);
        if (entity) entities.set(entity.id, entity);
      }
    });
    return entities;
  }

  /** Publishing has no deadline of its own, its calls do: none outlasts the quarter of a lease that is kept in hand. */
  #scope(): CallScope {
    const deadline = Math.min(DEFAULT_DEADLINE_MS, this.#options.leaseMs / 4);
    return { meter: this.#meter, signal: AbortSignal.timeout(deadline) };
  }

  #summary(done: Partial<PublishSummary> & Pick<PublishSummary, "release">): PublishSummary {
    const { readUnits, writeUnits } = this.#meter;
    return { ...NOTHING, ...done, readUnits, writeUnits };
  }
}

function digestKey(digest: string): string {
  return `digest:${digest}`;
}

function revertKey(release: number): string {
  return `reverted:${release}`;
}

function leftoverNote(release: number, notes: number, at: number): Head["leftovers"] {
  return notes === 0 ? [] : [{ release, notes, at }];
}

function releaseBody(
  valid: ValidRelease,
  staged: Staged,
  facts: Pick<ReleaseBody, "knownOn" | "committedAt" | "digest" | "lastChange">,
): ReleaseBody {
  const { title, publisher, publishedOn } = valid.manifest;
  const { claims, changes } = staged;
  return { title, publisher, publishedOn, ...facts, claims, entities: valid.entities.length, changes };
}

function countActions(changes: readonly EntityChange[]): PublishSummary["entities"] {
  const counts = { added: 0, revised: 0, deleted: 0 };
  for (const { before, after } of changes) {
    if (after === null) counts.deleted += 1;
    else if (before === null) counts.added += 1;
    else counts.revised += 1;
  }
  return counts;
}

/** Of two full dates the later one. */
function latest(a: string, b: string): string {
  return a > b ? a : b;
}
