import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { factsOf, idsOf, type ListQuery } from "../support/facts.ts";
import { gateBeforeCommitOf } from "../support/gates.ts";
import { observation, platform, regions, world } from "../support/made-up-world.ts";
import { listsAtOnce } from "../support/paging.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeFiles, madeUp } from "../support/releases.ts";

const deeper: MadeFiles = {
  ...world,
  "regions.csv": [
    ...regions,
    { code: "900201", parent_code: "9002", level: "COUNTY", name_en: "Hillfoot" },
    { code: "900202", parent_code: "9002", level: "COUNTY", name_en: "Hilltop" },
  ],
  "platforms.csv": [
    ...((world["platforms.csv"] ?? []) as []),
    platform("hillfoot-cloud", "Hillfoot Cloud", "CLOUD", "900201", "north-bureau"),
  ],
  "observations.csv": [
    observation("2020", "1", { subject_id: "9002" }),
    observation("2020", "2", { subject_id: "900201" }),
  ],
};

/** A prefecture goes from one province to another, with all that is below it. */
const move: MadeFiles = {
  "regions.csv": [{ code: "9002", parent_code: "91", level: "PREFECTURE", name_zh: "北山", name_en: "" }],
};

const queries: readonly ListQuery[] = ["90", "91", "9002", "900201"].flatMap((within): ListQuery[] => [
  { list: "regions", filter: { within } },
  { list: "platforms", filter: { within } },
  { list: "agencies", filter: { within } },
]);

const FAMILY = `{
  north: region(code: "90") { children { totalCount nodes { code } } counts { regions platforms } }
  south: region(code: "91") { children { totalCount nodes { code } } counts { regions platforms } }
  county: region(code: "900201") { parent { code } ancestors { code } series(metric: "data-volume") { latest { value } } }
  cloud: platform(id: "hillfoot-cloud") { region { code ancestors { code } } }
}`;

describe.each(engines)("a region that gets another parent on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
  });
  beforeEach(async () => {
    portal = await openPortal(engine);
    await portal.publish(madeUp(deeper, "2024-01-01", "Deeper"));
    return () => portal.close();
  });
  afterAll(() => engine.stop());

  const expected = (...releases: MadeFiles[]) =>
    queries.map((query) => {
      const ids = idsOf(factsOf(...releases), query);
      return { ids, totalCount: ids.length };
    });

  test("takes everything below it along, in every list and total", async () => {
    await portal.publish(madeUp(move, "2024-02-01"));
    expect(await listsAtOnce(portal.ask, queries)).toEqual(expected(deeper, move));
  });

  test("is where it was until the commit", async () => {
    const before = (await portal.ask(FAMILY)).data;
    const gate = gateBeforeCommitOf(2);
    const publication = portal.importer(gate.intercept).publish(madeUp(move, "2024-02-01"));
    await gate.reached;
    expect(await listsAtOnce(portal.ask, queries)).toEqual(expected(deeper));
    expect((await portal.ask(FAMILY)).data).toEqual(before);
    gate.open();
    await publication;
  });

  test("has its new ancestors, and so has what is below it", async () => {
    await portal.publish(madeUp(move, "2024-02-01"));
    const south = [{ code: "WORLD" }, { code: "ZZ" }, { code: "91" }];
    expect((await portal.ask(FAMILY)).data).toEqual({
      north: { children: { totalCount: 1, nodes: [{ code: "9001" }] }, counts: { regions: 2, platforms: 3 } },
      south: {
        children: { totalCount: 3, nodes: ["9002", "9101", "9102"].map((code) => ({ code })) },
        counts: { regions: 6, platforms: 3 },
      },
      county: { parent: { code: "9002" }, ancestors: [...south, { code: "9002" }], series: { latest: { value: "2" } } },
      cloud: { region: { code: "900201", ancestors: [...south, { code: "9002" }] } },
    });
  });

  test("keeps its series: what was said before is neither lost nor said again", async () => {
    await portal.publish(madeUp(move, "2024-02-01"));
    const rows = [observation("2020", "1", { subject_id: "9002" }), observation("2021", "3", { subject_id: "9002" })];
    const [summary] = await portal.publish(madeUp({ "observations.csv": rows }, "2024-03-01"));
    expect(summary).toMatchObject({ claims: 1, unchanged: 1 });
    const query = `{ series(metric: "data-volume", subject: "9002") { observations { timePeriod value revisions { value } } } }`;
    expect((await portal.ask(query)).data).toEqual({
      series: {
        observations: [
          { timePeriod: "2020", value: "1", revisions: [] },
          { timePeriod: "2021", value: "3", revisions: [] },
        ],
      },
    });
  });

  test("may move back again", async () => {
    const back: MadeFiles = { "regions.csv": [{ code: "9002", parent_code: "90", level: "PREFECTURE" }] };
    const before = (await portal.ask(FAMILY)).data;
    await portal.publish(madeUp(move, "2024-02-01"), madeUp(back, "2024-03-01"));
    expect(await listsAtOnce(portal.ask, queries)).toEqual(expected(deeper));
    expect((await portal.ask(FAMILY)).data).toEqual(before);
  });
});
