import type { Buckets, Charge } from "../../portal/partners/buckets.ts";
import type { Caller } from "../../portal/partners/caller.ts";
import { type Level, WINDOW_SECONDS } from "../../portal/partners/leaky-bucket.ts";
import type { CallScope } from "../../portal/store/calls.ts";
import type { RequestRecord } from "./log.ts";

/**
 * Charges the bucket of whoever asks; nobody without a key has one.
 *
 * @param cost what the request may cost at most.
 */
export async function chargeCaller(
  caller: Caller,
  cost: number,
  { buckets, scope, record }: { readonly buckets: Buckets; readonly scope: CallScope; readonly record: RequestRecord },
): Promise<Charge | undefined> {
  if (caller.kind === "anonymous") return undefined;
  const charge = await buckets.charge(caller, cost, scope);
  if (charge.kind === "unmetered") record.bucketFailed = true;
  return charge;
}

/** What a caller is told for whose request there is no room. */
export function noRoom({ plan }: RequestRecord, { cost, window, waitMs }: Refused): string {
  return `The plan ${plan} has no room for a cost of ${cost} this ${window}. Try again in ${retryAfterOf(waitMs)} s.`;
}

type Refused = Extract<Charge, { kind: "refused" }>;

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
