import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { type Facts, factsOf, idsOf, type ListQuery } from "../support/facts.ts";
import { gateBeforeCommitOf, isCommitOf, isWrite } from "../support/gates.ts";
import { firstRelease, platform, world } from "../support/made-up-world.ts";
import { listsAtOnce, pageBackward, pageForward, pageOf, type WholeList } from "../support/paging.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeFiles, madeUp } from "../support/releases.ts";

/** A release that takes entities to other places in every index: kind, region, operator, name, status; gone and new. */
const changes: MadeFiles = {
  "regions.csv": [
    { code: "9002", parent_code: "90", level: "PREFECTURE", name_en: "A Northern Hill", name_zh: "北山", valid_to: "" },
    {
      code: "9102",
      parent_code: "91",
      level: "PREFECTURE",
      name_en: "Southfield",
      name_zh: "",
      valid_to: "2023-12-31",
    },
    { code: "9003", parent_code: "90", level: "PREFECTURE", name_en: "Northgate", name_zh: "", valid_to: "" },
  ],
  "agencies.csv": [
    { id: "north-bureau", name_en: "Northern Data Bureau", level: "PREFECTURE", region_code: "9101" },
    { id: "new-bureau", name_en: "Another Data Bureau", level: "PROVINCIAL", region_code: "90" },
  ],
  "platforms.csv": [
    platform("northport-exchange", "Northport Exchange", "CLOUD", "9001", "north-bureau"),
    platform("northport-open-data", "Northport Open Data", "OPEN_DATA", "9101"),
    platform("south-open-data", "South Open Data", "OPEN_DATA", "91", "north-bureau"),
    platform("north-open-data", "Zed Open Data", "OPEN_DATA", "90", "north-bureau"),
    platform("southfield-cloud", "Southfield Cloud", "CLOUD", "91", "new-bureau"),
    { ...platform("southport-cloud", "", "", ""), action: "D" },
  ],
};

const before = factsOf(world);
const after = factsOf(world, changes);

const byName = (direction: "ASC" | "DESC") => ({ orderBy: { field: "NAME", direction } }) as const;
const queries: readonly ListQuery[] = [
  { list: "platforms" },
  { list: "platforms", ...byName("ASC") },
  { list: "platforms", filter: { within: "91" } },
  { list: "platforms", filter: { within: "9001" } },
  { list: "platforms", filter: { within: "91" }, ...byName("ASC") },
  { list: "platforms", filter: { kind: "CLOUD" } },
  { list: "platforms", filter: { kind: "OPEN_DATA" }, ...byName("DESC") },
  { list: "platforms", filter: { operator: "north-bureau" } },
  { list: "platforms", filter: { operator: "north-bureau", within: "91", kind: "OPEN_DATA" } },
  { list: "agencies", filter: { level: "PROVINCIAL" } },
  { list: "agencies", filter: { within: "91" } },
  { list: "regions", ...byName("ASC") },
  { list: "regions", filter: { within: "91" } },
  { list: "regions", filter: { status: "HISTORICAL" } },
];

/** One of each access path, to be paged through. */
const paged: readonly ListQuery[] = [
  { list: "platforms", filter: { within: "90" } },
  { list: "platforms", filter: { kind: "OPEN_DATA" } },
  { list: "platforms", filter: { operator: "north-bureau" } },
  { list: "platforms", ...byName("DESC") },
];

function expected(facts: Facts): WholeList[] {
  return queries.map((query) => {
    const ids = idsOf(facts, query);
    const kept = !(query.filter?.operator && query.filter.within);
    return { ids, totalCount: kept ? ids.length : null };
  });
}

