import type { Entity } from "../catalogue/entities.ts";
import { endDay, parseTimePeriod, startDay, type TimePeriod } from "./time-period.ts";

/**
 * Whether a region counts among those with the same parent in a time period: it is no sum of others, and its code was
 * in use on a day of the period at least.
 */
export function isComparable({ body }: Entity<"region">, period: TimePeriod): boolean {
  if (body.isAggregate) return false;
  const since = body.validFrom === undefined ? null : parseTimePeriod(body.validFrom);
  const until = body.validTo === undefined ? null : parseTimePeriod(body.validTo);
  return (!since || startDay(since) <= endDay(period)) && (!until || endDay(until) >= startDay(period));
}
