import { LRUCache } from "lru-cache";
import { type CallScope, isConditionFailed } from "../store/calls.ts";
import { Meter } from "../store/meter.ts";
import type { Store } from "../store/store.ts";
import { bucketKey, bucketStateOf, chargeRequest } from "./bucket-items.ts";
import type { PartnerCaller } from "./caller.ts";
import {
  type BucketState,
  EMPTY,
  fuller,
  type Level,
  levelsOf,
  type Wait,
  WINDOWS,
  type Window,
  waitFor,
} from "./leaky-bucket.ts";
import { type PartnerPlan, PLANS } from "./plans.ts";

export interface BucketsOptions {
  readonly store: Store;
  /** The name of the table of partners. */
  readonly table: string;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Milliseconds that a request waits for its bucket. */
  readonly patienceMs: number;
}

/** What came of charging a request. */
export type Charge =
  /** The request may go on. `levels` are those after it. */
  | { readonly kind: "charged"; readonly cost: number; readonly levels: readonly Level[] }
  /** There is no room for it yet; nothing was poured in. */
  | {
      readonly kind: "refused";
      readonly cost: number;
      readonly levels: readonly Level[];
      /** The window without room, and milliseconds until there is. */
      readonly window: Window;
      readonly waitMs: number;
    }
  /** The table did not answer: the request may go on, and somebody should be told. */
  | { readonly kind: "unmetered"; readonly cost: number; readonly failure: unknown };

/** What this process knows of a bucket. */
interface Memory {
  /** As it was last seen; by now others may have filled it further. */
  state: BucketState;
  /** Cost of an admitted request that could not be written: it is charged with the next. */
  owed: number;
}

const MAX_REMEMBERED = 1_000;

/**
 * Charges requests to the buckets of partners: at most one conditional write per request, and no read but these:
 *
 * - the bucket looked empty and was not, because other instances filled it: the write fails, the bucket is read, and
 *   a request for which there is room is admitted and owed;
 * - something is owed and the bucket looks empty: it is read before it is written to, so that nothing is owed twice.
 *
 * A request that cannot fit into what is known of the bucket is refused without a call. Nothing is paid back: a request
 * costs what it asked for, which is known beforehand and the same each time, whatever it then finds.
 *
 * What is admitted beyond a plan is bounded by what instances owe: one request of the largest size each.
 */
export class Buckets {
  readonly #options: Required<BucketsOptions>;
  readonly #memory = new LRUCache<string, Memory>({ max: MAX_REMEMBERED });

  constructor({ store, table, now = Date.now, patienceMs }: BucketsOptions) {
    this.#options = { store, table, now, patienceMs };
  }

  /** @param cost as it was requested, at most the plan's `maxRequestCost`. */
  async charge({ bucket, plan: name }: PartnerCaller, cost: number, { signal }: CallScope): Promise<Charge> {
    const plan = PLANS[name];
    const memory = this.#memoryOf(bucket);
    const patience = AbortSignal.timeout(this.#options.patienceMs);
    const scope = { meter: new Meter(), signal: AbortSignal.any([signal, patience]) };
    try {
      if (memory.owed > 0 && this.#looksEmpty(memory)) await this.#look(bucket, memory, scope);
      return await this.#pour(bucket, plan, memory, cost, scope);
    } catch (failure) {
      return { kind: "unmetered", cost, failure };
    }
  }

  async #pour(bucket: string, plan: PartnerPlan, memory: Memory, cost: number, scope: CallScope): Promise<Charge> {
    const owed = memory.owed;
    const now = this.#micros();
    const wait = waitFor(plan, memory.state, cost + owed, now);
    if (wait) return refusal(plan, memory, cost, wait, now);
    // Requests of one process may overlap: what is owed goes with one of them.
    memory.owed = 0;
    try {
      const request = chargeRequest(this.#options.table, bucket, { plan, cost: cost + owed, known: memory.state, now });
      memory.state = fuller(memory.state, bucketStateOf(await this.#options.store.update(request, scope)));
      return { kind: "charged", cost, levels: levelsOf(plan, memory.state, now) };
    } catch (error) {
      memory.owed = owe(plan, memory.owed + owed);
      if (!isConditionFailed(error)) throw error;
    }
    await this.#look(bucket, memory, scope);
    const unwritten = cost + memory.owed;
    const full = waitFor(plan, memory.state, unwritten, now);
    if (full) return refusal(plan, memory, cost, full, now);
    memory.owed = owe(plan, unwritten);
    return { kind: "charged", cost, levels: levelsOf(plan, memory.state, now) };
  }

  async #look(bucket: string, memory: Memory, scope: CallScope): Promise<void> {
    const { store, table } = this.#options;
    memory.state = fuller(memory.state, bucketStateOf(await store.get(table, bucketKey(bucket), scope, true)));
  }

  #looksEmpty({ state }: Memory): boolean {
    const now = this.#micros();
    return WINDOWS.some((window) => state[window] < now);
  }

  #memoryOf(bucket: string): Memory {
    const memory = this.#memory.get(bucket) ?? { state: EMPTY, owed: 0 };
    this.#memory.set(bucket, memory);
    return memory;
  }

  #micros(): number {
    return this.#options.now() * 1000;
  }
}

/** More than one request of the largest size is never owed, so that what is owed always fits next to a request. */
function owe(plan: PartnerPlan, cost: number): number {
  return Math.min(cost, plan.maxRequestCost);
}

function refusal(plan: PartnerPlan, { state }: Memory, cost: number, wait: Wait, now: number): Charge {
  const { window, micros } = wait;
  return { kind: "refused", cost, levels: levelsOf(plan, state, now), window, waitMs: Math.ceil(micros / 1000) };
}
