import { type AnyEntity, pathCodes } from "../../portal/catalogue/entities.ts";
import { placementOf, typePartition } from "../../portal/catalogue/placement.ts";
import { type EntityId, type EntityType, splitEntityId } from "../../portal/identifiers.ts";
import * as cell from "../../portal/releases/files/cells.ts";
import { ENTITY_FILES } from "../../portal/releases/files/columns.ts";
import type { Described } from "./portal-api.ts";

/** An entity in a mirror: as the portal has it, but for its place, which follows from the regions around it. */
export interface MirroredEntity {
  readonly id: EntityId;
  readonly release: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** All entities of a mirror by id. */
export type Entities = ReadonlyMap<EntityId, MirroredEntity>;

/** The name of the table, and of the list of `/v1`, that holds a type. */
export const TABLE_OF: Readonly<Record<EntityType, string>> = {
  region: "regions",
  agency: "agencies",
  platform: "platforms",
  complex: "complexes",
  metric: "metrics",
  source: "sources",
  release: "releases",
};

/** From `/v1`: null is not known, and names are one member. */
export function fromAnswer({ id, release, names, ...members }: Described): MirroredEntity {
  const { en, zh } = (names ?? {}) as Record<string, unknown>;
  const { number, code: _, ...fields } = members;
  const body = Object.entries({ ...fields, nameEn: en, nameZh: zh }).filter(([, value]) => isStated(value));
  // A release is itself the release that brought it.
  return { id: id as EntityId, release: Number(release ?? number), body: Object.fromEntries(body) };
}

function isStated(value: unknown): boolean {
  return value != null && value !== false && !(Array.isArray(value) && value.length === 0);
}

/** From a row of a table, by column. */
export function fromRow(type: EntityType, row: Readonly<Record<string, unknown>>): MirroredEntity {
  const release = Number(row.release);
  if (type === "release") {
    const { title, publisher, published_on: publishedOn, known_on: knownOn, committed_at: committedAt } = row;
    const { claims, entities, changes, last_change: lastChange, digest } = row;
    const counted = { claims, entities, changes, lastChange, digest };
    return {
      id: `release:${release}`,
      release,
      body: { title, publisher, publishedOn, knownOn, committedAt, ...counted },
    };
  }
  const file = ENTITY_FILES.find((each) => each.type === type);
  const body: Record<string, unknown> = {};
  for (const [name, { field, refersTo, rule }] of Object.entries(file?.columns ?? {})) {
    const value = row[name];
    if (field === undefined || value == null || (rule === cell.yes && value === false)) continue;
    const ids =
      refersTo &&
      String(value)
        .split(" ")
        .map((localId) => `${refersTo}:${localId}`);
    // The one column that names several.
    body[field] = ids ? (field === "replacedBy" ? ids : ids[0]) : value;
  }
  return { id: `${type}:${row[file?.idColumn ?? "id"]}` as EntityId, release, body };
}

/** What stands where: the path of a region, and of whatever lies in one. */
export class Atlas {
  readonly #entities: Entities;
  readonly #paths = new Map<string, string>();

  constructor(entities: Entities) {
    this.#entities = entities;
  }

  /** Codes from the root down, each ended by a slash; empty for nowhere. */
  pathOfRegion(id: string | undefined): string {
    if (id === undefined) return "";
    const known = this.#paths.get(id);
    if (known !== undefined) return known;
    const region = this.#entities.get(id as EntityId);
    const { localId } = splitEntityId(id as EntityId);
    const path = region ? `${this.pathOfRegion(region.body.parent as string | undefined)}${localId}/` : "";
    this.#paths.set(id, path);
    return path;
  }

  /** The entity as the core has it. */
  entity({ id, body, release }: MirroredEntity): AnyEntity {
    const { type, localId } = splitEntityId(id);
    const path = this.pathOfRegion(type === "region" ? id : (body.region as string | undefined));
    const vintage = { release: Number.MAX_SAFE_INTEGER, voids: new Set<number>() };
    return { type, id, localId, body: { ...body, path }, release, vintage } as unknown as AnyEntity;
  }

  /** All entities of a type in the order of the table. */
  table(type: EntityType): AnyEntity[] {
    const placed = [...this.#entities.values()]
      .filter(({ id }) => id.startsWith(`${type}:`))
      .map((each) => {
        const entity = this.entity(each);
        const { type: partition, place } = placementOf(type, entity.localId, entity.body as never);
        return { entity, key: `${partition === typePartition(type) ? 0 : 1}${place}` };
      });
    return placed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ entity }) => entity);
  }
}

/** The code of the region that a path ends in. */
export function regionAt(path: string): string | null {
  return pathCodes(path).at(-1) ?? null;
}
