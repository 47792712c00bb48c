import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { gateBeforeCommitOf, isCommitOf } from "../support/gates.ts";
import { firstRelease, observation, platform } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

const one = madeUp({ "observations.csv": [observation("2024", "20")] }, "2024-02-01", "One");
const other = madeUp(
  {
    "platforms.csv": [platform("other-cloud", "Other Cloud", "CLOUD", "90")],
    "observations.csv": [observation("2024", "21", { source_id: "bulletin-2024" })],
  },
  "2024-02-01",
  "Other",
);
const IN_PROGRESS = expect.objectContaining({ code: "RELEASE_IN_PROGRESS" });

describe.each(engines)("importers at the same time on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
  });
  beforeEach(async () => {
    portal = await openPortal(engine);
    await portal.publish(firstRelease);
    return () => portal.close();
  });
  afterAll(() => engine.stop());

  const head = async () => (await portal.snapshot()).head;
  const valuesOf2024 = async () => {
    const [series] = await (await portal.snapshot()).series("region:ZZ", "data-volume");
    return series?.claims.filter(({ period }) => period === 2024).map(({ value, release }) => [value, release]);
  };

  test("while one is at work the other gets a clear error and changes nothing", async () => {
    const gate = gateBeforeCommitOf(2);
    const first = portal.importer(gate.intercept).publish(one);
    await gate.reached;
    const second = portal.importer().publish(other);
    await expect(second).rejects.toThrow(IN_PROGRESS);
    await expect(second).rejects.toThrow(/under way/);
    gate.open();
    expect(await first).toMatchObject({ release: 2, published: true });
    expect(await head()).toMatchObject({ release: 2, voids: [] });
    expect(await valuesOf2024()).toEqual([["20", 2]]);
  });

  test("the one that was turned away succeeds when it tries again", async () => {
    const gate = gateBeforeCommitOf(2);
    const first = portal.importer(gate.intercept).publish(one);
    await gate.reached;
    const importer = portal.importer();
    await expect(importer.publish(other)).rejects.toThrow(IN_PROGRESS);
    gate.open();
    await first;
    expect(await importer.publish(other)).toMatchObject({ release: 3, published: true });
    expect(await valuesOf2024()).toEqual([
      ["21", 3],
      ["20", 2],
    ]);
  });

  test("starting at the very same time never mix: whoever is refused succeeds when it tries again", async () => {
    const outcomes = await Promise.allSettled([portal.importer().publish(one), portal.importer().publish(other)]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    for (const reason of refused) expect(reason).toEqual(IN_PROGRESS);
    for (const release of [one, other]) await portal.importer().publish(release);
    expect(await head()).toMatchObject({ release: 3, voids: [] });
    expect((await valuesOf2024())?.map(([value]) => value).sort()).toEqual(["20", "21"]);
  });

  test("one that slept past its lease cannot commit over its successor", async () => {
    const gate = gateBeforeCommitOf(2);
    const sleeper = portal.importer(gate.intercept, { leaseMs: 60_000 }).publish(one);
    await gate.reached;
    const later = () => Date.now() + 61_000;
    const successor = await portal.importer(undefined, { now: later }).publish(other);
    expect(successor).toMatchObject({ published: true });
    gate.open();
    await expect(sleeper).rejects.toThrow(IN_PROGRESS);
    expect(await head()).toMatchObject({ release: successor.release });
    const visible = (await portal.ask(`{ series(metric: "data-volume", subject: "ZZ") { latest { value } } }`)).data;
    expect(visible).toEqual({ series: { latest: { value: "21" } } });
  });

  test("validates again what was checked against an older HEAD", async () => {
    const gate = Promise.withResolvers<void>();
    const waiting = Promise.withResolvers<void>();
    let leaseAsked = 0;
    const slow = portal.importer(async (call, send) => {
      const key = call.input.Key as { id?: { S?: string } } | undefined;
      if (call.command === "GetItemCommand" && key?.id?.S === "head") leaseAsked += 1;
      if (leaseAsked === 2) {
        waiting.resolve();
        await gate.promise;
      }
      return send();
    });
    const gone = madeUp(
      { "platforms.csv": [{ id: "southport-cloud", kind: "CLOUD", action: "D" }] },
      "2024-02-01",
      "Southport Cloud is gone",
    );
    const revised = madeUp(
      { "platforms.csv": [platform("southport-cloud", "Southport Cloud II", "CLOUD", "9101")] },
      "2024-02-01",
      "Southport Cloud has another name",
    );
    const publication = slow.publish(revised);
    await waiting.promise;
    await portal.importer().publish(gone);
    gate.resolve();
    expect(await publication).toMatchObject({ release: 3, entities: { added: 1, revised: 0, deleted: 0 } });
  });

  test("a renewal of the lease that comes during the commit does not take the release back", async () => {
    const timers = vi.spyOn(globalThis, "setInterval");
    try {
      const importer = portal.importer(async (call, send) => {
        const answer = send();
        if (isCommitOf(2, call)) for (const [renew] of timers.mock.calls) renew();
        return answer;
      });
      expect(await importer.publish(one)).toMatchObject({ release: 2, published: true });
      await portal.importer().publish(other);
      expect(await head()).toMatchObject({ release: 3, voids: [] });
    } finally {
      timers.mockRestore();
    }
  });
});
