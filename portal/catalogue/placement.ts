import type { EntityType } from "../identifiers.ts";
import type { EntityBodies } from "./entities.ts";

/**
 * Where an entity stands in the indexes of the catalogue: pure functions of its type, id and body. A list is right
 * because each entry is held against the placement that the visible version of its entity has.
 *
 * `#` stands between path and id because it sorts below digits and letters: a region comes before what it contains.
 */
export interface Placement {
  /** byRegion partition. Historical regions have their own, so that no list reads past them. */
  readonly type: string;
  /** byRegion and byKind sort key. */
  readonly place: string;
  /** byKind and byName partition. */
  readonly typeKind: string;
  /** byParent partition: the parent of a region, the operator of a platform, the metric that one is a part of. */
  readonly parent?: string;
  /** byParent sort key. */
  readonly typePlace: string;
  /** byName sort key. */
  readonly nameKey: string;
}

/** What each type is filtered and counted by. */
export interface Facets {
  readonly kind: string;
  readonly path: string;
  readonly name: string;
  readonly parent?: string;
  readonly historical?: boolean;
}

const FACETS: { readonly [T in EntityType]: (body: EntityBodies[T]) => Facets } = {
  region: (body) => ({
    kind: body.level,
    path: body.path,
    name: nameOf(body),
    historical: body.validTo !== undefined,
    ...(body.parent ? { parent: body.parent } : {}),
  }),
  agency: (body) => ({ kind: body.level, path: body.path, name: nameOf(body) }),
  platform: (body) => ({
    kind: body.kind,
    path: body.path,
    name: nameOf(body),
    ...(body.operator ? { parent: body.operator } : {}),
  }),
  complex: (body) => ({ kind: body.kind, path: body.path, name: nameOf(body) }),
  metric: (body) => ({
    kind: body.topic,
    path: "",
    name: nameOf(body),
    ...(body.partOf ? { parent: body.partOf } : {}),
  }),
  source: (body) => ({ kind: body.language ?? "", path: "", name: body.title }),
  release: (body) => ({ kind: "", path: "", name: body.knownOn }),
};

export function facetsOf<T extends EntityType>(type: T, body: EntityBodies[T]): Facets {
  return FACETS[type](body);
}

/** The partition of a type; historical regions are kept apart from current ones. */
export function typePartition(type: EntityType, historical = false): string {
  return historical ? `${type}~` : type;
}

export function placementOf<T extends EntityType>(type: T, localId: string, body: EntityBodies[T]): Placement {
  const { kind, path, name, parent, historical } = facetsOf(type, body);
  const partition = typePartition(type, historical);
  const place = `${path}#${sortableId(type, localId)}`;
  return {
    type: partition,
    place,
    typeKind: `${partition}|${kind}`,
    ...(parent ? { parent } : {}),
    typePlace: `${partition}|${place}`,
    nameKey: `${sortableName(name)}${NAME_END}${sortableId(type, localId)}`,
  };
}

/** Sorts below every character of a name, so that a name comes before the names that it begins. */
const NAME_END = "\u0001";

/** Index keys hold at most 1,024 bytes; 200 characters of any script leave room for path and id. */
const NAME_KEY_LENGTH = 200;

function sortableName(name: string): string {
  return Array.from(name.toLowerCase()).slice(0, NAME_KEY_LENGTH).join("").trim();
}

/** Release numbers sort as numbers. */
export function sortableId(type: EntityType, localId: string): string {
  return type === "release" ? localId.padStart(9, "0") : localId;
}

function nameOf({ nameEn, nameZh }: { nameEn?: string; nameZh?: string }): string {
  return nameEn ?? nameZh ?? "";
}
