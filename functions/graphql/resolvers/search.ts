import type { AnyEntity } from "../../../portal/catalogue/entities.ts";
import type { FacetCounts } from "../../../portal/catalogue/list-facets.ts";
import { badInput } from "../../../portal/errors.ts";
import { requireIdOf, splitEntityId } from "../../../portal/identifiers.ts";
import { requirePage } from "../../../portal/paging/page.ts";
import type { SearchedType } from "../../../portal/search/documents.ts";
import type { Ranking } from "../../../portal/search/rank.ts";
import type { SearchIndex } from "../../../portal/search/search-index.ts";
import type {
  NodeKind,
  QueryResolvers,
  SearchConnectionResolvers,
  SearchHitResolvers,
  SuggestionResolvers,
} from "../../../schema/generated/resolvers.ts";
import type { RequestContext } from "../context.ts";
import type { FacetModel, SearchConnectionModel, SearchHitModel } from "../models.ts";
import { connection, EMPTY } from "./connections.ts";
import { facets } from "./facets.ts";

type Engine = typeof import("../../../portal/search/engine.ts");

/** The code of the search stays out of the start of a process that may never search. */
const engine = (): Promise<Engine> => import("../../../portal/search/engine.ts");

const KINDS: Readonly<Record<SearchedType, NodeKind>> = {
  region: "REGION",
  agency: "AGENCY",
  platform: "PLATFORM",
  complex: "INDUSTRIAL_COMPLEX",
  metric: "METRIC",
  source: "SOURCE",
};
const TYPES = new Map(Object.entries(KINDS).map(([type, kind]) => [kind, type as SearchedType]));

const DEFAULT_SUGGESTIONS = 8;
const MAX_SUGGESTIONS = 20;

export const search: NonNullable<QueryResolvers["search"]> = async (
  _root,
  { text, kinds, within, first, after },
  context,
) => {
  const { parseQuery, search: find } = await engine();
  const index = await context.searchIndex();
  const query = parseQuery(text, index.places);
  const types = typesOf(kinds);
  const region = within == null ? undefined : requireIdOf("region", within, "within");
  const list = JSON.stringify(["search", asTyped(text), types ?? null, region ?? null]);
  const page = requirePage({ first, after }, (cursor, argument) => context.cursors.open(cursor, list, argument));
  const cursorOf = (position: string) => context.cursors.seal(position, list);
  const path = region && (await pathOf(context, region));
  const shared = { cursorOf, indexRelease: index.release, notIndexed: () => notIndexed(context, index, types) };
  if (path === null) return { ...shared, page: EMPTY, hits: 0, total: async () => 0, facet: async () => new Map() };
  const filter = { ...(types ? { types } : {}), ...(path === undefined ? {} : { within: path }) };
  const { ranking, page: pageOf } = find(index, query, filter);
  return {
    ...shared,
    page: pageOf(page),
    hits: ranking.length,
    total: async () => ranking.length,
    facet: (field) => facetOfHits(index, ranking, field, path),
  } satisfies SearchConnectionModel;
};

/** What the order of hits depends on: words are ranked by how they stand together, not only by which they are. */
function asTyped(text: string): string {
  return text.normalize("NFKC").trim().toLowerCase();
}

export const suggest: NonNullable<QueryResolvers["suggest"]> = async (_root, { text, kinds, first }, context) => {
  const { parseQuery, suggest: complete } = await engine();
  const limit = first ?? DEFAULT_SUGGESTIONS;
  if (limit < 1 || limit > MAX_SUGGESTIONS) {
    throw badInput("first", `first must lie between 1 and ${MAX_SUGGESTIONS}`);
  }
  const index = await context.searchIndex();
  const query = parseQuery(text, index.places);
  const types = typesOf(kinds);
  return complete(index, query, types ? { types } : {}, limit);
};

export const SearchConnection: SearchConnectionResolvers = {
  ...connection,
  totalCount: ({ hits }) => hits,
  facets,
  indexRelease: ({ indexRelease }) => indexRelease,
  notIndexed: ({ notIndexed }) => notIndexed(),
};

export const SearchHit: SearchHitResolvers = {
  node: (found, _args, context) => nodeOf(context, found),
};

export const Suggestion: SuggestionResolvers = {
  kind: ({ id }) => KINDS[splitEntityId(id).type as SearchedType],
  node: (found, _args, context) => nodeOf(context, found),
};

/** Where another request has found a newer release meanwhile, what was found in its index is read as of that. */
async function nodeOf(
  context: RequestContext,
  { id, release }: Pick<SearchHitModel, "id" | "release">,
): Promise<AnyEntity> {
  const snapshot = await context.snapshot();
  const vintage = { ...snapshot.vintage, release: Math.max(release, snapshot.vintage.release) };
  return (await snapshot.entity(id, vintage)) as AnyEntity;
}

function typesOf(kinds: readonly NodeKind[] | null | undefined): SearchedType[] | undefined {
  if (kinds == null) return undefined;
  const types = kinds.map((kind) => {
    const type = TYPES.get(kind);
    if (!type) throw badInput("kinds", `${kind} is not searched`);
    return type;
  });
  return [...new Set(types)].sort();
}

async function pathOf(context: RequestContext, id: `region:${string}`): Promise<string | null> {
  const region = await (await context.snapshot()).entity<"region">(id);
  return region?.body.path ?? null;
}

async function facetOfHits(
  index: SearchIndex,
  ranking: Ranking,
  field: FacetModel["field"],
  within: string | undefined,
): Promise<FacetCounts> {
  const { countByRegion, countHits } = await engine();
  if (field === "REGION") return mapKeys(countByRegion(index, ranking, within), (code) => `region:${code}`);
  const counts = countHits(index, ranking, field);
  return field === "KIND" ? mapKeys(counts, (type) => KINDS[type as SearchedType]) : counts;
}

function mapKeys(counts: FacetCounts, name: (value: string) => string): FacetCounts {
  return new Map(Array.from(counts, ([value, count]) => [value === null ? null : name(value), count]));
}

/** What stands in the portal and not in the index, of the types that were searched. */
async function notIndexed(
  context: RequestContext,
  index: SearchIndex,
  types: readonly SearchedType[] | undefined,
): Promise<number | null> {
  const { SEARCHED_TYPES } = await engine();
  const counts = await (await context.snapshot()).counts("all");
  if (!counts) return null;
  let missing = 0;
  for (const [t, type] of SEARCHED_TYPES.entries()) {
    if (types && !types.includes(type)) continue;
    for (const partition of [type, `${type}~`]) {
      for (const count of Object.values(counts[partition] ?? {})) missing += count;
    }
    for (const one of index.types) if (one === t) missing -= 1;
  }
  return Math.max(0, missing);
}
