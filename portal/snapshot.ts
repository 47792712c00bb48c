import { type CountScope, type Counts, countKey, countsOf } from "./catalogue/counts.ts";
import type { AnyEntity, Entity, EntityBodies } from "./catalogue/entities.ts";
import { pathCodes, REGION_LEVELS } from "./catalogue/entities.ts";
import { entityOf, isGhostKey } from "./catalogue/items.ts";
import { type ListRequest, SORT_LIMIT } from "./catalogue/list-plan.ts";
import { listEntities } from "./catalogue/lists.ts";
import { facetsOf, typePartition } from "./catalogue/placement.ts";
import { badInput, PortalError } from "./errors.ts";
import { type EntityId, entityId, type SubjectId } from "./identifiers.ts";
import type { Page, PageOf } from "./paging/page.ts";
import { type Head, vintageOf } from "./releases/head.ts";
import { isPartialDate } from "./series/civil-date.ts";
import type { SeriesRecord } from "./series/items.ts";
import { readSeries } from "./series/read.ts";
import { isVisible, type Vintage } from "./series/resolution.ts";
import { BatchedLoads } from "./store/batched-loads.ts";
import type { CallScope } from "./store/calls.ts";
import { type Item, type QuerySpec, textOf } from "./store/requests.ts";
import type { Store } from "./store/store.ts";

/** A release number, or a date: the latest release that was published on that day or before. */
export type ReleaseRef = number | string;

/**
 * The portal as of HEAD, for the length of one request: all reads of a request go through one snapshot, see one
 * release, pay one meter and share one deadline. Loads of the same tick are batched and deduplicated.
 */
export class Snapshot {
  readonly head: Head;
  readonly vintage: Vintage;
  readonly scope: CallScope;
  readonly store: Store;
  /** Series of the panels that were read, by what was selected. */
  readonly panels = new Map<string, Promise<readonly SeriesRecord[]>>();
  readonly #items: BatchedLoads<Item | undefined>;
  readonly #series: BatchedLoads<SeriesRecord[]>;
  readonly #vintages = new Map<ReleaseRef, Promise<Vintage>>();

  constructor(store: Store, head: Head, scope: CallScope) {
    this.store = store;
    this.head = head;
    this.scope = scope;
    this.vintage = vintageOf(head);
    this.#items = new BatchedLoads((keys) => this.#loadItems(keys));
    this.#series = new BatchedLoads((keys) => Promise.all(keys.map((key) => this.#loadSeries(key))));
  }

