import type { Charge } from "../../portal/partners/buckets.ts";
import { type Level, WINDOW_SECONDS } from "../../portal/partners/leaky-bucket.ts";

/**
 * What a client is told of its bucket: `RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers has
 * them since -08, both windows in each; and of the tighter window the three fields of the drafts before, which more
 * clients know. Nothing for an unmetered request: whatever could be said might be wrong.
 *
 * @param now epoch milliseconds.
 */
export function rateLimitHeaders(charge: Charge, now: number): Record<string, string> {
  if (charge.kind === "unmetered") return {};
  const tightest = tightestOf(charge);
  const resets = new Map(charge.levels.map((level) => [level, resetOf(level, charge, now)]));
  const policy = charge.levels.map(
    ({ window, quota }) => `"${window}";q=${quota};w=${WINDOW_SECONDS[window]};qu="cost"`,
  );
  const limits = charge.levels.map((level) => `"${level.window}";r=${level.remaining};t=${resets.get(level)}`);
  return {
    "ratelimit-policy": policy.join(", "),
    ratelimit: limits.join(", "),
    "ratelimit-limit": `${tightest.quota}`,
    "ratelimit-remaining": `${tightest.remaining}`,
    "ratelimit-reset": `${resets.get(tightest)}`,
    ...(charge.kind === "refused" ? { "retry-after": `${retryAfterOf(charge.waitMs)}` } : {}),
  };
}

/** The window that keeps a refused request waiting; else the one that has less left. */
export function tightestOf({ levels, ...charge }: Exclude<Charge, { kind: "unmetered" }>): Level {
  const [minute, day] = levels as [Level, Level];
  if (charge.kind === "refused") return charge.window === "day" ? day : minute;
  return day.remaining < minute.remaining ? day : minute;
}

/** RFC 9110 §10.2.3: whole seconds; rounded up, so that who waits as told is served. */
export function retryAfterOf(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}

/** Seconds until all of the quota is there again; the draft wants that of a refusal to be its Retry-After. */
function resetOf(level: Level, charge: Charge, now: number): number {
  if (charge.kind === "refused" && charge.window === level.window) return retryAfterOf(charge.waitMs);
  return Math.max(0, Math.ceil((level.resetAt - now) / 1000));
}
