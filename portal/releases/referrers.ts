import { type AnyEntity, type EntityBodies, REGION_LEVELS } from "../catalogue/entities.ts";
import { entityOf } from "../catalogue/items.ts";
import { type EntityId, isSubjectId, SUBJECT_TYPES, seriesId } from "../identifiers.ts";
import { OBSERVATION_STATUSES } from "../series/claims.ts";
import { claimsOf, isGhost, isPlacedIn, itemKey } from "../series/items.ts";
import { isVisible, resolve, type Vintage } from "../series/resolution.ts";
import type { CallScope } from "../store/calls.ts";
import { type Item, type QuerySpec, textOf } from "../store/requests.ts";
import type { Store } from "../store/store.ts";
import type { EntityChange } from "./merge-entities.ts";
import type { ProblemReport } from "./problems.ts";
import type { EntityRow } from "./rows.ts";
import { type Staging, stageItem } from "./stage.ts";
import { itemsById } from "./stage-entities.ts";

/** How many of those who refer to an entity are kept by name, and named in a refusal. */
const NAMED = 20;

export interface ReferrerSource {
  readonly store: Store;
  readonly scope: () => CallScope;
  readonly base: Vintage;
}

/**
 * Refuses the deletion of what others refer to, naming who. Entities that the same release deletes, and series that
 * it withdraws whole, do not count; claims in the history of a series do, because a number keeps its source.
 */
export async function checkDeletions(
  source: ReferrerSource,
  changes: readonly EntityChange[],
  rows: ReadonlyMap<EntityId, EntityRow>,
  withdrawn: ReadonlySet<string>,
  report: ProblemReport,
): Promise<void> {
  const changed = new Map<string, EntityChange>(changes.map((change) => [change.id, change]));
  for (const { id, before } of changes.filter(({ after }) => after === null)) {
    const still = (name: string) => refers(changed.get(name), id);
    const referrers = await referrersOf(source, id, before, withdrawn, still);
    const row = rows.get(id);
    if (referrers.length === 0 || !row) continue;
    const names = referrers.slice(0, NAMED).join(", ");
    const message = `${id} is referred to by ${names}${referrers.length > NAMED ? " and others" : ""}`;
    report.add({ file: row.file, line: row.line, column: "", code: "STILL_REFERENCED", message, value: row.localId });
  }
}

/**
 * Global ids of entities and series that refer to an entity; not all of them where they are many.
 * @param still whether a name that was found counts.
 */
export async function referrersOf(
  source: ReferrerSource,
  id: EntityId,
  body: EntityChange["before"],
  withdrawn: ReadonlySet<string>,
  still: (name: string) => boolean,
): Promise<string[]> {
  const found = await Promise.all([
    entitiesUnder(source, id, body, still),
    seriesOf(source, id, withdrawn),
    recordedReferrers(source, id, still),
  ]);
  return [...new Set(found.flat())];
}

/** What has the entity as parent, operator or whole, and what lies in a region. */
async function entitiesUnder(
  source: ReferrerSource,
  id: EntityId,
  before: EntityChange["before"],
  still: (name: string) => boolean,
): Promise<string[]> {
  const table = source.store.tables.catalogue;
  const specs: QuerySpec[] = [{ table, index: "byParent", partition: { attribute: "parent", value: id } }];
  if (id.startsWith("region:")) {
    const sort = { attribute: "place", prefix: `${(before as EntityBodies["region"]).path}#` };
    for (const value of ["agency", "platform", "complex"]) {
      specs.push({ table, index: "byRegion", partition: { attribute: "type", value }, sort });
    }
  }
  return readReferring(source, specs, id, still);
}

async function readReferring(
  source: ReferrerSource,
  specs: readonly QuerySpec[],
  id: EntityId,
  still: (name: string) => boolean,
): Promise<string[]> {
  const nameOf = (item: Item) => {
    const entity = entityOf(item, source.base);
    return entity && refersTo(entity, id) && still(entity.id) ? entity.id : undefined;
  };
  return (await Promise.all(specs.map((spec) => readNames(source, spec, nameOf)))).flat();
}

/** Whether somebody who refers to an entity before a release still does after it. */
export function refers(change: Pick<EntityChange, "after"> | undefined, id: EntityId): boolean {
  return (
    change === undefined ||
    Object.values(change.after ?? {})
      .flat()
      .includes(id)
  );
}

function refersTo({ body }: AnyEntity, id: EntityId): boolean {
  return Object.values(body).flat().includes(id);
}

/** Reads on in an index until more names are found than are named, however many entries do not count. */
async function readNames(
  { store, scope }: ReferrerSource,
  spec: QuerySpec,
  nameOf: (item: Item) => string | undefined,
): Promise<string[]> {
  const names: string[] = [];
  let startAfter: Item | undefined;
  do {
    const page = await store.queryPage({ ...spec, limit: NAMED * 2, ...(startAfter ? { startAfter } : {}) }, scope());
    names.push(...page.items.map(nameOf).filter((name) => name !== undefined));
    startAfter = page.next;
  } while (startAfter && names.length <= NAMED);
  return names;
}

