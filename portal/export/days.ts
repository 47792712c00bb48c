import { endDay, parseTimePeriod, startDay } from "../series/time-period.ts";

const DAY_MS = 86_400_000;

/** The first day of a time period, in days since 1970-01-01. */
export function firstDay(timePeriod: string): number | null {
  const period = parseTimePeriod(timePeriod);
  return period && startDay(period);
}

/** The last day of a time period. */
export function lastDay(timePeriod: string): number | null {
  const period = parseTimePeriod(timePeriod);
  return period && endDay(period);
}

/** A full date as days since 1970-01-01; null for one of less precision. */
export function isoDay(date: string): number | null {
  return date.length === 10 ? Date.parse(date) / DAY_MS : null;
}
