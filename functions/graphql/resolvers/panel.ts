import type { GraphQLResolveInfo } from "graphql";
import { badInput } from "../../../portal/errors.ts";
import { requireIdOf, splitEntityId } from "../../../portal/identifiers.ts";
import { type PanelRequest, type PanelSelection, readPanel } from "../../../portal/series/panel.ts";
import { DEFAULT_STATUSES, type Vintage } from "../../../portal/series/resolution.ts";
import { requireTimePeriod } from "../../../portal/series/time-period.ts";
import type { Snapshot } from "../../../portal/snapshot.ts";
import type {
  PanelResolvers,
  PanelRowResolvers,
  PanelSubjects,
  QueryPanelArgs,
} from "../../../schema/generated/resolvers.ts";
import type { RequestContext } from "../context.ts";
import type { MetricModel, PanelModel, ReleaseModel, SubjectModel } from "../models.ts";
import { selects } from "./selection.ts";

/** The widest panel row that `last` and `top` may ask for is bounded by the cells of a panel, not by them. */
function requirePositive(value: number | null | undefined, argument: string): number | undefined {
  if (value == null) return undefined;
  if (value >= 1) return value;
  throw badInput(argument, `${argument} must be at least 1`);
}

export async function panel(
  _root: unknown,
  args: QueryPanelArgs,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<PanelModel | null> {
  const metricId = requireIdOf("metric", args.metric, "metric");
  const period = (text: string | null | undefined, argument: string) =>
    text == null ? undefined : requireTimePeriod(text, argument);
  const request = {
    metric: splitEntityId(metricId).localId,
    frequency: args.frequency ?? undefined,
    from: period(args.from, "from"),
    to: period(args.to, "to"),
    last: requirePositive(args.last, "last"),
    top: requirePositive(args.top, "top"),
    statuses: args.status ? new Set(args.status) : DEFAULT_STATUSES,
    orderBy: args.orderBy
      ? {
          timePeriod: requireTimePeriod(args.orderBy.timePeriod, "orderBy.timePeriod"),
          descending: args.orderBy.direction !== "ASC",
        }
      : undefined,
    admits: (claims: number) => context.answer.admitsClaims(claims),
  };
  const snapshot = await context.snapshot();
  const vintage = snapshot.asOf(args.asOf);
  const [metric, read] = await Promise.all([
    snapshot.entity(metricId, vintage) as Promise<MetricModel | null>,
    readSelected(snapshot, args.of, request, vintage, info),
  ]);
  return read && metric && { ...read, metric };
}

/** The panel of what was selected; null when that is in a region that does not exist. */
async function readSelected(
  snapshot: Snapshot,
  subjects: PanelSubjects,
  request: Omit<PanelRequest, "of" | "vintage">,
  asOf: Promise<Vintage>,
  info: GraphQLResolveInfo,
) {
  const [of, vintage] = await Promise.all([selectionOf(subjects, snapshot, asOf), asOf]);
  if (of === null) return null;
  // The subjects of a region are read beside their series: a round trip saved for each panel.
  const [panel] = await Promise.all([
    readPanel(snapshot, { ...request, of, vintage }),
    selects(info, ["rows", "subject"]) ? preload(snapshot, of) : undefined,
  ]);
  return panel && { ...panel, vintage };
}

async function preload(snapshot: Snapshot, of: PanelSelection): Promise<void> {
  if ("childrenOf" in of) await snapshot.preloadChildren(of.childrenOf);
  else if (of.within !== undefined) await snapshot.preload(of.kind, of.within);
}

async function selectionOf(
  of: PanelSubjects,
  snapshot: Snapshot,
  vintage: Promise<Vintage>,
): Promise<PanelSelection | null> {
  if (of.childrenOf != null) return { childrenOf: requireIdOf("region", of.childrenOf, "of.childrenOf") };
  if (of.regions != null) {
    const within = await pathOf(of.regions.within, "of.regions.within", snapshot, vintage);
    return within === null ? null : { kind: of.regions.level, within };
  }
  const { kind, within } = of.subjects ?? {};
  if (kind === undefined) throw badInput("of", "name the subjects: childrenOf, regions or subjects");
  if (kind === "REGION") throw badInput("of.subjects.kind", "regions are chosen by level: use of.regions");
  const type = { AGENCY: "agency", PLATFORM: "platform", INDUSTRIAL_COMPLEX: "complex" }[kind];
  if (within == null) return { kind: type };
  const path = await pathOf(within, "of.subjects.within", snapshot, vintage);
  return path === null ? null : { kind: type, within: path };
}

async function pathOf(
  region: string,
  argument: string,
  snapshot: Snapshot,
  vintage: Promise<Vintage>,
): Promise<string | null> {
  const found = await snapshot.entity<"region">(requireIdOf("region", region, argument), vintage);
  return found?.body.path ?? null;
}

export const Panel: PanelResolvers = {
  metric: ({ metric }) => metric,
  unit: ({ metric }) => metric.body.unit,
  frequency: ({ frequency }) => frequency,
  release: async ({ vintage }, _args, context) =>
    (await context.snapshot()).entity<"release">(`release:${vintage.release}`) as Promise<ReleaseModel>,
  timePeriods: ({ timePeriods }) => timePeriods,
  rows: ({ rows, vintage }) => rows.map((row) => ({ ...row, vintage })),
  rowCount: ({ rowCount }) => rowCount,
};

export const PanelRow: PanelRowResolvers = {
  subject: async ({ subject, vintage }, _args, context) =>
    (await context.snapshot()).entity(subject, vintage) as Promise<SubjectModel>,
  values: ({ cells }) => cells.map((cell) => cell?.value ?? null),
  valuesAsFloat: ({ cells }) => cells.map((cell) => (cell?.value == null ? null : Number(cell.value))),
  statuses: ({ cells }) => cells.map((cell) => cell?.status ?? null),
  missing: ({ cells }) => cells.filter((cell) => cell?.value == null).length,
};
