import type { GraphQLResolveInfo } from "graphql";
import { badInput } from "../../../portal/errors.ts";
import { entityId, splitEntityId } from "../../../portal/identifiers.ts";
import {
  basePeriod,
  type ComparisonBase,
  change,
  compoundGrowth,
  type Derived,
  type DerivedMeasure,
  growth,
  rankOf,
  shareOfParent,
  type UndefinedReason,
  undefinedAt,
  yearsBetween,
} from "../../../portal/series/derived.ts";
import { noticesAt } from "../../../portal/series/notice-history.ts";
import { readPanel } from "../../../portal/series/panel.ts";
import { at } from "../../../portal/series/periods.ts";
import { DEFAULT_STATUSES, type Vintage } from "../../../portal/series/resolution.ts";
import { isComparable } from "../../../portal/series/siblings.ts";
import { formatTimePeriod, requireTimePeriod, type TimePeriod } from "../../../portal/series/time-period.ts";
import type { ReleaseRef } from "../../../portal/snapshot.ts";
import type {
  DerivedRankResolvers,
  DerivedValueResolvers,
  NoticeResolvers,
  SeriesResolvers,
} from "../../../schema/generated/resolvers.ts";
import type { RequestContext } from "../context.ts";
import type {
  DerivedRankModel,
  DerivedValueModel,
  ObservationModel,
  RegionModel,
  ReleaseModel,
  SeriesModel,
} from "../models.ts";
import { findSeries } from "./find-series.ts";
import { readReferences } from "./references.ts";
import { selects } from "./selection.ts";
import { metricOf, type ObservationArguments, observationsOf, vintageFor } from "./series.ts";

/** What is computed for each of the periods that the arguments leave. */
type PeriodArguments = Omit<ObservationArguments, "status">;
type ComparisonArguments = PeriodArguments & { readonly against: ComparisonBase };

async function comparisons(
  series: SeriesModel,
  args: ComparisonArguments,
  context: RequestContext,
  measure: "CHANGE" | "GROWTH",
): Promise<DerivedValueModel[]> {
  const [wanted, all] = await Promise.all([
    observationsOf(series, args, context),
    observationsOf(series, { asOf: args.asOf }, context),
  ]);
  if (!admitsComputing(wanted, context)) return [];
  const compute = measure === "GROWTH" ? growth : change;
  return wanted.map((observation) => {
    const base = basePeriod(series.key.frequency, observation.period, args.against);
    return derivedModel(series, measure, compute(observation, base === null ? undefined : at(all, base)));
  });
}

/** Exact arithmetic takes about as long as a field does. */
function admitsComputing(wanted: readonly ObservationModel[], { answer }: RequestContext): boolean {
  return answer.admits(wanted.length);
}

/** What a list of derived values was computed from comes with its sources and releases. */
const withReferences =
  <Args>(compute: (series: SeriesModel, args: Args, context: RequestContext) => Promise<DerivedValueModel[]>) =>
  async (series: SeriesModel, args: Args, context: RequestContext, info: GraphQLResolveInfo) => {
    const values = await compute(series, args, context);
    if (selects(info, ["derivedFrom"])) {
      const inputs = values.flatMap(({ derivedFrom }) => derivedFrom);
      await readReferences(inputs, ["derivedFrom"], context, info);
    }
    return values;
  };

function derivedModel(
  series: SeriesModel,
  measure: DerivedMeasure,
  derived: Derived<ObservationModel>,
): DerivedValueModel {
  return { ...derived, measure, series, frequency: series.key.frequency };
}

async function compound(
  series: SeriesModel,
  args: { from: string; to: string; asOf?: ReleaseRef | null | undefined },
  context: RequestContext,
): Promise<DerivedValueModel> {
  const [from, to] = [requireTimePeriod(args.from, "from"), requireTimePeriod(args.to, "to")];
  const { frequency } = series.key;
  for (const [argument, period] of Object.entries({ from, to })) {
    if (period.frequency === frequency) continue;
    throw badInput(argument, `${argument} must be a time period of the series, whose frequency is ${frequency}`);
  }
  if (from.index >= to.index) throw badInput("to", "to must lie after from");
  const all = await observationsOf(series, { asOf: args.asOf }, context);
  const observed = (index: number) => at(all, index);
  const years = yearsBetween(frequency, from.index, to.index);
  return derivedModel(
    series,
    "COMPOUND_GROWTH",
    compoundGrowth(observed(to.index), observed(from.index), to.index, years),
  );
}

async function shares(
  series: SeriesModel,
  args: PeriodArguments,
  context: RequestContext,
): Promise<DerivedValueModel[]> {
  const vintage = await vintageFor(series, args.asOf, context);
  const [wanted, region] = await Promise.all([
    observationsOf(series, args, context),
    regionOf(series, vintage, context),
  ]);
  const parent = region?.body.parent;
  const found = parent && (await findSeries(context, { ...series.key, subject: parent }));
  const all = found ? await observationsOf({ ...found, vintage }, {}, context) : [];
  if (!admitsComputing(wanted, context)) return [];
  return wanted.map((observation) => {
    const share = parent
      ? shareOfParent(observation, at(all, observation.period))
      : undefinedAt(observation.period, "NO_PARENT", [observation]);
    return derivedModel(series, "SHARE_OF_PARENT", share);
  });
}

