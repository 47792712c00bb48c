import type {
  AgencyResolvers,
  IndustrialComplexResolvers,
  MetricResolvers,
  PlatformResolvers,
  ReleaseResolvers,
  SourceResolvers,
} from "../../../schema/generated/resolvers.ts";
import type { AgencyModel, MetricModel, PlatformModel } from "../models.ts";
import { given, listConnection } from "./connections.ts";
import { named } from "./names.ts";
import { noted, placed, sourced, subject } from "./subject.ts";

export const Agency: AgencyResolvers = {
  ...named,
  ...subject,
  ...placed,
  ...sourced,
  ...noted,
  id: ({ id }) => id,
  level: ({ body }) => body.level,
  establishedOn: ({ body }) => body.establishedOn ?? null,
  platforms: ({ id }, args, context) =>
    listConnection<PlatformModel>(context, "platform", args, {
      parent: id,
      within: args.filter?.within,
      ...given("kind", args.filter?.kind),
    }),
};

export const Platform: PlatformResolvers = {
  ...named,
  ...subject,
  ...placed,
  ...sourced,
  ...noted,
  id: ({ id }) => id,
  kind: ({ body }) => body.kind,
  operator: async ({ body, vintage }, _args, context) =>
    body.operator ? (await context.snapshot()).entity(body.operator as AgencyModel["id"], vintage) : null,
  launchedOn: ({ body }) => body.launchedOn ?? null,
  url: ({ body }) => body.url ?? null,
};

export const IndustrialComplex: IndustrialComplexResolvers = {
  ...named,
  ...subject,
  ...placed,
  ...sourced,
  ...noted,
  id: ({ id }) => id,
  kind: ({ body }) => body.kind,
  establishedOn: ({ body }) => body.establishedOn ?? null,
};

export const Metric: MetricResolvers = {
  ...named,
  id: ({ id }) => id,
  unit: ({ body }) => body.unit,
  topic: ({ body }) => body.topic,
  definition: ({ body }) => body.definition ?? null,
  partOf: async ({ body, vintage }, _args, context) =>
    body.partOf ? (await context.snapshot()).entity(body.partOf as MetricModel["id"], vintage) : null,
  maximum: ({ body }) => body.maximum ?? null,
};

export const Source: SourceResolvers = {
  ...noted,
  id: ({ id }) => id,
  title: ({ body }) => body.title,
  publisher: ({ body }) => body.publisher ?? null,
  publishedOn: ({ body }) => body.publishedOn ?? null,
  url: ({ body }) => body.url ?? null,
  language: ({ body }) => body.language ?? null,
};

export const Release: ReleaseResolvers = {
  id: ({ id }) => id,
  number: ({ localId }) => Number(localId),
  title: ({ body }) => body.title,
  publisher: ({ body }) => body.publisher,
  publishedOn: ({ body }) => body.publishedOn,
  committedAt: ({ body }) => body.committedAt,
  isHead: async ({ localId }, _args, context) => Number(localId) === (await context.snapshot()).head.release,
  counts: ({ body: { claims, entities, changes } }) => ({ claims, entities, changes }),
};