/** Series with a standing value, of a subject or of a metric. */
async function seriesOf(source: ReferrerSource, id: EntityId, withdrawn: ReadonlySet<string>): Promise<string[]> {
  const { base, store } = source;
  const nameOf = (item: Item) => {
    const { key } = itemKey(item);
    const counts = isPlacedIn(item, base) && !isGhost(item) && !withdrawn.has(`${key.metric}|${key.subject}`);
    const stands = counts && resolve(claimsOf(item), base, new Set(OBSERVATION_STATUSES)).length > 0;
    return stands ? seriesId(key) : undefined;
  };
  const specs = seriesQueries(store.tables.series, id);
  return (await Promise.all(specs.map((spec) => readNames(source, spec, nameOf)))).flat();
}

function seriesQueries(table: string, id: EntityId): QuerySpec[] {
  if (isSubjectId(id)) return [{ table, index: "bySubject", partition: { attribute: "subject", value: id } }];
  if (!id.startsWith("metric:")) return [];
  const kinds = [...REGION_LEVELS, ...SUBJECT_TYPES.filter((type) => type !== "region")];
  const metric = id.slice("metric:".length);
  return kinds.map((kind) => ({
    table,
    index: "byPlace",
    partition: { attribute: "metricKind", value: `${metric}|${kind}` },
  }));
}

/**
 * Who refers to what has no index: the sources of claims and entities, and the successors of regions. The first
 * twenty entities and the first twenty series are kept by name, each with the release that says so. Entities are held
 * against the state before a deletion is refused; where there were more, and none of those kept counts any more, all of
 * them are looked through. Series refer to a source for good: any one of them is enough, so entities must not crowd
 * them out.
 */
export class ReferrerLog {
  readonly #names = new Map<EntityId, Names>();

  add(target: EntityId, referrer: string): void {
    const names = this.#names.get(target) ?? { entities: new Set(), series: new Set() };
    const alike = isSeries(referrer) ? names.series : names.entities;
    if (alike.size < NAMED) alike.add(referrer);
    this.#names.set(target, names);
  }

  /** Notes who a changed entity refers to. */
  addEntity({ id, after }: EntityChange): void {
    const { source, replacedBy = [] } = (after ?? {}) as { source?: EntityId; replacedBy?: readonly EntityId[] };
    for (const target of [source ?? [], replacedBy].flat()) this.add(target, id);
  }

  async stage(staging: Staging): Promise<void> {
    const targets = [...this.#names.keys()];
    const items = await itemsById(staging, targets.map(recordKey));
    for (const target of targets) {
      const before = items.get(recordKey(target));
      const mine = { release: staging.release, voids: staging.base.voids };
      const known = recordedNames(before).filter(([, release]) => isVisible(release, mine));
      const { entities, series } = this.#names.get(target) as Names;
      const added = [...unrecorded(entities, known, (name) => !isSeries(name)), ...unrecorded(series, known, isSeries)];
      if (added.length === 0) continue;
      const named = [...known, ...added.map((name): Recorded => [name, staging.release])];
      const item = { id: { S: recordKey(target) }, names: { S: JSON.stringify(named) } };
      await stageItem(staging, "catalogue", item, before);
    }
  }
}

interface Names {
  readonly entities: Set<string>;
  readonly series: Set<string>;
}

function isSeries(name: string): boolean {
  return name.startsWith("series:");
}

/** Names that are not recorded yet, as many as there is still room for beside those of their kind. */
function unrecorded(names: ReadonlySet<string>, known: readonly Recorded[], ofKind: (name: string) => boolean) {
  const alike = new Set(known.map(([name]) => name).filter(ofKind));
  return [...names].filter((name) => !alike.has(name)).slice(0, Math.max(0, NAMED - alike.size));
}

function recordKey(target: EntityId): string {
  return `referrers:${target}`;
}

type Recorded = readonly [name: string, release: number];

function recordedNames(item: Item | undefined): Recorded[] {
  return item ? (JSON.parse(textOf(item, "names") ?? "[]") as Recorded[]) : [];
}

async function recordedReferrers(
  source: ReferrerSource,
  id: EntityId,
  still: (name: string) => boolean,
): Promise<string[]> {
  const { store, scope, base } = source;
  const recorded = recordedNames(await store.get(store.tables.catalogue, { id: { S: recordKey(id) } }, scope(), true));
  const names = recorded.filter(([, release]) => isVisible(release, base)).map(([name]) => name);
  const entities = names.filter((name) => !isSeries(name));
  const items = await store.getMany(
    store.tables.catalogue,
    entities.map((name) => ({ id: { S: name } })),
    scope(),
    true,
  );
  const standing = items.map((item) => entityOf(item, base)).filter((entity) => entity && refersTo(entity, id));
  const found = [...standing.map((entity) => (entity as AnyEntity).id).filter(still), ...names.filter(isSeries)];
  if (found.length > 0 || recorded.filter(([name]) => !isSeries(name)).length < NAMED) return found;
  const partitions = ["region", "region~", "agency", "platform", "complex"];
  const specs = partitions.map(
    (value): QuerySpec => ({
      table: store.tables.catalogue,
      index: "byRegion",
      partition: { attribute: "type", value },
    }),
  );
  return readReferring(source, specs, id, still);
}
