import type { Vintage } from "../../../portal/series/resolution.ts";
import type { Frequency } from "../../../portal/series/time-period.ts";
import type { ReleaseRef } from "../../../portal/snapshot.ts";
import type { RequestContext } from "../context.ts";
import type { RegionModel, SourceModel, SubjectModel } from "../models.ts";
import { findSeries } from "./find-series.ts";
import { type ProfileArguments, profileConnection } from "./profile.ts";

interface SeriesArguments {
  readonly metric: string;
  readonly frequency?: Frequency | null;
  readonly asOf?: ReleaseRef | null;
}

/** What every subject of series has. */
export const subject = {
  series: async (subject: SubjectModel, { metric, frequency, asOf }: SeriesArguments, context: RequestContext) =>
    findSeries(context, { metric, subject: subject.id, frequency, asOf: asOf ?? (await earlier(subject, context)) }),
  profile: async (subject: SubjectModel, args: ProfileArguments, context: RequestContext) =>
    profileConnection(context, subject.id, { ...args, asOf: args.asOf ?? (await earlier(subject, context)) }),
};

/** The release as of which a subject was read, when that is not HEAD: what it has is to be read as of the same. */
async function earlier({ vintage }: SubjectModel, context: RequestContext): Promise<number | null> {
  const { head } = await context.snapshot();
  return vintage.release === head.release ? null : vintage.release;
}

interface Referring<Field extends string> {
  readonly body: { readonly [F in Field]?: string };
  readonly vintage: Vintage;
}

/** `region` of what lies in one. */
export const placed = {
  region: async ({ body, vintage }: Referring<"region">, _args: unknown, context: RequestContext) =>
    body.region ? (await context.snapshot()).entity(body.region as RegionModel["id"], vintage) : null,
};

/** `source` of what one states. */
export const sourced = {
  source: async ({ body, vintage }: Referring<"source">, _args: unknown, context: RequestContext) =>
    body.source ? (await context.snapshot()).entity(body.source as SourceModel["id"], vintage) : null,
};

/** `note` of what has one. */
export const noted = {
  note: ({ body }: { body: { note?: string } }) => body.note ?? null,
};
