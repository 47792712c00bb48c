import { setTimeout as sleep } from "node:timers/promises";
import { GazetteerError } from "../../client/src/error.ts";
import {
  type EntityId,
  type EntityType,
  requireNodeId,
  type SeriesKey,
  splitEntityId,
} from "../../portal/identifiers.ts";
import type { Claim } from "../../portal/series/claims.ts";
import { fromAnswer, type MirroredEntity, TABLE_OF } from "./entities.ts";
import type { FeedChange, PortalApi } from "./portal-api.ts";
import { periodIndex } from "./rows.ts";

/** What happened since a release, with everything as it stands now. */
export interface News {
  /** The release that the news reach to: that from which it was asked where there are none. */
  readonly release: number;
  readonly changes: number;
  /** Null for what was deleted. */
  readonly entities: ReadonlyMap<EntityId, MirroredEntity | null>;
  readonly series: ReadonlyMap<string, { readonly key: SeriesKey; readonly claims: readonly Claim[] }>;
}

/** From here on lists are walked rather than things asked for one by one. */
const WALK_FROM = 25;
/** How often, and after how long, things are looked up again that the feed knows and a list does not yet. */
const LOOKS = 8;
const LOOK_AGAIN_MS = 1000;

/**
 * Reads the feed behind a release and everything that it names. Instances of a portal learn of a release a few seconds
 * apart from each other: what was read is held against what the feed says, until neither knows more than the other.
 *
 * @throws GazetteerError `UNAVAILABLE` where the two do not come together.
 */
export async function catchUp(
  api: PortalApi,
  from: number,
  onChanges: (changes: number) => void,
  waitMs = LOOK_AGAIN_MS,
): Promise<News> {
  const gathered = new Gathered(from);
  for (let look = 0; look < LOOKS; look += 1) {
    const before = gathered.changes;
    for await (const changes of api.changes(gathered.release)) {
      for (const change of changes) gathered.add(change);
      if (changes.length > 0) onChanges(gathered.changes);
    }
    const isQuiet = gathered.changes === before;
    if (isQuiet && gathered.isWhole) return gathered;
    if (isQuiet) await sleep(waitMs);
    else look = 0;
    await gathered.lookUp(api);
  }
  throw new GazetteerError("UNAVAILABLE", "the feed and the lists of the portal do not fit together yet; try again");
}

class Gathered implements News {
  release: number;
  changes = 0;
  readonly entities = new Map<EntityId, MirroredEntity | null>();
  readonly series = new Map<string, { readonly key: SeriesKey; readonly claims: Claim[] }>();
  /** By id the release in which the feed last spoke of it, and whether that was its end. */
  readonly #expected = new Map<EntityId, { readonly release: number; readonly deleted: boolean }>();
  readonly #open = new Set<EntityId>();

  constructor(release: number) {
    this.release = release;
  }

  /** Whether everything that the feed names has been found as it says, and nothing that it does not know yet. */
  get isWhole(): boolean {
    return this.#open.size === 0;
  }

  add({ release, action, node, observations }: FeedChange): void {
    this.changes += 1;
    if (!this.#expected.has(`release:${release}`)) this.#expect(`release:${release}`, release, false);
    this.release = Math.max(this.release, release);
    const reference = requireNodeId(node, "node");
    if ("entity" in reference) {
      this.#expect(reference.entity, release, action === "DELETED");
      return;
    }
    const { claims } = this.series.get(node) ?? { claims: [] as Claim[] };
    for (const { timePeriod, claims: stated } of observations) {
      const period = periodIndex(timePeriod);
      for (const { source, value, status, publishedOn, note } of stated) {
        claims.push({
          ...{ period, value, release, source: source.slice("source:".length) },
          ...{ status: status as Claim["status"], publishedOn: publishedOn ?? "", note: note ?? "" },
        });
      }
    }
    this.series.set(node, { key: reference.series, claims });
  }

  #expect(id: EntityId, release: number, deleted: boolean): void {
    this.#expected.set(id, { release, deleted });
    this.#open.add(id);
  }

  /** Reads what is open. What comes from a release that the feed has not told of stays open. */
  async lookUp(api: PortalApi): Promise<void> {
    const byType = Map.groupBy(this.#open, (id) => splitEntityId(id).type);
    for (const [type, ids] of byType) {
      const wanted = ids.filter((id) => !this.#closeDeleted(id));
      const found = wanted.length < WALK_FROM ? await oneByOne(api, type, wanted) : await walked(api, type, wanted);
      for (const id of wanted) this.#close(id, found.get(id));
    }
  }

  #closeDeleted(id: EntityId): boolean {
    if (!this.#expected.get(id)?.deleted) return false;
    this.entities.set(id, null);
    this.#open.delete(id);
    return true;
  }

  #close(id: EntityId, entity: MirroredEntity | undefined): void {
    const release = this.#expected.get(id)?.release ?? 0;
    if (!entity || entity.release < release || entity.release > this.release) return;
    this.entities.set(id, entity);
    this.#open.delete(id);
  }
}

type Found = ReadonlyMap<EntityId, MirroredEntity>;

async function oneByOne(api: PortalApi, type: EntityType, ids: readonly EntityId[]): Promise<Found> {
  const answers = await Promise.all(ids.map((id) => api.entity(TABLE_OF[type], splitEntityId(id).localId)));
  return new Map(answers.flatMap((answer) => (answer ? [[answer.id as EntityId, fromAnswer(answer)]] : [])));
}

async function walked(api: PortalApi, type: EntityType, ids: readonly EntityId[]): Promise<Found> {
  const wanted = new Set(ids);
  const found = new Map<EntityId, MirroredEntity>();
  // Regions that are no more are a list of their own.
  for (const filter of type === "region" ? [{}, { historical: "true" }] : [{}]) {
    for await (const page of api.list(TABLE_OF[type], filter)) {
      for (const answer of page)
        if (wanted.has(answer.id as EntityId)) found.set(answer.id as EntityId, fromAnswer(answer));
    }
  }
  return found;
}
