import { expect, test } from "vitest";
import { DISABLED_AFTER_MS, PAUSES_MS, pauseAfter } from "../../functions/webhooks/attempts.ts";

/** What SQS hides a message for at most, counted from when it was received. */
const TWELVE_HOURS = 12 * 3_600_000;

test("pauses grow, fit into what a queue can do, and last longer than it takes to disable a webhook", () => {
  expect([...PAUSES_MS].sort((a, b) => a - b)).toEqual(PAUSES_MS);
  const all = (random: number) => PAUSES_MS.map((_, i) => pauseAfter(i + 1, { random }) ?? 0);
  for (const pause of all(0.999)) expect(pause).toBeLessThan(TWELVE_HOURS - 60_000);
  const shortest = all(0).reduce((sum, pause) => sum + pause, 0);
  expect(shortest).toBeGreaterThan(DISABLED_AFTER_MS);
  expect(shortest).toBeLessThan(3 * 24 * 3_600_000);
  expect(pauseAfter(PAUSES_MS.length + 1, { random: 0 })).toBeUndefined();
});

test("a receiver that asks for a longer pause gets it, within what a queue can do", () => {
  expect(pauseAfter(1, { random: 0, askedMs: 60_000 })).toBe(60_000);
  expect(pauseAfter(3, { random: 0, askedMs: 60_000 })).toBe(PAUSES_MS[2]);
  expect(pauseAfter(1, { random: 0, askedMs: 1e12 })).toBeLessThan(TWELVE_HOURS);
});
