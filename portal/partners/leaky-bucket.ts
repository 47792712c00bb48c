import type { PartnerPlan } from "./plans.ts";

/**
 * Leaky buckets, kept as the instant at which each will have drained (the "generic cell rate algorithm"): the level
 * falls by itself as time passes, and pouring in is an addition, which DynamoDB can do. All instants are epoch
 * microseconds: whole numbers, and fine enough for a unit of cost in a bucket that drains in a day.
 */
export interface BucketState {
  readonly minute: number;
  readonly day: number;
}

export const WINDOWS = ["minute", "day"] as const satisfies readonly (keyof BucketState)[];
export type Window = (typeof WINDOWS)[number];

export const EMPTY: BucketState = { minute: 0, day: 0 };

export const WINDOW_SECONDS: Readonly<Record<Window, number>> = { minute: 60, day: 86_400 };

const MICROS = 1_000_000;

/** What a window has left, for people and headers. */
export interface Level {
  readonly window: Window;
  readonly quota: number;
  readonly remaining: number;
  /** When the bucket will have drained: epoch milliseconds. */
  readonly resetAt: number;
}

export interface Wait {
  readonly window: Window;
  readonly micros: number;
}

export function quotaOf(plan: PartnerPlan, window: Window): number {
  return window === "minute" ? plan.costPerMinute : plan.costPerDay;
}

/** How much later a bucket drains when `cost` is poured in: microseconds, rounded up. */
export function drainTime(plan: PartnerPlan, window: Window, cost: number): number {
  return Math.ceil((cost * WINDOW_SECONDS[window] * MICROS) / quotaOf(plan, window));
}

/** The latest state of a bucket from which there is room for that much more. */
export function fullestBefore(plan: PartnerPlan, window: Window, cost: number, now: number): number {
  return now + WINDOW_SECONDS[window] * MICROS - drainTime(plan, window, cost);
}

/** How long until there is room for `cost`, and in which window that takes longest; undefined when there is room. */
export function waitFor(plan: PartnerPlan, state: BucketState, cost: number, now: number): Wait | undefined {
  return WINDOWS.map((window) => ({
    window,
    micros: Math.max(state[window], now) - fullestBefore(plan, window, cost, now),
  }))
    .filter(({ micros }) => micros > 0)
    .sort((a, b) => b.micros - a.micros)[0];
}

/** The state of which less is left in either window: of two states of one bucket, what is certain of the later one. */
export function fuller(a: BucketState, b: BucketState): BucketState {
  return { minute: Math.max(a.minute, b.minute), day: Math.max(a.day, b.day) };
}

export function levelsOf(plan: PartnerPlan, state: BucketState, now: number): Level[] {
  return WINDOWS.map((window) => {
    const quota = quotaOf(plan, window);
    const undrained = Math.max(0, state[window] - now);
    const used = (undrained * quota) / (WINDOW_SECONDS[window] * MICROS);
    return {
      window,
      quota,
      remaining: Math.max(0, Math.floor(quota - used)),
      resetAt: Math.ceil((now + undrained) / 1000),
    };
  });
}
