import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, platform } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

describe.each(engines)("a release that is dated before HEAD on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
    portal = await openPortal(engine);
    await portal.publish(
      firstRelease,
      madeUp({ "platforms.csv": [platform("late-arrival", "Late Arrival", "CLOUD", "91")] }, "2023-06-30"),
    );
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  test("is published, and says its own date", async () => {
    const { data } = await portal.ask("{ release { number publishedOn } }");
    expect(data).toEqual({ release: { number: 2, publishedOn: "2023-06-30" } });
  });

  test.each([
    ["2023-12-31", null],
    ["2024-01-01", { number: 2 }],
  ])("counts as of %s as what was known then", async (day, release) => {
    const { data } = await portal.ask("query ($day: ReleaseRef) { release(asOf: $day) { number } }", { day });
    expect(data).toEqual({ release });
  });
});
