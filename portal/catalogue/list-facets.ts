import { entityId } from "../identifiers.ts";
import type { Snapshot } from "../snapshot.ts";
import { type Entity, pathCodes } from "./entities.ts";
import type { ListRequest } from "./list-plan.ts";

/** What entries of a list can be told apart by. */
export const FACETS = ["KIND", "LEVEL", "REGION", "TOPIC", "STATUS", "LANGUAGE"] as const;
export type Facet = (typeof FACETS)[number];

/** How many entries have a value; null for those that have none. Of REGION the values are region ids. */
export type FacetCounts = ReadonlyMap<string | null, number>;

/** What the kind of each type is called. */
const KIND_OF: Readonly<Partial<Record<ListRequest["type"], Facet>>> = {
  region: "LEVEL",
  agency: "LEVEL",
  platform: "KIND",
  complex: "KIND",
  metric: "TOPIC",
  source: "LANGUAGE",
};
const PLACED: readonly ListRequest["type"][] = ["region", "agency", "platform", "complex"];

/** Regions that are counted one by one. */
const MAX_REGIONS = 200;
const PAGE = 100;

/**
 * The entries of a list by a facet, from the counts kept at publication: adding up to the length of the list. Null for
 * what this type cannot be told apart by, and where no counts are kept.
 */
export async function facetOfList(snapshot: Snapshot, request: ListRequest, facet: Facet): Promise<FacetCounts | null> {
  if (facet === "REGION") return PLACED.includes(request.type) ? byRegion(snapshot, request) : null;
  if (facet === "STATUS") return request.type === "region" ? byStatus(snapshot, request) : null;
  if (KIND_OF[request.type] !== facet) return null;
  const kinds = await snapshot.totalsByKind(request);
  return kinds && new Map([...kinds].map(([kind, count]) => [kind === "" ? null : kind, count]));
}

/** A list holds regions of one status. */
async function byStatus(snapshot: Snapshot, request: ListRequest): Promise<FacetCounts | null> {
  const total = await snapshot.total(request);
  return total === null ? null : new Map(total === 0 ? [] : [[request.historical ? "HISTORICAL" : "CURRENT", total]]);
}

/** By the children of the region that the list is about, by provinces where it is about none; null for the rest. */
async function byRegion(snapshot: Snapshot, request: ListRequest): Promise<FacetCounts | null> {
  if (request.parent !== undefined) return null;
  const [total, regions] = await Promise.all([snapshot.total(request), regionsToCount(snapshot, request.within)]);
  if (total === null || regions === null) return null;
  const counts = await Promise.all(regions.map(({ body }) => snapshot.total({ ...request, within: body.path })));
  const result = new Map<string | null, number>();
  let rest = total;
  for (const [i, { id }] of regions.entries()) {
    const count = counts[i] ?? null;
    if (count === null) return null;
    if (count > 0) result.set(id, count);
    rest -= count;
  }
  return rest > 0 ? result.set(null, rest) : result;
}

async function regionsToCount(snapshot: Snapshot, within: string | undefined): Promise<Entity<"region">[] | null> {
  const code = within === undefined ? undefined : pathCodes(within).at(-1);
  const request: ListRequest = {
    type: "region",
    order: { field: "REGION", descending: false },
    ...(code === undefined ? { kind: "PROVINCE" } : { parent: entityId("region", code) }),
  };
  const regions: Entity<"region">[] = [];
  let after: string | undefined;
  do {
    const page = await snapshot.list(request, { limit: PAGE, backward: false, ...(after ? { after } : {}) });
    regions.push(...(page.entries.map(({ node }) => node) as Entity<"region">[]));
    after = page.hasNextPage ? page.entries.at(-1)?.position : undefined;
  } while (after && regions.length <= MAX_REGIONS);
  return regions.length > MAX_REGIONS ? null : regions;
}