describe.each(engines)("lists during a release on $name", ({ start }) => {
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

  test("stand as they stood until the commit, and from then on as the release has them", async () => {
    const gate = gateBeforeCommitOf(2);
    const publication = portal.importer(gate.intercept).publish(madeUp(changes, "2024-02-01"));
    await gate.reached;
    expect(await listsAtOnce(portal.ask, queries)).toEqual(expected(before));
    gate.open();
    expect(await publication).toMatchObject({ release: 2, published: true });
    expect(await listsAtOnce(portal.ask, queries)).toEqual(expected(after));
  });

  test("page to and fro before the commit as if nothing were staged", async () => {
    const gate = gateBeforeCommitOf(2);
    const publication = portal.importer(gate.intercept).publish(madeUp(changes, "2024-02-01"));
    await gate.reached;
    for (const query of paged) {
      expect(await pageForward(portal.ask, query, 1)).toEqual(idsOf(before, query));
      expect(await pageBackward(portal.ask, query, 1)).toEqual(idsOf(before, query));
    }
    gate.open();
    await publication;
  });

  test("are whole and without repeats after every single write of the importer", async () => {
    const wrong: unknown[] = [];
    let writes = 0;
    const importer = portal.importer(
      async (call, send) => {
        const answer = await send();
        if (!isWrite(call)) return answer;
        writes += 1;
        const right = expected(isCommitOf(2, call) ? after : before);
        const lists = await listsAtOnce(portal.ask, queries);
        wrong.push(...lists.flatMap((list, i) => (isDeepStrictEqual(list, right[i]) ? [] : [{ ...queries[i], list }])));
        return answer;
      },
      { concurrency: 1 },
    );
    await importer.publish(madeUp(changes, "2024-02-01"));
    expect(wrong).toEqual([]);
    expect(writes).toBeGreaterThan(10);
  }, 30_000);

  test("page on without a skip or a repeat when the release is committed between two pages", async () => {
    const query: ListQuery = { list: "platforms", filter: { within: "90" } };
    const first = await pageOf(portal.ask, query, { first: 1 });
    await portal.publish(madeUp(changes, "2024-02-01"));
    const rest = await pageOf(portal.ask, query, { first: 100, after: first.pageInfo.endCursor });
    const stoodStill = ["platform:north-open-data", "platform:northport-exchange"];
    expect([...first.nodes, ...rest.nodes].map(({ id }) => id)).toEqual(stoodStill);
  });

  test("are the same backward and forward after many releases moved the same platforms to and fro", async () => {
    const there = platform("northport-exchange", "Northport Exchange", "CLOUD", "9101", "south-bureau");
    const back = platform("northport-exchange", "Northport Exchange", "DATA_EXCHANGE", "9001", "north-bureau");
    const rows = [there, back, there, back, there];
    for (const [i, row] of rows.entries()) {
      await portal.publish(madeUp({ "platforms.csv": [row] }, "2024-02-01", `Move ${i}`));
    }
    const facts = factsOf(world, { "platforms.csv": rows });
    expect(await listsAtOnce(portal.ask, queries)).toEqual(expected(facts));
    for (const query of paged) expect(await pageBackward(portal.ask, query, 1)).toEqual(idsOf(facts, query));
  });

  test("do not cost more for every release that moved something out of them", async () => {
    const query: ListQuery = { list: "platforms", filter: { kind: "OPEN_DATA" } };
    const move = (i: number) =>
      platform("northport-open-data", "Northport Open Data", i % 2 ? "OPEN_DATA" : "OTHER", "9001");
    const costOf = async () => {
      const snapshot = await portal.snapshot();
      const before = snapshot.scope.meter.calls;
      await snapshot.list(
        { type: "platform", kind: "OPEN_DATA", order: { field: "REGION", descending: false } },
        { limit: 1, backward: false },
      );
      return snapshot.scope.meter.calls - before;
    };
    await portal.publish(madeUp({ "platforms.csv": [move(0)] }, "2024-02-01", "Move 0"));
    const cost = await costOf();
    for (let i = 1; i <= 6; i += 1) {
      await portal.publish(madeUp({ "platforms.csv": [move(i)] }, "2024-02-01", `Move ${i}`));
    }
    expect(await costOf()).toBeLessThanOrEqual(cost + 1);
    expect(await pageForward(portal.ask, query, 1)).toEqual(["platform:north-open-data", "platform:south-open-data"]);
  });
});
