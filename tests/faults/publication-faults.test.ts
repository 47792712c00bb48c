import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PortalError } from "../../portal/errors.ts";
import {
  entitiesOnly,
  KINDS,
  newClaims,
  otherKeys,
  type ReleaseKind,
  regionMoved,
  splitSeries,
} from "../publishing/support/kinds.ts";
import { keepHistory, openTrial, type Trial } from "../publishing/support/trial.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { atCall, atRandom, FAULTS, type Fault, fromCall, type Plan } from "../support/fault-proxy.ts";
import { contentOf, EARLY, type ImporterOptions, LATER, type Restore } from "../support/publishing.ts";

/** All points of failure instead of a sample of them. */
const FULL = process.env.FAULTS === "full";
const HOUR = 3_600_000;
const TIMEOUT = FULL ? 3_600_000 : 120_000;

/** What happened in this file, for the last line of its output. */
const total = { injected: 0, publications: 0, finished: 0 };

describe.each(engines)("a release on $name", ({ name, start }) => {
  const embedded = name === "dynalite";
  const points = FULL ? (embedded ? Number.POSITIVE_INFINITY : 30) : embedded ? 4 : 2;
  const kinds = embedded || FULL ? [...KINDS, splitSeries] : [otherKeys, regionMoved];
  let engine: RunningEngine;
  let history: Restore;
  beforeAll(async () => {
    engine = await start();
    history = await keepHistory(engine);
  });
  afterAll(() => engine.stop());

  // Faults make importers wait: while one does, another has the machine.
  test.concurrent.for(kinds)("of $name", { timeout: TIMEOUT }, async (kind) => {
    const trial = await openTrial(engine, history, kind);
    for (const point of sample(pointsOf(trial.calls), points)) await failsAt(trial, point);
    for (let seed = 1; seed <= stormsOf(kind); seed += 1) await survivesStorm(trial, seed);
    await trial.close();
  });

  test.concurrent.for(["refuse", "cut", "throttle", "fail", "unprocessed"] as const)(
    "gives up after a few calls when there is no end of calls that meet the fault: %s",
    { timeout: TIMEOUT },
    async (fault) => {
      const trial = await openTrial(engine, history, newClaims);
      await trial.reset();
      const k = trial.calls.indexOf("PutItem") + 1;
      const tally = trial.proxy.begin(fromCall(k, fault));
      await expect(trial.publish()).rejects.toMatchObject({ code: "UNAVAILABLE" });
      // Three attempts at what failed and at giving up the lease; eight at a batch that is never done.
      expect(tally.operations.length - k).toBeLessThan(fault === "unprocessed" ? 20 : 6);
      total.injected += tally.injected.length;
      total.publications += 1;
      await trial.close();
    },
  );
});

test("so many faults were survived", () => {
  const { injected, publications, finished } = total;
  console.log(
    `${injected} faults injected into ${publications} publications; ${finished} releases, all of them whole in the end`,
  );
  expect(injected).toBeGreaterThanOrEqual(500);
});

/** The cheapest kinds of releases are sent through more of them, and all are where one engine has to do for two. */
function stormsOf(kind: ReleaseKind): number {
  if (FULL) return 25;
  const cheap = [newClaims, entitiesOnly, otherKeys].includes(kind);
  return (cheap ? 2 : 1) + (engines.length === 1 ? 1 : 0);
}

interface Point {
  /** Which call, counted from 1. */
  readonly k: number;
  readonly fault: Fault;
}

/** Every call with every fault that can befall it. */
function pointsOf(calls: readonly string[]): Point[] {
  return calls.flatMap((operation, i) =>
    FAULTS.filter((fault) => fault !== "unprocessed" || operation.startsWith("Batch")).map((fault) => ({
      k: i + 1,
      fault,
    })),
  );
}

/** As many as asked for, evenly spread, the first and the last among them. */
function sample<T>(values: readonly T[], size: number): T[] {
  if (values.length <= size) return [...values];
  const step = (values.length - 1) / Math.max(size - 1, 1);
  return Array.from({ length: size }, (_, i) => values[Math.round(i * step)] as T);
}

/** How often a point is tried where the machine was too busy for the store to answer in time before it was reached. */
const TRIES = 3;

async function failsAt(trial: Trial, { k, fault }: Point, tries = TRIES): Promise<void> {
  const where = `${fault} at call ${k} of ${trial.calls.length}`;
  await trial.reset();
  // One late or halved answer disturbs nobody; of the others there is no end.
  const plan: Plan = fault === "delay" || fault === "unprocessed" ? atCall(k, fault) : fromCall(k, fault);
  const tally = trial.proxy.begin(plan);
  const failure = await failureOf(trial.publish({ attempts: 1, concurrency: 1 }));
  if (failure !== undefined) expect(failure, where).toMatchObject({ code: "UNAVAILABLE" });
  if (failure !== undefined && tally.injected.length === 0 && tries > 1) return failsAt(trial, { k, fault }, tries - 1);
  expect(tally.injected.length, where).toBeGreaterThan(0);
  expect(tally.operations.length, where).toBeLessThan(k + trial.calls.length);
  total.injected += tally.injected.length;
  total.publications += 1;

  const reader = trial.reader();
  await reader.look();
  expect(reader.wrong, `${where}: what is seen after it`).toBeUndefined();
  const committed = (reader.seen[1] ?? 0) > 0;
  await finish(trial, { now: () => LATER, endpoint: trial.engine }, committed);
  expect(await contentOf(trial.portal), where).toEqual(trial.content);
  total.finished += 1;
}

async function survivesStorm(trial: Trial, seed: number): Promise<void> {
  await trial.reset();
  const plan = atRandom(seed, 0.3);
  const reader = trial.reader();
  // Looking all the time costs as much as publishing: what moves most is looked at.
  const stop = trial.kind === regionMoved ? reader.watch() : async () => undefined;
  let attempt = 0;
  for (let done = false; !done; attempt += 1) {
    expect(attempt, `publications that failed with seed ${seed}`).toBeLessThan(25);
    const tally = trial.proxy.begin(plan);
    const now = EARLY + attempt * HOUR;
    const failure = await failureOf(finish(trial, { now: () => now }, (reader.seen[1] ?? 0) > 0));
    if (failure !== undefined) expect(failure, `seed ${seed}`).toMatchObject({ code: "UNAVAILABLE" });
    total.injected += tally.injected.length;
    done = failure === undefined;
    await reader.look();
    expect(tally.operations.length).toBeLessThan(6 * trial.calls.length);
  }
  await stop();
  expect(reader.wrong, `what is seen with seed ${seed}`).toBeUndefined();
  expect(await contentOf(trial.portal), `seed ${seed}`).toEqual(trial.content);
  total.finished += 1;
}

/** Publishes the release again. What is undone already cannot be undone again, and says so. */
async function finish(trial: Trial, options: ImporterOptions, committed: boolean): Promise<void> {
  total.publications += 1;
  const summary = await trial.publish(options).catch((error: unknown) => error);
  if (!(summary instanceof Error)) return;
  const undone = committed && summary instanceof PortalError && summary.code === "BAD_USER_INPUT";
  if (!undone) throw summary;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
