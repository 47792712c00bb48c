import { entityId } from "../identifiers.ts";
import type { Snapshot } from "../snapshot.ts";
import { OBSERVATION_STATUSES, type ObservationStatus } from "./claims.ts";
import type { SeriesRecord } from "./items.ts";
import { isVisible, resolve, type Vintage } from "./resolution.ts";

const ALL_STATUSES: ReadonlySet<ObservationStatus> = new Set(OBSERVATION_STATUSES);

/** Whether anything is stated of a series in a vintage, at one of the statuses. */
export function hasObservation(
  { claims }: Pick<SeriesRecord, "claims">,
  vintage: Vintage,
  statuses: ReadonlySet<ObservationStatus>,
): boolean {
  // Most series have one in their last period: no need to look at all of them.
  const last = claims.at(-1)?.period;
  const ofLast = claims.slice(claims.findLastIndex(({ period }) => period !== last) + 1);
  return resolve(ofLast, vintage, statuses).length > 0 || resolve(claims, vintage, statuses).length > 0;
}

/**
 * Whether there is a series in a vintage: something was ever said of it, and its metric and subject are there. While
 * something stands they cannot be deleted, so that only a series of which all was withdrawn costs a look.
 */
export async function isThere(snapshot: Snapshot, record: SeriesRecord, vintage: Vintage): Promise<boolean> {
  if (!record.claims.some(({ release }) => isVisible(release, vintage))) return false;
  if (hasObservation(record, vintage, ALL_STATUSES)) return true;
  const { metric, subject } = record.key;
  const found = await Promise.all([entityId("metric", metric), subject].map((id) => snapshot.entity(id, vintage)));
  return found.every((entity) => entity !== null);
}
