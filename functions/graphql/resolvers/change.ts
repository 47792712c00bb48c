import type { AnyEntity } from "../../../portal/catalogue/entities.ts";
import { type EntityId, requireNodeId } from "../../../portal/identifiers.ts";
import { requirePage } from "../../../portal/paging/page.ts";
import { readChanges } from "../../../portal/releases/changes.ts";
import { vintageOf } from "../../../portal/releases/head.ts";
import type {
  ChangeResolvers,
  ClaimChangeResolvers,
  HeadlineValueResolvers,
  ObservationChangeResolvers,
} from "../../../schema/generated/resolvers.ts";
import type { RequestContext } from "../context.ts";
import type { ChangeConnectionModel, ReleaseModel } from "../models.ts";
import { connection } from "./connections.ts";
import { findSeries } from "./find-series.ts";

/** The feed is one list for everybody: a cursor of it stays good for as long as the portal stands. */
const LIST = "changes";

export async function changes(
  _root: unknown,
  { first, after }: { first?: number | null; after?: string | null },
  context: RequestContext,
): Promise<ChangeConnectionModel> {
  const { limit, after: position } = requirePage({ first, after }, (cursor, argument) =>
    context.cursors.open(cursor, LIST, argument),
  );
  const snapshot = await context.snapshot();
  return {
    page: await readChanges(snapshot, Number(position ?? 0), limit),
    cursorOf: (sequence) => context.cursors.seal(sequence, LIST),
    total: async () => snapshot.head.changes,
    resumeAt: after ?? null,
  };
}

export const ChangeConnection = {
  edges: connection.edges,
  nodes: connection.nodes,
  /** Without news the end is the cursor that was given: there is always one to resume at. */
  pageInfo: (model: ChangeConnectionModel) => {
    const info = connection.pageInfo(model);
    return { ...info, endCursor: info.endCursor ?? model.resumeAt };
  },
};

const KINDS = {
  region: "REGION",
  agency: "AGENCY",
  platform: "PLATFORM",
  complex: "INDUSTRIAL_COMPLEX",
  metric: "METRIC",
  source: "SOURCE",
  release: "RELEASE",
  series: "SERIES",
} as const;

export const Change: ChangeResolvers = {
  sequence: ({ sequence }) => sequence,
  release: async ({ release }, _args, context) =>
    (await context.snapshot()).entity<"release">(`release:${release}`) as Promise<ReleaseModel>,
  action: ({ action }) => action,
  kind: ({ node }) => KINDS[node.slice(0, node.indexOf(":")) as keyof typeof KINDS],
  nodeId: ({ node }) => node,
  node: async ({ node, release }, _args, context) => {
    const reference = requireNodeId(node, "node");
    if ("series" in reference) return findSeries(context, { ...reference.series, asOf: release });
    const snapshot = await context.snapshot();
    return snapshot.entity(node as EntityId, vintageOf(snapshot.head, release)) as Promise<AnyEntity | null>;
  },
  observations: ({ observations }) => observations,
};

export const ObservationChange: ObservationChangeResolvers = {
  timePeriod: ({ timePeriod }) => timePeriod,
  action: ({ action }) => action,
  old: ({ old }) => old,
  new: (change) => change.new,
  claims: ({ claims }) => claims,
};

export const HeadlineValue: HeadlineValueResolvers = {
  value: ({ value }) => value,
  valueAsFloat: ({ value }) => (value === null ? null : Number(value)),
  status: ({ status }) => status,
  sourceId: ({ source }) => `source:${source}`,
};

export const ClaimChange: ClaimChangeResolvers = {
  sourceId: ({ source }) => `source:${source}`,
  withdrawn: ({ status }) => status === null,
  value: ({ value }) => value,
  status: ({ status }) => status,
  publishedOn: ({ publishedOn }) => publishedOn || null,
  note: ({ note }) => note || null,
};
