import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  counting,
  cutOffAt,
  stallingAt,
  stallingBefore,
  stoppingBehindLease,
} from "../publishing/support/intercepts.ts";
import {
  deletions,
  entitiesOnly,
  KINDS,
  newClaims,
  otherKeys,
  type ReleaseKind,
  regionMoved,
  rival,
  undone,
} from "../publishing/support/kinds.ts";
import { answersOf } from "../publishing/support/reader.ts";
import { stateOf, wrongTotals } from "../publishing/support/state.ts";
import { keepHistory } from "../publishing/support/trial.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { isCommitOf } from "../support/gates.ts";
import { type Intercept, openPortal, type TestPortal } from "../support/portal.ts";
import { EARLY, importerOn, LATER, type Restore } from "../support/publishing.ts";

const FULL = process.env.FAULTS === "full";
const TIMEOUT = FULL ? 3_600_000 : 120_000;
const STILL_LATER = LATER + 3_600_000;

/** At which calls something happens to a publication: behind the one that takes the lease, before the commit. */
function momentsFor(kind: ReleaseKind, { calls, leaseAt }: Calls): number[] {
  const parts = FULL ? Array.from({ length: 8 }, (_, i) => i / 8) : [[0.3, 0.5, 0.8][KINDS.indexOf(kind) % 3] ?? 0.3];
  return parts.map((part) => leaseAt + 1 + Math.floor(part * (calls - leaseAt - 2)));
}

interface Calls {
  readonly calls: number;
  /** Which of them takes the lease, counted from 1. */
  readonly leaseAt: number;
}

