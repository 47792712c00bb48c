import type { Counts } from "../../../portal/catalogue/counts.ts";
import { countOf } from "../../../portal/catalogue/counts.ts";
import type { AnyEntity } from "../../../portal/catalogue/entities.ts";
import { AGENCY_LEVELS, COMPLEX_KINDS, PLATFORM_KINDS, REGION_LEVELS } from "../../../portal/catalogue/entities.ts";
import type { RegionResolvers } from "../../../schema/generated/resolvers.ts";
import type { RequestContext } from "../context.ts";
import type { AgencyModel, ComplexModel, PlatformModel, RegionCountsModel, RegionModel } from "../models.ts";
import { given, listConnection, operatorId } from "./connections.ts";
import { named } from "./names.ts";
import { sourced, subject } from "./subject.ts";

export const Region: RegionResolvers = {
  ...named,
  ...subject,
  ...sourced,
  id: ({ id }) => id,
  code: ({ localId }) => localId,
  level: ({ body }) => body.level,
  iso3166: ({ body }) => body.iso3166 ?? null,
  isAggregate: ({ body }) => body.isAggregate ?? false,
  status: ({ body }) => (body.validTo === undefined ? "CURRENT" : "HISTORICAL"),
  validFrom: ({ body }) => body.validFrom ?? null,
  validTo: ({ body }) => body.validTo ?? null,
  replacedBy: (region, _args, context) => replacements(region, context),
  parent: async ({ body, vintage }, _args, context) =>
    body.parent ? (await context.snapshot()).entity(body.parent as RegionModel["id"], vintage) : null,
  ancestors: async ({ body, vintage }, _args, context) => (await context.snapshot()).regionsOn(body.path, 1, vintage),
  children: (region, args, context) =>
    listConnection<RegionModel>(context, "region", args, {
      parent: region.id,
      ...given("historical", historical(args.filter?.status)),
    }),
  counts: (region) => ({ region }),
  agencies: ({ body }, args, context) =>
    listConnection<AgencyModel>(context, "agency", args, {
      withinPath: body.path,
      ...given("kind", args.filter?.level),
    }),
  platforms: ({ body }, args, context) =>
    listConnection<PlatformModel>(context, "platform", args, {
      withinPath: body.path,
      ...given("kind", args.filter?.kind),
      ...operatorId(args.filter?.operator),
    }),
  industrialComplexes: ({ body }, args, context) =>
    listConnection<ComplexModel>(context, "complex", args, {
      withinPath: body.path,
      ...given("kind", args.filter?.kind),
    }),
};

/** Historical regions are listed only when asked for. */
export function historical(status: "CURRENT" | "HISTORICAL" | null | undefined): true | undefined {
  return status === "HISTORICAL" ? true : undefined;
}

async function replacements({ body, vintage }: RegionModel, context: RequestContext): Promise<RegionModel[]> {
  const snapshot = await context.snapshot();
  const ids = (body.replacedBy ?? []) as RegionModel["id"][];
  const found = await Promise.all(ids.map((id) => snapshot.entity(id, vintage)));
  return found.filter((region) => region !== null);
}

/** Counts of what lies in a region and below it, the region itself included. */
function count(type: AnyEntity["type"]) {
  return async ({ region }: RegionCountsModel, _args: unknown, context: RequestContext): Promise<number> => {
    const counts = await below(region, context);
    return countOf(counts, type) + (type === "region" && region.body.validTo === undefined ? 1 : 0);
  };
}

function countByKind(type: AnyEntity["type"], kinds: readonly string[]) {
  return async ({ region }: RegionCountsModel, _args: unknown, context: RequestContext) => {
    const counts = await below(region, context);
    const own = type === "region" && region.body.validTo === undefined ? region.body.level : undefined;
    return kinds
      .map((kind) => ({ kind, count: countOf(counts, type, kind) + (kind === own ? 1 : 0) }))
      .filter((entry) => entry.count > 0);
  };
}

async function below(region: RegionModel, context: RequestContext): Promise<Counts> {
  return (await context.snapshot()).requireCounts(`within:${region.localId}`);
}

export const RegionCounts = {
  regions: count("region"),
  regionsByLevel: countByKind("region", REGION_LEVELS),
  agencies: count("agency"),
  agenciesByLevel: countByKind("agency", AGENCY_LEVELS),
  platforms: count("platform"),
  platformsByKind: countByKind("platform", PLATFORM_KINDS),
  industrialComplexes: count("complex"),
  industrialComplexesByKind: countByKind("complex", COMPLEX_KINDS),
};
