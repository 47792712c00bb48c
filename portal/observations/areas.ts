import { pathCodes } from "../catalogue/entities.ts";
import type { SubjectId } from "../identifiers.ts";
import { panelKind } from "../series/items.ts";
import type { Vintage } from "../series/resolution.ts";
import type { Snapshot } from "../snapshot.ts";
import type { ObservationsRequest, SeriesEntry } from "./read.ts";
import type { Areas } from "./rows.ts";

/**
 * In which area a series is to be told, and in which it was. One that moved stands in two places of the walk, and
 * is told in one: where it stands now, or, where that is not among what is asked for, where it stood. Only of such a
 * series its subject is read, together with the others of a batch.
 */
export async function areasOf(
  snapshot: Snapshot,
  { path, isHere, pathBefore }: SeriesEntry,
  subject: SubjectId,
  request: ObservationsRequest,
): Promise<Areas> {
  const { vintage, since } = request;
  const now = isHere ? codeOf(path) : undefined;
  const before = pathBefore === undefined ? undefined : codeOf(pathBefore);
  if (since === undefined || (isHere && pathBefore !== undefined)) return { now, before };
  const placeNow = await areaIn(snapshot, subject, vintage, request);
  if (!isHere) return { now, before: placeNow === undefined ? before : undefined };
  return { now, before: placeNow === undefined ? undefined : await areaIn(snapshot, subject, since, request) };
}

/** Code of the region that a subject is or lies in, empty where it lies in none; undefined where it is not asked for. */
async function areaIn(snapshot: Snapshot, id: SubjectId, vintage: Vintage, { of }: ObservationsRequest) {
  const subject = await snapshot.entity(id, vintage);
  if (!subject) return undefined;
  const { path } = subject.body;
  if ("subject" in of) return codeOf(path);
  // By its code, not by its path: the region that is asked about may have moved as well.
  const isWithin = of.within === undefined || pathCodes(path).includes(codeOf(of.within));
  return isWithin && of.kinds.includes(panelKind(subject)) ? codeOf(path) : undefined;
}

function codeOf(path: string): string {
  return pathCodes(path).at(-1) ?? "";
}
