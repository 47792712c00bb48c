/** When a message is tried again, and when it is given up. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Pauses after the first attempt, the second … in milliseconds: two days in all. SQS hides a message for 12 hours at
 * most, so that the last ones cannot grow any more.
 */
export const PAUSES_MS: readonly number[] = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR],
  ...[10.5 * HOUR, 10.5 * HOUR, 10.5 * HOUR],
];

/** Spreads what failed together: up to so much longer. */
const JITTER = 0.1;
const LONGEST_PAUSE_MS = 11.75 * HOUR;

/** A webhook that used up all attempts of a message, and that nothing has arrived at for so long, is disabled. */
export const DISABLED_AFTER_MS = 47 * HOUR;

/**
 * How long to wait after an attempt; undefined when it was the last one.
 * @param attempt 1 for the first.
 * @param askedMs what the receiver asked for by Retry-After.
 */
export function pauseAfter(
  attempt: number,
  { pauses = PAUSES_MS, random, askedMs = 0 }: { pauses?: readonly number[]; random: number; askedMs?: number },
): number | undefined {
  const pause = pauses[attempt - 1];
  if (pause === undefined) return undefined;
  return Math.min(Math.max(pause * (1 + JITTER * random), askedMs), LONGEST_PAUSE_MS);
}
