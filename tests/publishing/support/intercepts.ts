import { CutOff } from "../../support/gates.ts";
import type { Intercept } from "../../support/portal.ts";

/** Lets everything through and counts it; knows which call was the first to write: that of an importer takes the lease. */
export function counting(): { intercept: Intercept; count: () => number; firstWrite: () => number } {
  let [calls, firstWrite] = [0, 0];
  const intercept: Intercept = ({ command }, send) => {
    calls += 1;
    if (firstWrite === 0 && !/^(Get|BatchGet|Query)/.test(command)) firstWrite = calls;
    return send();
  };
  return { intercept, count: () => calls, firstWrite: () => firstWrite };
}

/** Waits between validation and lease; dies once it has taken the lease and written HEAD's item again. */
export function stoppingBehindLease(validated: () => void, resumed: Promise<void>): Intercept {
  let [reads, writes] = [0, 0];
  return async (call, send) => {
    const { Key, Item } = call.input as { Key?: { id?: { S?: string } }; Item?: { id?: { S?: string } } };
    if (Key?.id?.S === "head") {
      reads += 1;
      if (reads === 2) validated();
      if (reads === 2) await resumed;
    }
    if (writes >= 2) throw new CutOff("cut off");
    if (Item?.id?.S === "head") writes += 1;
    return send();
  };
}

/** Nothing gets through any more once an item of the group is written. */
export function stoppingBehind(metricGroup: string): Intercept {
  let written = false;
  return async (call, send) => {
    if (written) throw new CutOff("cut off");
    const { Item } = call.input as { Item?: { metricGroup?: { S?: string } } };
    written = Item?.metricGroup?.S === metricGroup;
    return send();
  };
}

/** From the k-th call on nothing gets through. */
export function cutOffAt(k: number): Intercept {
  let calls = 0;
  return async (_, send) => {
    calls += 1;
    if (calls >= k) throw new CutOff("cut off");
    return send();
  };
}

/** The k-th call gets its answer, and there the importer falls asleep. */
export function stallingAt(k: number): { intercept: Intercept; asleep: Promise<void>; wake: () => void } {
  const asleep = Promise.withResolvers<void>();
  const awake = Promise.withResolvers<void>();
  let calls = 0;
  const intercept: Intercept = async (_, send) => {
    calls += 1;
    const answer = calls <= k ? await send() : await awake.promise.then(send);
    if (calls >= k) {
      asleep.resolve();
      await awake.promise;
    }
    return answer;
  };
  return { intercept, asleep: asleep.promise, wake: awake.resolve };
}

/** The importer falls asleep when it is about to send a call of this kind. */
export function stallingBefore(command: string): { intercept: Intercept; asleep: Promise<void>; wake: () => void } {
  const asleep = Promise.withResolvers<void>();
  const awake = Promise.withResolvers<void>();
  const intercept: Intercept = async (call, send) => {
    if (call.command === command) {
      asleep.resolve();
      await awake.promise;
    }
    return send();
  };
  return { intercept, asleep: asleep.promise, wake: awake.resolve };
}
