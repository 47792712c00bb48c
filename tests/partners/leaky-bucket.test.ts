import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BucketState,
  drainTime,
  EMPTY,
  fuller,
  levelsOf,
  WINDOWS,
  waitFor,
} from "../../portal/partners/leaky-bucket.ts";
import { holds } from "../support/properties.ts";

const plan = { maxRequestCost: 100, costPerMinute: 600, costPerDay: 10_000, scopes: [] };
const START = Date.parse("2024-06-01T00:00:00Z") * 1000;

/** As the store does it: from now on where the bucket has drained, else on top. */
function pour(state: BucketState, cost: number, now: number): BucketState {
  const [minute, day] = WINDOWS.map((window) => Math.max(state[window], now) + drainTime(plan, window, cost));
  return { minute: minute as number, day: day as number };
}

describe("a leaky bucket", () => {
  test("takes a whole minute's cost at once, then what has drained", () => {
    let state = EMPTY;
    for (let i = 0; i < 6; i += 1) {
      expect(waitFor(plan, state, 100, START)).toBeUndefined();
      state = pour(state, 100, START);
    }
    expect(waitFor(plan, state, 1, START)).toEqual({ window: "minute", micros: 100_000 });
    expect(waitFor(plan, state, 100, START)).toEqual({ window: "minute", micros: 10_000_000 });
    expect(waitFor(plan, state, 100, START + 9_999_999)).toEqual({ window: "minute", micros: 1 });
    expect(waitFor(plan, state, 100, START + 10_000_000)).toBeUndefined();
  });

  test("says what is left, and when all of it will be", () => {
    const state = pour(EMPTY, 90, START);
    expect(levelsOf(plan, state, START)).toEqual([
      { window: "minute", quota: 600, remaining: 510, resetAt: START / 1000 + 9_000 },
      { window: "day", quota: 10_000, remaining: 9_910, resetAt: START / 1000 + 777_600 },
    ]);
    expect(levelsOf(plan, state, START + 9_000_000)[0]).toMatchObject({
      remaining: 600,
      resetAt: START / 1000 + 9_000,
    });
    expect(levelsOf(plan, EMPTY, START)[1]).toMatchObject({ remaining: 10_000, resetAt: START / 1000 });
  });

  test("has what it says it has: a request of that cost fits, and none that costs one more", () => {
    holds(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 6 }), fc.nat(70_000_000), (costs, later) => {
        const state = costs.reduce((sum, cost) => pour(sum, cost, START), EMPTY);
        const now = START + later;
        const remaining = Math.min(...levelsOf(plan, state, now).map((level) => level.remaining));
        expect(waitFor(plan, state, remaining, now)?.micros ?? 0).toBeLessThanOrEqual(1);
        expect(waitFor(plan, state, remaining + 1, now)).toBeDefined();
      }),
    );
  });

  test("never lets through more in any span of time than the bucket holds and what drains meanwhile", () => {
    const requests = fc.array(fc.tuple(fc.nat(30_000_000), fc.integer({ min: 1, max: 100 })), { maxLength: 60 });
    holds(
      fc.property(requests, (steps) => {
        let [state, now] = [EMPTY, START];
        const admitted: { at: number; cost: number }[] = [];
        for (const [pause, cost] of steps) {
          now += pause;
          if (waitFor(plan, state, cost, now)) continue;
          state = pour(state, cost, now);
          admitted.push({ at: now, cost });
        }
        for (const [i, { at: from }] of admitted.entries()) {
          let sum = 0;
          for (const { at, cost } of admitted.slice(i)) {
            sum += cost;
            expect(sum).toBeLessThanOrEqual(600 + ((at - from) * 600) / 60_000_000 + 0.001);
            expect(sum).toBeLessThanOrEqual(10_000 + ((at - from) * 10_000) / 86_400_000_000 + 0.001);
          }
        }
      }),
    );
  });

  test("admits whoever waits as long as it said", () => {
    holds(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 6, maxLength: 30 }), (costs) => {
        let [state, now] = [EMPTY, START];
        for (const cost of costs) {
          now += waitFor(plan, state, cost, now)?.micros ?? 0;
          expect(waitFor(plan, state, cost, now)).toBeUndefined();
          state = pour(state, cost, now);
        }
      }),
    );
  });

  test("keeps the day's limit where the minute has room", () => {
    const state = { minute: 0, day: START + 86_400_000_000 };
    expect(waitFor(plan, state, 10, START)).toEqual({ window: "day", micros: 86_400_000 });
  });

  test("is as full as the fuller of two sights of it", () => {
    expect(fuller({ minute: 1, day: 9 }, { minute: 5, day: 2 })).toEqual({ minute: 5, day: 9 });
  });
});
