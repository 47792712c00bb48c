import type { EntityId, EntityType } from "../identifiers.ts";
import type { Vintage } from "../series/resolution.ts";
import { type Item, textOf } from "../store/requests.ts";
import { pathCodes } from "./entities.ts";
import type { Facets } from "./placement.ts";
import { typePartition } from "./placement.ts";
import { decodeVersions, encodeVersions, type Versions, versionAt } from "./versions.ts";

/**
 * Counts kept at publication, so that totals are never counted at query time. A scope is what is counted in: the
 * whole portal, everything below a region, an agency with what it operates, a region's own children. The
 * counts of a scope are one item with a version per release that changed them.
 */
export type CountScope = "all" | `within:${string}` | `operator:${EntityId}` | `children:${EntityId}`;

/** Count by type partition (`platform`, `region`, `region~` for historical ones) and kind. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Versions of counts that are kept; a reader further behind than that gets no total. */
const KEPT_VERSIONS = 16;

export function countKey(scope: CountScope): string {
  return `counts:${scope}`;
}

/** The scopes that an entity counts in. A region is not counted in itself: most regions then need no counts at all. */
export function countScopes(type: EntityType, facets: Facets): CountScope[] {
  const codes = pathCodes(facets.path).slice(0, type === "region" ? -1 : undefined);
  const scopes: CountScope[] = ["all", ...codes.map((code): CountScope => `within:${code}`)];
  const parent = facets.parent as EntityId | undefined;
  if (parent?.startsWith("region:")) scopes.push(`children:${parent}`);
  if (parent?.startsWith("agency:")) scopes.push(`operator:${parent}`);
  return scopes;
}

/** How many of a type, and of a kind, were counted; 0 for what never was. */
export function countOf(counts: Counts, type: EntityType, kind?: string, historical = false): number {
  const kinds = counts[typePartition(type, historical)] ?? {};
  if (kind !== undefined) return Object.hasOwn(kinds, kind) ? (kinds[kind] ?? 0) : 0;
  return Object.values(kinds).reduce((sum, n) => sum + n, 0);
}

/** A change of counts: type partition → kind → difference. */
export type CountDelta = Map<string, Map<string, number>>;

export function addToDelta(delta: CountDelta, type: EntityType, facets: Facets, difference: 1 | -1): void {
  const partition = typePartition(type, facets.historical);
  const kinds = delta.get(partition) ?? new Map<string, number>();
  kinds.set(facets.kind, (kinds.get(facets.kind) ?? 0) + difference);
  delta.set(partition, kinds);
}

/** Counts after a change; what falls to zero disappears. */
export function applyDelta(counts: Counts, delta: CountDelta): Counts {
  const result: Record<string, Record<string, number>> = {};
  for (const [partition, kinds] of Object.entries(counts)) result[partition] = { ...kinds };
  for (const [partition, kinds] of delta) {
    // Kinds are texts from files: `constructor` is one like any other.
    const target: Record<string, number> = Object.assign(Object.create(null), result[partition]);
    for (const [kind, difference] of kinds) target[kind] = (target[kind] ?? 0) + difference;
    result[partition] = Object.fromEntries(Object.entries(target).filter(([, n]) => n !== 0));
  }
  return result;
}

/** The counts of an item in a vintage; empty where nothing was counted yet, null where the version is gone. */
export function countsOf(item: Item | undefined, vintage: Vintage): Counts | null {
  if (!item) return {};
  const versions = countVersions(item);
  const version = versionAt(versions, vintage);
  if (version) return version.body ?? {};
  return versions.length < KEPT_VERSIONS ? {} : null;
}

export function countVersions(item: Item | undefined): Versions<Counts> {
  return item ? decodeVersions<Counts>(textOf(item, "versions") ?? "[]") : [];
}

export function countItem(scope: CountScope, versions: Versions<Counts>): Item {
  return {
    id: { S: countKey(scope) },
    versions: { S: encodeVersions(versions.slice(0, KEPT_VERSIONS)) },
  };
}
