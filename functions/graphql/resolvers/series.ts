import { badInput } from "../../../portal/errors.ts";
import { entityId, seriesId } from "../../../portal/identifiers.ts";
import type { Claim, ObservationStatus } from "../../../portal/series/claims.ts";
import { between } from "../../../portal/series/periods.ts";
import { DEFAULT_STATUSES, resolve, type Vintage } from "../../../portal/series/resolution.ts";
import { formatTimePeriod, indexRange, requireTimePeriod } from "../../../portal/series/time-period.ts";
import type { ReleaseRef } from "../../../portal/snapshot.ts";
import type { ClaimResolvers, ObservationResolvers, SeriesResolvers } from "../../../schema/generated/resolvers.ts";
import type { RequestContext } from "../context.ts";
import type {
  ClaimModel,
  MetricModel,
  ObservationModel,
  ReleaseModel,
  SeriesModel,
  SourceModel,
  SubjectModel,
} from "../models.ts";
import { existing, readReferences } from "./references.ts";

export interface ObservationArguments {
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly status?: readonly ObservationStatus[] | null | undefined;
  readonly asOf?: ReleaseRef | null | undefined;
}

/** The observations of a series that the arguments leave, in the order of time. */
export async function observationsOf(
  series: SeriesModel,
  { from, to, last, status, asOf }: ObservationArguments,
  context: RequestContext,
): Promise<readonly ObservationModel[]> {
  if (last != null && last < 1) throw badInput("last", "last must be at least 1");
  const range = indexRange(
    series.key.frequency,
    from == null ? undefined : requireTimePeriod(from, "from"),
    to == null ? undefined : requireTimePeriod(to, "to"),
  );
  const vintage = await vintageFor(series, asOf, context);
  const all = allObservations({ ...series, vintage }, status ? new Set(status) : DEFAULT_STATUSES, context);
  const observations = between(all, range.first, range.last);
  return last == null ? observations : observations.slice(-last);
}

/** Worked out once for a request, however often it asks. */
function allObservations(
  series: SeriesModel,
  statuses: ReadonlySet<ObservationStatus>,
  context: RequestContext,
): readonly ObservationModel[] {
  const { claims, vintage } = series;
  const kept = context.observations.get(claims) ?? new Map<string, readonly ObservationModel[]>();
  context.observations.set(claims, kept);
  const name = [vintage.release, ...[...statuses].sort()].join();
  const known = kept.get(name);
  if (known) return known;
  if (!context.answer.admitsClaims(claims.length)) return [];
  const all = resolve(claims, vintage, statuses).map((observation): ObservationModel => ({ ...observation, series }));
  kept.set(name, all);
  return all;
}

export async function vintageFor(
  { vintage }: SeriesModel,
  asOf: ReleaseRef | null | undefined,
  context: RequestContext,
): Promise<Vintage> {
  return asOf == null ? vintage : (await context.snapshot()).asOf(asOf);
}

export const Series: SeriesResolvers = {
  id: ({ key }) => seriesId(key),
  metric: (series, _args, context) => metricOf(series, context),
  subject: async ({ key, vintage }, _args, context) => (await existing(context, key.subject, vintage)) as SubjectModel,
  frequency: ({ key }) => key.frequency,
  unit: async (series, _args, context) => (await metricOf(series, context)).body.unit,
  observations: async (series, args, context, info) => {
    const observations = await observationsOf(series, args, context);
    await readReferences(observations, [], context, info);
    return observations;
  },
  latest: async (series, args, context) => (await observationsOf(series, args, context)).at(-1) ?? null,
};

export async function metricOf({ key, vintage }: SeriesModel, context: RequestContext): Promise<MetricModel> {
  return (await existing(context, entityId("metric", key.metric), vintage)) as MetricModel;
}

type Dated = Claim & { readonly vintage: Vintage };

/** What observations and claims have in common. */
const stated = {
  value: ({ value }: Claim) => value,
  valueAsFloat: ({ value }: Claim) => (value === null ? null : Number(value)),
  source: ({ source, vintage }: Dated, _args: unknown, context: RequestContext) =>
    existing(context, entityId("source", source), vintage) as SourceModel | Promise<SourceModel>,
  release: ({ release, vintage }: Dated, _args: unknown, context: RequestContext) =>
    existing(context, entityId("release", String(release)), vintage) as ReleaseModel | Promise<ReleaseModel>,
  note: ({ note }: Claim) => note || null,
};

export const Observation: ObservationResolvers = {
  timePeriod: ({ period, series }) => formatTimePeriod({ frequency: series.key.frequency, index: period }),
  value: ({ headline }) => stated.value(headline),
  valueAsFloat: ({ headline }) => stated.valueAsFloat(headline),
  status: ({ headline }) => headline.status,
  source: ({ headline, series: { vintage } }, args, context) => stated.source({ ...headline, vintage }, args, context),
  release: ({ headline, series: { vintage } }, args, context) =>
    stated.release({ ...headline, vintage }, args, context),
  note: ({ headline }) => stated.note(headline),
  revisions: ({ headline, series }) => standing(headline.revisions, series.vintage),
  alternatives: ({ alternatives, series: { vintage } }) => alternatives.map((claim) => ({ ...claim, vintage })),
};

export const ClaimFields: ClaimResolvers = {
  ...stated,
  status: ({ status }) => status ?? "O",
  revisions: ({ revisions, vintage }: ClaimModel) => standing(revisions ?? [], vintage),
};

/** Withdrawals are steps in a history, not claims of a value: a later claim of the same source ended them. */
function standing(claims: readonly Claim[], vintage: Vintage): readonly ClaimModel[] {
  return claims.filter(({ status }) => status !== null).map((claim) => ({ ...claim, vintage }));
}
