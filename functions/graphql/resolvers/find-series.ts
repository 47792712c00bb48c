import type { GraphQLResolveInfo } from "graphql";
import { requireIdOf, requireSubjectId, splitEntityId } from "../../../portal/identifiers.ts";
import { DEFAULT_STATUSES } from "../../../portal/series/resolution.ts";
import { hasObservation, isThere } from "../../../portal/series/standing.ts";
import type { Frequency } from "../../../portal/series/time-period.ts";
import type { ReleaseRef } from "../../../portal/snapshot.ts";
import type { RequestContext } from "../context.ts";
import type { SeriesModel } from "../models.ts";
import { selects } from "./selection.ts";

export interface SeriesQuery {
  readonly metric: string;
  readonly subject: string;
  readonly frequency?: Frequency | null | undefined;
  readonly asOf?: ReleaseRef | null | undefined;
}

/** Fields of a series that hold it against those of other subjects. */
const COMPARISONS = ["rank", "shareOfParent"];

/**
 * A series as of a release; null when it had no claim then, or no metric or subject any more. Where no frequency is
 * named, the coarsest that has an observation, and if none has, the coarsest that is there.
 */
export async function findSeries(
  context: RequestContext,
  query: SeriesQuery,
  info?: GraphQLResolveInfo,
): Promise<SeriesModel | null> {
  const metric = splitEntityId(requireIdOf("metric", query.metric, "metric")).localId;
  const subject = requireSubjectId(query.subject, "subject");
  const snapshot = await context.snapshot();
  // What is compared with others needs to know where the subject lies: read beside the series, a round trip is saved.
  const compared = info && COMPARISONS.some((field) => selects(info, [field]));
  if (compared) snapshot.entity(subject).catch(() => undefined);
  const [vintage, records] = await Promise.all([snapshot.asOf(query.asOf), snapshot.series(subject, metric)]);
  const asked = records.filter(({ key }) => query.frequency == null || key.frequency === query.frequency);
  const there = await Promise.all(asked.map((one) => isThere(snapshot, one, vintage)));
  const found = asked.filter((_, i) => there[i]);
  const record = found.find((one) => hasObservation(one, vintage, DEFAULT_STATUSES)) ?? found[0];
  return record ? { ...record, type: "series", vintage } : null;
}