describe.each(engines)("importers in each other's way on $name", ({ name, start }) => {
  const some = (kinds: readonly ReleaseKind[], elsewhere = 0) => {
    if (FULL) return KINDS;
    return name === "dynalite" ? kinds : kinds.slice(0, elsewhere);
  };
  let engine: RunningEngine;
  let history: Restore;
  beforeAll(async () => {
    engine = await start();
    history = await keepHistory(engine);
  });
  afterAll(() => engine.stop());

  const publish = (portal: TestPortal, kind: ReleaseKind, now: number, intercept?: Intercept) =>
    kind.publish(importerOn(portal, { ...kind.importer, now: () => now, ...(intercept ? { intercept } : {}) }));

  /** What a portal comes to that sees these releases one after the other, and nothing else. */
  async function undisturbed(portal: TestPortal, ...kinds: readonly ReleaseKind[]) {
    await history(portal);
    const before = await answersOf(portal.ask);
    for (const [i, kind] of kinds.entries()) await publish(portal, kind, LATER + i);
    return { before, state: await stateOf(portal) };
  }

  async function callsOf(portal: TestPortal, kind: ReleaseKind): Promise<Calls> {
    await history(portal);
    const { intercept, count, firstWrite } = counting();
    await publish(portal, kind, LATER, intercept);
    return { calls: count(), leaseAt: firstWrite() };
  }

  test.for(some([regionMoved, newClaims, deletions], 1))(
    "one that stalls while it publishes $name is too late when it wakes up",
    { timeout: TIMEOUT },
    async (kind) => {
      const portal = await openPortal(engine);
      const expected = await undisturbed(portal, rival, kind);
      const calls = await callsOf(portal, kind);
      for (const k of momentsFor(kind, calls)) {
        await history(portal);
        const where = `stalled at call ${k} of ${calls.calls}`;
        const sleeper = stallingAt(k);
        const clock = { now: EARLY };
        const importer = importerOn(portal, {
          now: () => clock.now,
          intercept: sleeper.intercept,
          ...kind.importer,
          concurrency: 1,
        });
        const publication = kind.publish(importer);
        publication.catch(() => undefined);
        await sleeper.asleep;
        expect(await answersOf(portal.ask), where).toEqual(expected.before);
        expect(await publish(portal, rival, LATER), where).toMatchObject({ published: true, release: 5 });
        const answers = await answersOf(portal.ask);
        clock.now = LATER + 1;
        sleeper.wake();
        await expect(publication, where).rejects.toMatchObject({ code: "RELEASE_IN_PROGRESS" });
        expect(await answersOf(portal.ask), where).toEqual(answers);
        expect(await publish(portal, kind, STILL_LATER), where).toMatchObject({ published: true, release: 6 });
        expect(await stateOf(portal), where).toEqual(expected.state);
      }
      await portal.close();
    },
  );

  test.for(some([regionMoved]))(
    "one that wakes up while another publishes in place of $name does not disturb it",
    { timeout: TIMEOUT },
    async (kind) => {
      const portal = await openPortal(engine);
      const expected = await undisturbed(portal, rival);
      const calls = await callsOf(portal, kind);
      for (const k of momentsFor(kind, calls)) {
        await history(portal);
        const where = `stalled at call ${k} of ${calls.calls}`;
        const sleeper = stallingAt(k);
        const clock = { now: EARLY };
        const importer = importerOn(portal, {
          now: () => clock.now,
          intercept: sleeper.intercept,
          ...kind.importer,
          concurrency: 1,
        });
        const publication = kind.publish(importer);
        publication.catch(() => undefined);
        await sleeper.asleep;
        const wakesBeforeCommit: Intercept = async (call, send) => {
          if (!isCommitOf(5, call)) return send();
          clock.now = LATER + 1;
          sleeper.wake();
          await publication.catch(() => undefined);
          return send();
        };
        expect(await publish(portal, rival, LATER, wakesBeforeCommit), where).toMatchObject({ published: true });
        await expect(publication, where).rejects.toMatchObject({ code: "RELEASE_IN_PROGRESS" });
        expect(await stateOf(portal), where).toEqual(expected.state);
      }
      await portal.close();
    },
  );

  test.for(some([otherKeys, deletions, regionMoved, undone]))(
    "one that stopped for good leaves nothing that $name after it could bring to light",
    { timeout: TIMEOUT },
    async (kind) => {
      const portal = await openPortal(engine);
      const expected = await undisturbed(portal, kind, rival);
      const calls = await callsOf(portal, rival);
      for (const k of momentsFor(kind, calls)) {
        await history(portal);
        const where = `stopped at call ${k} of ${calls.calls}`;
        await expect(publish(portal, rival, EARLY, cutOffAt(k)), where).rejects.toThrow();
        expect(await answersOf(portal.ask), where).toEqual(expected.before);
        expect(await publish(portal, kind, LATER), where).toMatchObject({ published: true, release: 5 });
        expect(await publish(portal, rival, STILL_LATER), where).toMatchObject({ published: true, release: 6 });
        const state = await stateOf(portal);
        expect(state, where).toEqual(expected.state);
        expect(wrongTotals(state), where).toEqual([]);
      }
      await portal.close();
    },
  );

  test.for(some([regionMoved, undone], 1))(
    "of two that publish $name at the same time one wins, and nothing is lost",
    { timeout: TIMEOUT },
    async (kind) => {
      const portal = await openPortal(engine);
      const { state } = await undisturbed(portal, kind);
      await history(portal);
      const outcomes = await Promise.allSettled([publish(portal, kind, EARLY), publish(portal, kind, EARLY)]);
      expect(outcomes.filter((one) => one.status === "fulfilled" && one.value.published)).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "RELEASE_IN_PROGRESS" });
      }
      expect(await stateOf(portal)).toEqual(state);
      await portal.close();
    },
  );

  test.for(some([newClaims]))(
    "of $name and another release at the same time both get in, one after the other",
    { timeout: TIMEOUT },
    async (kind) => {
      const portal = await openPortal(engine);
      const either = [(await undisturbed(portal, kind, rival)).state, (await undisturbed(portal, rival, kind)).state];
      await history(portal);
      const outcomes = await Promise.allSettled([publish(portal, kind, EARLY), publish(portal, rival, EARLY)]);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "RELEASE_IN_PROGRESS" });
      }
      for (const one of [kind, rival]) await publish(portal, one, EARLY);
      expect(either).toContainEqual(await stateOf(portal));
      await portal.close();
    },
  );

  test("one that stalls with a batch in its hands does not send it over what its successor wrote", async () => {
    const portal = await openPortal(engine);
    await history(portal);
    const sleeper = stallingBefore("BatchWriteItemCommand");
    const clock = { now: EARLY };
    const importer = importerOn(portal, { now: () => clock.now, intercept: sleeper.intercept });
    const publication = entitiesOnly.publish(importer);
    publication.catch(() => undefined);
    await sleeper.asleep;
    await publish(portal, rival, LATER);
    const state = await stateOf(portal);
    clock.now = LATER + 1;
    sleeper.wake();
    await expect(publication).rejects.toMatchObject({ code: "RELEASE_IN_PROGRESS" });
    expect(await stateOf(portal)).toEqual(state);
    await portal.close();
  });

  test("one that comes upon the number of another with the same files does not give it away", async () => {
    const portal = await openPortal(engine);
    const { state } = await undisturbed(portal, rival, entitiesOnly);
    const { calls } = await callsOf(portal, newClaims);
    await history(portal);
    const [validated, resumed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const clock = { now: EARLY };
    const slow = stoppingBehindLease(validated.resolve, resumed.promise);
    const publication = newClaims.publish(importerOn(portal, { now: () => clock.now, intercept: slow }));
    publication.catch(() => undefined);
    await validated.promise;
    await publish(portal, rival, EARLY);
    await expect(publish(portal, newClaims, LATER, cutOffAt(Math.ceil(0.9 * calls)))).rejects.toThrow();
    clock.now = STILL_LATER;
    resumed.resolve();
    await expect(publication).rejects.toThrow();
    await publish(portal, entitiesOnly, STILL_LATER + 3_600_000);
    expect(await stateOf(portal)).toEqual(state);
    await portal.close();
  });
});
