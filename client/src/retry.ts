import { GazetteerError } from "./error.ts";

export interface RetryOptions {
  /** How often a request is sent at most; 5 when left out, 1 for never again. */
  readonly attempts?: number;
  /** The longest wait between two attempts, in milliseconds; a portal that asks for longer is not asked again. 60,000. */
  readonly maxWaitMs?: number;
  /** The first wait where the portal names none, in milliseconds; it doubles from there. 250. */
  readonly baseWaitMs?: number;
}

/** What time and chance are, so that tests need neither. */
export interface Surroundings {
  /** From 0 to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

const ATTEMPTS = 5;
const MAX_WAIT_MS = 60_000;
const BASE_WAIT_MS = 250;
/** Clients that were told the same second do not come back in the same one. */
const JITTER = 0.25;

/** Where asking again may help: every operation only reads, so that no repetition does harm. */
const PASSING_CODES: ReadonlySet<string> = new Set(["NETWORK", "TIMEOUT", "UNAVAILABLE", "RATE_LIMITED"]);
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Sends until there is an answer, it is hopeless, or the attempts are used up. @throws what the last attempt threw. */
export async function withRetries<T>(
  send: () => Promise<T>,
  options: RetryOptions,
  { random, sleep }: Surroundings,
  signal: AbortSignal | undefined,
): Promise<T> {
  const { attempts = ATTEMPTS, maxWaitMs = MAX_WAIT_MS, baseWaitMs = BASE_WAIT_MS } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (attempt >= attempts || !(error instanceof GazetteerError) || !isPassing(error)) throw error;
      const backoffMs = Math.min(maxWaitMs, baseWaitMs * 2 ** (attempt - 1));
      // Never earlier than was asked for; without a word from the portal anywhere in the window ("full jitter").
      const asked = error.retryAfterMs;
      if (asked !== undefined && asked > maxWaitMs) throw error;
      const waitMs =
        asked === undefined ? random() * backoffMs : asked + random() * JITTER * Math.max(asked, baseWaitMs);
      await sleep(waitMs, signal);
    }
  }
}

/** Whether the same request may be served later. */
export function isPassing({ code, status }: GazetteerError): boolean {
  return PASSING_CODES.has(code) || (status !== undefined && PASSING_STATUSES.has(status));
}

/** `Retry-After` in milliseconds: seconds, or a date (RFC 9110 §10.2.3). */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** Waits, unless the caller gives up first. @throws the reason of the signal. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const giveUp = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    }, ms);
    signal?.addEventListener("abort", giveUp, { once: true });
  });
}
