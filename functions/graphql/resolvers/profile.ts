import type { SubjectId } from "../../../portal/identifiers.ts";
import { requirePage } from "../../../portal/paging/page.ts";
import { readProfile } from "../../../portal/series/profile.ts";
import type { ReleaseRef } from "../../../portal/snapshot.ts";
import type { RequestContext } from "../context.ts";
import type { ConnectionModel, SeriesModel } from "../models.ts";
import { EMPTY, isTooLong } from "./connections.ts";

export interface ProfileArguments {
  readonly topic?: string | null;
  readonly asOf?: ReleaseRef | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

/** One page of the series of a subject; asked for twice, it is read once. */
export function profileConnection(
  context: RequestContext,
  subject: SubjectId,
  args: ProfileArguments,
): Promise<ConnectionModel<SeriesModel>> {
  const { topic, asOf, first, after } = args;
  const name = JSON.stringify([subject, topic, asOf, first, after]);
  const known = context.profiles.get(name) ?? readConnection(context, subject, args);
  context.profiles.set(name, known);
  return known;
}

async function readConnection(
  context: RequestContext,
  subject: SubjectId,
  { topic, asOf, first, after }: ProfileArguments,
): Promise<ConnectionModel<SeriesModel>> {
  const list = JSON.stringify(["profile", subject, topic ?? null, asOf ?? null]);
  const page = requirePage({ first, after }, (cursor, argument) => context.cursors.open(cursor, list, argument));
  const cursorOf = (position: string) => context.cursors.seal(position, list);
  const total = async () => null;
  if (isTooLong(topic)) return { page: EMPTY, cursorOf, total };
  const snapshot = await context.snapshot();
  const asked = snapshot.asOf(asOf);
  // It is awaited only once the page was read; until then nobody else would take notice of its failure.
  asked.catch(() => undefined);
  const { entries, ...more } = await readProfile(snapshot, subject, topic ?? undefined, asked, page);
  const vintage = await asked;
  return {
    page: {
      ...more,
      entries: entries.map(({ position, node }) => ({ position, node: { ...node, type: "series", vintage } })),
    },
    cursorOf,
    total,
  };
}
