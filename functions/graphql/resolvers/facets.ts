import { FACETS } from "../../../portal/catalogue/list-facets.ts";
import { badInput } from "../../../portal/errors.ts";
import type { FacetCountResolvers, FacetResolvers } from "../../../schema/generated/resolvers.ts";
import type { RequestContext } from "../context.ts";
import type { ConnectionModel, FacetCountModel, FacetModel, RegionModel } from "../models.ts";
import { connection } from "./connections.ts";

/** `facets` of the lists that have them. */
export const facets = <Node>(
  { facet }: ConnectionModel<Node>,
  { of }: { readonly of: readonly FacetModel["field"][] },
): Promise<FacetModel[]> => {
  if (of.length > FACETS.length) throw badInput("of", `of may name ${FACETS.length} fields`);
  return Promise.all(of.map(async (field) => ({ field, counts: (await facet?.(field)) ?? null })));
};

/** The resolvers of connections with facets. */
export const facetedConnection = { ...connection, facets };

export const Facet: FacetResolvers = {
  counts: ({ field, counts }): FacetCountModel[] | null =>
    counts &&
    Array.from(counts, ([value, count]) => ({ field, value, count })).sort(
      (a, b) => b.count - a.count || compareValues(a.value, b.value),
    ),
};

/** What has no value comes last among equals. */
function compareValues(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

export const FacetCount: FacetCountResolvers = {
  region: async ({ field, value }, _args, context: RequestContext) =>
    field === "REGION" && value !== null
      ? (await context.snapshot()).entity<"region">(value as RegionModel["id"])
      : null,
};
