import { PortalError } from "../errors.ts";
import { Meter } from "./meter.ts";

/** What every call to the store is given: who pays, and until when it may try. */
export interface CallScope {
  readonly meter: Meter;
  /** Pays for what this piece of work happens to be the first to need, and all others have after it; nobody when left out. */
  readonly sharedMeter?: Meter;
  /** Aborts at the request's deadline; all calls of a request share it. */
  readonly signal: AbortSignal;
  /** Asked right before each attempt of a write leaves, retries included; throws when it must not leave any more. */
  readonly admit?: () => void;
}

/** The longest that one piece of work may wait for the store, where the caller sets no earlier deadline. */
export const DEFAULT_DEADLINE_MS = 10_000;

export function callScope(deadlineMs: number = DEFAULT_DEADLINE_MS): CallScope {
  return { meter: new Meter(), sharedMeter: new Meter(), signal: AbortSignal.timeout(deadlineMs) };
}

/** Waits for work that others share, no longer than this scope may: its own deadline ends the waiting, not the work. */
export function untilDeadline<T>(work: Promise<T>, { signal }: CallScope): Promise<T> {
  return new Promise((resolve, reject) => {
    const expire = () => reject(storeError(signal.reason));
    if (signal.aborted) {
      expire();
      return;
    }
    signal.addEventListener("abort", expire, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", expire));
  });
}

const TRANSIENT = new Set([
  "AbortError",
  "TimeoutError",
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "InternalServerError",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "InternalFailure",
]);

/** Turns what the SDK throws into the core's errors; conditional failures are for the caller to understand. */
export function storeError(error: unknown): Error {
  if (error instanceof PortalError) return error;
  if (!(error instanceof Error)) return new PortalError("INTERNAL", "store call failed", { cause: error });
  if (isConditionFailed(error)) return error;
  if (TRANSIENT.has(error.name) || isNetworkError(error) || httpStatus(error) >= 500) {
    return new PortalError("UNAVAILABLE", "The store did not answer in time; try again shortly.", { cause: error });
  }
  return new PortalError("INTERNAL", `store call failed: ${error.name}`, { cause: error });
}

export function isConditionFailed(error: unknown): boolean {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}

function isNetworkError(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return /^(ECONN|EPIPE|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET)/.test(code) || /socket hang up/.test(error.message);
}

function httpStatus(error: Error): number {
  const metadata = "$metadata" in error ? (error.$metadata as { httpStatusCode?: number }) : {};
  return metadata.httpStatusCode ?? 0;
}
