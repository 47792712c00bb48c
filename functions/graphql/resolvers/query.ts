import type { GraphQLResolveInfo } from "graphql";
import type { AnyEntity } from "../../../portal/catalogue/entities.ts";
import { badInput } from "../../../portal/errors.ts";
import { isSubjectId, requireIdOf, requireNodeId } from "../../../portal/identifiers.ts";
import type { QueryResolvers } from "../../../schema/generated/resolvers.ts";
import type { RequestContext } from "../context.ts";
import type {
  AgencyModel,
  ComplexModel,
  MetricModel,
  PlatformModel,
  RegionModel,
  ReleaseModel,
  SeriesModel,
  SourceModel,
} from "../models.ts";
import { changes } from "./change.ts";
import { given, listConnection, operatorId } from "./connections.ts";
import { findSeries } from "./find-series.ts";
import { panel } from "./panel.ts";
import { prefetchSubject } from "./prefetch.ts";
import { historical } from "./region.ts";
import { search, suggest } from "./search.ts";

type NodeModel = AnyEntity | SeriesModel;

/** How many nodes one call may ask for. */
const MAX_NODES = 100;

async function nodeOf(
  context: RequestContext,
  id: string,
  argument: string,
  info: GraphQLResolveInfo,
): Promise<NodeModel | null> {
  const reference = requireNodeId(id, argument);
  if ("series" in reference) return findSeries(context, reference.series, info);
  if (isSubjectId(reference.entity)) prefetchSubject(context, reference.entity, info);
  return (await context.snapshot()).entity(reference.entity) as Promise<AnyEntity | null>;
}

async function entityById<T extends AnyEntity>(
  type: T["type"],
  id: string,
  argument: string,
  context: RequestContext,
  info?: GraphQLResolveInfo,
): Promise<T | null> {
  const known = requireIdOf(type, id, argument);
  if (info && isSubjectId(known)) prefetchSubject(context, known, info);
  return (await context.snapshot()).entity(known) as Promise<T | null>;
}

export const Query: QueryResolvers = {
  node: (_root, { id }, context, info) => nodeOf(context, id, "id", info),
  nodes: (_root, { ids }, context, info) => {
    if (ids.length > MAX_NODES) throw badInput("ids", `at most ${MAX_NODES} ids at a time`);
    return ids.map((id) => nodeOf(context, id, "ids", info));
  },
  region: (_root, { code }, context, info) => entityById<RegionModel>("region", code, "code", context, info),
  regions: (_root, args, context) =>
    listConnection<RegionModel>(context, "region", args, {
      within: args.filter?.within,
      ...given("kind", args.filter?.level),
      ...given("historical", historical(args.filter?.status)),
    }),
  agency: (_root, { id }, context, info) => entityById<AgencyModel>("agency", id, "id", context, info),
  agencies: (_root, args, context) =>
    listConnection<AgencyModel>(context, "agency", args, {
      within: args.filter?.within,
      ...given("kind", args.filter?.level),
    }),
  platform: (_root, { id }, context, info) => entityById<PlatformModel>("platform", id, "id", context, info),
  platforms: (_root, args, context) =>
    listConnection<PlatformModel>(context, "platform", args, {
      within: args.filter?.within,
      ...given("kind", args.filter?.kind),
      ...operatorId(args.filter?.operator),
    }),
  industrialComplex: (_root, { id }, context, info) => entityById<ComplexModel>("complex", id, "id", context, info),
  industrialComplexes: (_root, args, context) =>
    listConnection<ComplexModel>(context, "complex", args, {
      within: args.filter?.within,
      ...given("kind", args.filter?.kind),
    }),
  metric: (_root, { id }, context) => entityById<MetricModel>("metric", id, "id", context),
  metrics: (_root, args, context) =>
    listConnection<MetricModel>(context, "metric", args, given("kind", args.filter?.topic)),
  source: (_root, { id }, context) => entityById<SourceModel>("source", id, "id", context),
  sources: (_root, args, context) =>
    listConnection<SourceModel>(context, "source", args, given("kind", args.filter?.language)),
  series: (_root, args, context, info) => findSeries(context, args, info),
  panel,
  changes,
  search,
  suggest,
  release: async (_root, { number, asOf }, context) => {
    if (number != null && asOf != null) throw badInput("asOf", "number and asOf cannot be used together");
    const snapshot = await context.snapshot();
    if (number != null) return entityById<ReleaseModel>("release", String(number), "number", context);
    const { release } = await snapshot.asOf(asOf);
    return release === 0 ? null : snapshot.entity<"release">(`release:${release}`);
  },
  releases: (_root, args, context) =>
    listConnection<ReleaseModel>(
      context,
      "release",
      { ...args, orderBy: { field: "REGION", direction: args.orderBy?.direction ?? "DESC" } },
      {},
    ),
};