/** The region that a series is of; undefined for other subjects. */
async function regionOf(
  { key }: SeriesModel,
  vintage: Vintage,
  context: RequestContext,
): Promise<RegionModel | undefined> {
  if (!key.subject.startsWith("region:")) return undefined;
  return (await (await context.snapshot()).entity(key.subject as RegionModel["id"], vintage)) ?? undefined;
}

async function rank(
  series: SeriesModel,
  args: { timePeriod?: string | null; direction: "ASC" | "DESC"; asOf?: ReleaseRef | null },
  context: RequestContext,
): Promise<DerivedRankModel | null> {
  const { frequency } = series.key;
  const named = args.timePeriod == null ? undefined : requireTimePeriod(args.timePeriod, "timePeriod");
  if (named && named.frequency !== frequency) {
    throw badInput("timePeriod", `timePeriod must be one of the series, whose frequency is ${frequency}`);
  }
  const observations = await observationsOf(series, { asOf: args.asOf }, context);
  const observation = named ? at(observations, named.index) : observations.at(-1);
  if (!observation) return null;
  const { period } = observation;
  const vintage = await vintageFor(series, args.asOf, context);
  const region = await regionOf(series, vintage, context);
  const values = await siblingValues(series, region, period, vintage, context);
  const value = observation.headline.value;
  const found = { period, frequency, outOf: values.length, derivedFrom: [observation] };
  const reason = value === null ? "NO_VALUE" : region && unranked(region, { frequency, index: period });
  if (value === null || reason) return { ...found, rank: null, undefined: reason ?? null };
  return { ...found, rank: rankOf(value, values, args.direction === "DESC"), undefined: null };
}

/** Why a region has no place among its siblings, if it has none. */
function unranked(region: RegionModel, period: TimePeriod): UndefinedReason | undefined {
  if (!region.body.parent) return "NO_PARENT";
  return isComparable(region, period) ? undefined : "NOT_COMPARABLE";
}

/** The values of a period among the regions with the same parent, or among all subjects of the same kind. */
async function siblingValues(
  { key }: SeriesModel,
  region: RegionModel | undefined,
  period: number,
  vintage: Vintage,
  context: RequestContext,
): Promise<string[]> {
  const snapshot = await context.snapshot();
  const parent = region?.body.parent as RegionModel["id"] | undefined;
  if (region && !parent) return [];
  const timePeriod = { frequency: key.frequency, index: period };
  const [siblings] = await Promise.all([
    readPanel(snapshot, {
      metric: key.metric,
      of: parent ? { childrenOf: parent } : { kind: splitEntityId(key.subject).type },
      frequency: key.frequency,
      from: timePeriod,
      to: timePeriod,
      statuses: DEFAULT_STATUSES,
      vintage,
      admits: (claims) => context.answer.admitsClaims(claims),
    }),
    parent && snapshot.preloadChildren(parent),
  ]);
  const values = (siblings?.rows ?? []).map(async ({ subject, cells }) => {
    const sibling = parent && (await snapshot.entity(subject as RegionModel["id"], vintage));
    return sibling && !isComparable(sibling, timePeriod) ? null : (cells[0]?.value ?? null);
  });
  return (await Promise.all(values)).filter((value) => value !== null);
}

export const derivedOfSeries: SeriesResolvers = {
  change: withReferences((series, args: ComparisonArguments, context) => comparisons(series, args, context, "CHANGE")),
  growth: withReferences((series, args: ComparisonArguments, context) => comparisons(series, args, context, "GROWTH")),
  compoundGrowth: compound,
  shareOfParent: withReferences(shares),
  rank,
  notices: ({ key, notices, vintage }) =>
    noticesAt(notices, vintage).notices.map((notice) => ({ ...notice, frequency: key.frequency })),
  noticeCount: ({ notices, vintage }) => noticesAt(notices, vintage).total,
};

const timed = {
  timePeriod: ({ period, frequency }: Pick<DerivedValueModel, "period" | "frequency">) =>
    formatTimePeriod({ frequency, index: period }),
};

export const DerivedValue: DerivedValueResolvers = {
  ...timed,
  measure: ({ measure }) => measure,
  value: ({ value }) => value,
  valueAsFloat: ({ value }) => (value === null ? null : Number(value)),
  unit: async ({ measure, series }, _args, context) =>
    measure === "CHANGE" ? (await metricOf(series, context)).body.unit : "%",
  undefined: (derived) => derived.undefined,
  derivedFrom: ({ derivedFrom }) => derivedFrom,
};

export const DerivedRank: DerivedRankResolvers = {
  ...timed,
  measure: () => "RANK",
  rank: (derived) => derived.rank,
  outOf: ({ outOf }) => outOf,
  undefined: (derived) => derived.undefined,
  derivedFrom: ({ derivedFrom }) => derivedFrom,
};

export const Notice: NoticeResolvers = {
  ...timed,
  code: ({ code }) => code,
  message: ({ message }) => message,
  values: ({ values }) => values,
  release: async ({ release }, _args, context) =>
    (await context.snapshot()).entity(
      entityId("release", String(release)) as ReleaseModel["id"],
    ) as Promise<ReleaseModel>,
};
