import type { Intercept } from "./portal.ts";

/** When a call to the store was sent and when it was answered, in milliseconds. */
export interface TimedCall {
  readonly command: string;
  readonly start: number;
  readonly end: number;
}

/** Watches the calls of a client. */
export class CallWatch {
  #calls: TimedCall[] = [];

  readonly intercept: Intercept = async ({ command }, send) => {
    const start = performance.now();
    const answer = await send();
    this.#calls.push({ command, start, end: performance.now() });
    return answer;
  };

  /** The calls since the last time. */
  take(): TimedCall[] {
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }
}

/**
 * The longest chain of calls of which each was sent after the one before it was answered: what a client waits for,
 * in round trips. Taking the call that ends first, then the first that starts after it, and so on, finds it.
 */
export function longestChain(calls: readonly TimedCall[]): TimedCall[] {
  const chain: TimedCall[] = [];
  for (const call of calls.toSorted((a, b) => a.end - b.end)) {
    if (call.start >= (chain.at(-1)?.end ?? Number.NEGATIVE_INFINITY)) chain.push(call);
  }
  return chain;
}