  async #loadItems(keys: readonly string[]): Promise<(Item | undefined)[]> {
    const items = await this.store.getMany(
      this.store.tables.catalogue,
      keys.map((id) => ({ id: { S: id } })),
      this.scope,
    );
    const byId = new Map(items.map((item) => [textOf(item, "id"), item]));
    return keys.map((id) => byId.get(id));
  }

  #loadSeries(key: string): Promise<SeriesRecord[]> {
    const [subject, metric] = key.split("|") as [SubjectId, string];
    return readSeries(this.store, subject, metric, this.scope);
  }

  /** An entity as the vintage has it; null when there is none. */
  async entity<T extends keyof EntityBodies>(
    id: `${T}:${string}`,
    vintage: Vintage | Promise<Vintage> = this.vintage,
  ): Promise<Entity<T> | null> {
    // The item holds all versions: it is read while the vintage is still being looked up.
    const [item, known] = await Promise.all([this.#items.load(id), vintage]);
    return ((item && entityOf(item, known)) ?? null) as Entity<T> | null;
  }

  /** The regions on a path, root first, without the last `drop`: all ancestors in one read. */
  async regionsOn(path: string, drop: number, vintage: Vintage): Promise<Entity<"region">[]> {
    const codes = pathCodes(path);
    const ids = codes.slice(0, codes.length - drop).map((code) => entityId("region", code) as `region:${string}`);
    const regions = await Promise.all(ids.map((id) => this.entity<"region">(id, vintage)));
    return regions.filter((region) => region !== null);
  }

  /**
   * Reads all regions of a level, or all other subjects of a type, below a path, so that asking for them one by one
   * costs nothing more. One Query per megabyte.
   */
  preload(kind: string, within: string): Promise<void> {
    const level = (REGION_LEVELS as readonly string[]).includes(kind);
    return this.#prime({
      index: level ? "byKind" : "byRegion",
      partition: level ? { attribute: "typeKind", value: `region|${kind}` } : { attribute: "type", value: kind },
      sort: { attribute: "place", prefix: within },
    });
  }

  /** The same for the regions directly below one, the historical ones included. */
  preloadChildren(parent: EntityId): Promise<void> {
    return this.#prime({
      index: "byParent",
      partition: { attribute: "parent", value: parent },
      sort: { attribute: "typePlace", prefix: "region" },
    });
  }

  async #prime(query: Omit<QuerySpec, "table">): Promise<void> {
    const items = await this.store.queryAll({ table: this.store.tables.catalogue, ...query }, this.scope);
    for (const item of items) {
      const id = textOf(item, "id") ?? "";
      if (!isGhostKey(id)) this.#items.prime(id, item);
    }
  }

  list(request: ListRequest, page: Page): Promise<PageOf<AnyEntity>> {
    const kinds = async () => {
      const counts = await this.requireCounts("all");
      return Object.keys(counts[request.historical ? `${request.type}~` : request.type] ?? {});
    };
    const nearlyAll = (asked: ListRequest) => this.#isNearlyAll(asked);
    return listEntities(
      { store: this.store, scope: this.scope, vintage: this.vintage, kinds, nearlyAll },
      request,
      page,
    );
  }

  /** Whether so much lies within a country, or the world, that hardly anything lies outside. */
  async #isNearlyAll(request: ListRequest): Promise<boolean> {
    const { within, ...everywhere } = request;
    if (within === undefined || request.parent !== undefined || pathCodes(within).length > 2) return false;
    const [inside, all] = await Promise.all([this.total(request), this.total(everywhere)]);
    return inside !== null && all !== null && inside > SORT_LIMIT && all - inside <= SORT_LIMIT;
  }

  /** What is counted in a scope; null when the count of this release is no longer kept. */
  async counts(scope: CountScope): Promise<Counts | null> {
    return countsOf(await this.#items.load(countKey(scope)), this.vintage);
  }

  /** The same for who cannot do without. Throws `UNAVAILABLE` where they are gone: a newer HEAD is about to be seen. */
  async requireCounts(scope: CountScope): Promise<Counts> {
    const counts = await this.counts(scope);
    if (counts) return counts;
    throw new PortalError("UNAVAILABLE", "Many releases came out meanwhile; try again shortly.");
  }

  /** The length of a list, from the counts kept at publication; null where none is kept. */
  async total(request: ListRequest): Promise<number | null> {
    if (request.type === "release") {
      return this.head.release - this.head.voids.filter((n) => n < this.head.release).length;
    }
    const kinds = await this.totalsByKind(request);
    return kinds && [...kinds.values()].reduce((sum, n) => sum + n, 0);
  }

  /** The length of a list by kind, level, topic or language; null where no counts are kept. */
  async totalsByKind({ type, kind, parent, within, historical }: ListRequest): Promise<Map<string, number> | null> {
    if (parent !== undefined && within !== undefined) return null;
    const [counts, self] = await Promise.all([
      this.counts(scopeOf(parent, within)),
      type === "region" && within !== undefined ? this.entity<"region">(idOfPath(within)) : null,
    ]);
    if (!counts) return null;
    const kinds = new Map(Object.entries(counts[typePartition(type, historical)] ?? {}));
    const facets = self && facetsOf("region", self.body);
    if (facets && facets.historical === (historical ?? false)) {
      kinds.set(facets.kind, (kinds.get(facets.kind) ?? 0) + 1);
    }
    return new Map([...kinds].filter(([name]) => kind === undefined || name === kind));
  }

  /** All series of a metric for a subject, coarsest frequency first. */
  series(subject: SubjectId, metric: string): Promise<SeriesRecord[]> {
    return this.#series.load(`${subject}|${metric}`);
  }

  /** What was visible as of a release; HEAD when none is named. Throws `BAD_USER_INPUT` for what never was. */
  async asOf(ref: ReleaseRef | null | undefined, argument = "asOf"): Promise<Vintage> {
    if (ref == null) return this.vintage;
    const known = this.#vintages.get(ref) ?? this.#resolveRef(ref, argument);
    this.#vintages.set(ref, known);
    return known;
  }

  async #resolveRef(ref: ReleaseRef, argument: string): Promise<Vintage> {
    if (typeof ref === "number") {
      const isRelease = Number.isInteger(ref) && ref >= 1 && isVisible(ref, this.vintage);
      if (isRelease) return vintageOf(this.head, ref);
      throw badInput(argument, `there is no release ${ref}: the latest is ${this.head.release}`);
    }
    if (!isPartialDate(ref))
      throw badInput(argument, `${argument} takes a release number or a date such as 2024-01-24`);
    const request: ListRequest = { type: "release", order: { field: "NAME", descending: true }, kind: "" };
    const { entries } = await this.list(request, { limit: 1, backward: false, after: `${endOf(ref)}#~` });
    const release = entries[0]?.node;
    return vintageOf(this.head, release ? Number(release.localId) : 0);
  }
}

function scopeOf(parent: EntityId | undefined, within: string | undefined): CountScope {
  if (parent?.startsWith("region:")) return `children:${parent}`;
  if (parent) return `operator:${parent}`;
  return within === undefined ? "all" : `within:${pathCodes(within).at(-1)}`;
}

function idOfPath(path: string): `region:${string}` {
  return `region:${pathCodes(path).at(-1)}`;
}

/** The last day that a date of partial precision can mean, for comparing with full dates. */
function endOf(date: string): string {
  return `${date}-99-99`.slice(0, 10);
}
