import { type EntityId, splitEntityId } from "../identifiers.ts";
import type { Vintage } from "../series/resolution.ts";
import { type Item, textOf } from "../store/requests.ts";
import type { AnyEntity, EntityBodies } from "./entities.ts";
import { type Placement, placementOf } from "./placement.ts";
import { decodeVersions, encodeVersions, type Versions, versionAt } from "./versions.ts";

type AnyBody = EntityBodies[keyof EntityBodies];

/**
 * Catalogue items. The item `platform:x` holds every version of the platform and the index keys of its newest one.
 * When a release gives an entity other index keys, the item `platform:x@12` (a ghost) stays behind under the old
 * keys for the readers who have not seen release 12 yet; the next publication removes it.
 */
export function entityItem(id: EntityId, versions: Versions<AnyBody>, placement: Placement): Item {
  return {
    id: { S: id },
    versions: { S: encodeVersions(versions) },
    ...placementAttributes(placement),
  };
}

/** The copy of an entity that stays under the index keys which `release` takes it away from. */
export function ghostItem(id: EntityId, versions: Versions<AnyBody>, placement: Placement, release: number): Item {
  return { ...entityItem(id, versions, placement), id: { S: ghostKey(id, release) } };
}

export function ghostKey(id: EntityId, release: number): string {
  return `${id}@${release}`;
}

const GHOST = /@\d+$/;

export function isGhostKey(key: string): boolean {
  return GHOST.test(key);
}

/** The release whose move left a ghost behind; undefined for what is none. */
export function ghostRelease(key: string): number | undefined {
  const mark = GHOST.exec(key)?.[0];
  return mark === undefined ? undefined : Number(mark.slice(1));
}

function placementAttributes(placement: Placement): Item {
  return Object.fromEntries(Object.entries(placement).map(([name, value]) => [name, { S: value }]));
}

/** The entity of an item in a vintage; undefined when it did not exist then, or was deleted. */
export function entityOf(item: Item, vintage: Vintage): AnyEntity | undefined {
  const id = (textOf(item, "id") ?? "").replace(GHOST, "") as EntityId;
  const version = versionAt(versionsOf(item), vintage);
  if (!version?.body) return undefined;
  return { ...splitEntityId(id), id, body: version.body, release: version.release, vintage } as AnyEntity;
}

export function versionsOf(item: Item | undefined): Versions<AnyBody> {
  return item ? decodeVersions<AnyBody>(textOf(item, "versions") ?? "[]") : [];
}

/** Whether an index entry stands where the entity really is in this vintage: the pair of keys is its own. */
export function standsAt(item: Item, entity: AnyEntity, partition: keyof Placement, sort: keyof Placement): boolean {
  const placement = placementOf(entity.type, entity.localId, entity.body);
  return textOf(item, partition) === placement[partition] && textOf(item, sort) === placement[sort];
}
