import {
  addToDelta,
  applyDelta,
  type CountDelta,
  type CountScope,
  type Counts,
  countItem,
  countKey,
  countScopes,
  countVersions,
} from "../catalogue/counts.ts";
import type { EntityBodies } from "../catalogue/entities.ts";
import { entityItem, ghostItem, ghostKey, versionsOf } from "../catalogue/items.ts";
import { facetsOf, type Placement, placementOf } from "../catalogue/placement.ts";
import { versionAt, withVersion } from "../catalogue/versions.ts";
import type { EntityId, EntityType } from "../identifiers.ts";
import { isVisible, type Vintage } from "../series/resolution.ts";
import { chunks, type Item, textOf } from "../store/requests.ts";
import { mapConcurrently } from "./concurrency.ts";
import type { EntityChange } from "./merge-entities.ts";
import { removeItem, type Staging, stageItem, stageNewItems } from "./stage.ts";

type AnyBody = EntityBodies[keyof EntityBodies];

/** Items that are read together before they are written. */
const BATCH = 100;

/** How far the entities of a release are. */
export interface EntityProgress {
  readonly staged: number;
  /** Those of them that no earlier run had left as they are now. */
  readonly written: number;
}

export interface StagedEntities {
  /** Keys of the ghosts that were left, for the next publication to remove. */
  readonly ghosts: readonly string[];
  /** Entities that had been deleted and come back, each with the body that it had last. */
  readonly returned: readonly EntityChange[];
}

/** @param onStaged told after each batch; what it throws ends the run, and the next one passes over what stands. */
export async function stageEntities(
  staging: Staging,
  changes: readonly EntityChange[],
  onStaged: (progress: EntityProgress) => void = () => undefined,
): Promise<StagedEntities> {
  let [staged, written] = [0, 0];
  const ghosts: string[] = [];
  const returned: EntityChange[] = [];
  for (const batch of chunks(changes, BATCH)) {
    const items = await itemsById(
      staging,
      batch.map(({ id }) => id),
    );
    const [known, fresh] = partitionBy(batch, ({ id }) => items.has(id));
    await stageNewItems(
      staging,
      "catalogue",
      fresh.map((change) => freshItem(staging.release, change)),
    );
    const left = await mapConcurrently(known, staging.concurrency, (change) =>
      stageEntity(staging, change, items.get(change.id)),
    );
    ghosts.push(...left.flatMap(({ ghost }) => ghost ?? []));
    for (const change of known.filter(({ before }) => before === null)) {
      const body = lastBody(items.get(change.id), staging.base);
      if (body) returned.push({ ...change, before: body });
    }
    staged += batch.length;
    written += fresh.length + left.filter(({ isWritten }) => isWritten).length;
    onStaged({ staged, written });
  }
  return { ghosts, returned };
}

function lastBody(item: Item | undefined, base: Vintage): AnyBody | undefined {
  return versionsOf(item).find(({ release, body }) => body && isVisible(release, base))?.body ?? undefined;
}

function freshItem(release: number, change: EntityChange): Item {
  const body = change.after as AnyBody;
  return entityItem(change.id, [{ release, body }], place(change, body));
}

/**
 * One entity. Where it changes its place in an index, the ghost for today's readers is written first, so that at no
 * instant it is missing from a list; lists take two entries at one position for one.
 */
async function stageEntity(staging: Staging, change: EntityChange, item: Item | undefined) {
  const { release, base, store } = staging;
  const versions = withVersion(versionsOf(item), base, { release, body: change.after });
  const from = change.before && place(change, change.before);
  const to = change.after ? place(change, change.after) : (from as Placement);
  const moves = from !== null && JSON.stringify(from) !== JSON.stringify(to);
  if (moves) {
    await store.put(store.tables.catalogue, ghostItem(change.id, versions, from, release), staging.writing());
  }
  const isWritten = await stageItem(staging, "catalogue", entityItem(change.id, versions, to), item);
  for (const number of base.voids) {
    await removeItem(staging, "catalogue", { id: { S: ghostKey(change.id, number) } });
  }
  return { isWritten, ghost: moves ? ghostKey(change.id, release) : undefined };
}

function place(change: EntityChange, body: AnyBody): Placement {
  return placementOf<EntityType>(change.type, change.localId, body);
}

/** Brings the counts of every scope up to date with the changes of a release. */
export async function stageCounts(staging: Staging, changes: readonly EntityChange[]): Promise<void> {
  const deltas = new Map<CountScope, CountDelta>();
  for (const { type, before, after } of changes) {
    if (before) count(deltas, type, before, -1);
    if (after) count(deltas, type, after, 1);
  }
  for (const batch of chunks([...deltas], BATCH)) {
    const items = await itemsById(
      staging,
      batch.map(([scope]) => countKey(scope)),
    );
    const writes = batch.map(([scope, delta]) => {
      const before = items.get(countKey(scope));
      const versions = countVersions(before);
      const counts: Counts = versionAt(versions, staging.base)?.body ?? {};
      const version = { release: staging.release, body: applyDelta(counts, delta) };
      return { before, item: countItem(scope, withVersion(versions, staging.base, version)) };
    });
    const [known, fresh] = partitionBy(writes, ({ before }) => before !== undefined);
    await stageNewItems(
      staging,
      "catalogue",
      fresh.map(({ item }) => item),
    );
    await mapConcurrently(known, staging.concurrency, ({ item, before }) =>
      stageItem(staging, "catalogue", item, before),
    );
  }
}

function count(deltas: Map<CountScope, CountDelta>, type: EntityType, body: AnyBody, difference: 1 | -1): void {
  const facets = facetsOf<EntityType>(type, body);
  for (const scope of countScopes(type, facets)) {
    const delta: CountDelta = deltas.get(scope) ?? new Map();
    addToDelta(delta, type, facets, difference);
    deltas.set(scope, delta);
  }
}

/** Catalogue items by id, read consistently. */
export async function itemsById(
  { store, scope }: Staging,
  ids: readonly (EntityId | string)[],
): Promise<Map<string, Item>> {
  const keys = ids.map((id) => ({ id: { S: id } }));
  const items = await store.getMany(store.tables.catalogue, keys, scope(), true);
  return new Map(items.map((item) => [textOf(item, "id") ?? "", item]));
}

function partitionBy<T>(values: readonly T[], test: (value: T) => boolean): [T[], T[]] {
  return [values.filter(test), values.filter((value) => !test(value))];
}
