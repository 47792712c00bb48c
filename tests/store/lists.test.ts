import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { factsOf, idsOf, type ListQuery } from "../support/facts.ts";
import { firstRelease, platform, world } from "../support/made-up-world.ts";
import { pageBackward, pageForward, pageOf } from "../support/paging.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { holdsEventually } from "../support/properties.ts";
import { madeUp } from "../support/releases.ts";

const KINDS = ["OPEN_DATA", "DATA_EXCHANGE", "CLOUD"];
const NAMES = ["Open Data", "Open data platform", "open-data", "Exchange", "云平台", "𠀀 Data"];

/** Platforms all over the made-up world, among them some of the same name and of the same place. */
const morePlatforms = Array.from({ length: 60 }, (_, i) => {
  const region = ["", "ZZ", "90", "9001", "9002", "91", "9101"][i % 7] ?? "";
  const operator = ["", "north-bureau", "south-bureau"][Math.floor(i / 3) % 3] ?? "";
  return platform(`p-${(i * 37) % 101}`, NAMES[i % 6] ?? "", KINDS[i % 3] ?? "", region, operator);
});
const secondRelease = { "platforms.csv": morePlatforms };
const facts = factsOf(world, secondRelease);

const filters = fc.record(
  {
    within: fc.constantFrom("WORLD", "ZZ", "90", "9001", "9002", "9102"),
    kind: fc.constantFrom(...KINDS, "OTHER"),
    operator: fc.constantFrom("north-bureau", "south-bureau", "unknown-bureau"),
  },
  { requiredKeys: [] },
);
const orders = fc.option(
  fc.record({ field: fc.constantFrom("REGION", "NAME"), direction: fc.constantFrom("ASC", "DESC") }),
  { nil: undefined },
);
const lists = fc
  .record({ filter: filters, orderBy: orders })
  .map(({ filter, orderBy }) => ({ list: "platforms", filter, ...(orderBy ? { orderBy } : {}) }) as ListQuery);

describe.each(engines)("lists on $name", ({ name, start }) => {
  const runs = name === "dynalite" ? 25 : 10;
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
    portal = await openPortal(engine);
    await portal.publish(firstRelease, madeUp(secondRelease, "2024-02-01"));
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  test("are the same by pages of any size, forward and backward, with any filter and order", async () => {
    await holdsEventually(
      fc.asyncProperty(lists, fc.integer({ min: 1, max: 30 }), async (query, size) => {
        const expected = idsOf(facts, query);
        expect(await pageForward(portal.ask, query, size)).toEqual(expected);
        expect(await pageBackward(portal.ask, query, size)).toEqual(expected);
      }),
      runs,
    );
  }, 60_000);

  test("have a total that equals paging to the end, wherever one is kept", async () => {
    await holdsEventually(
      fc.asyncProperty(lists, async (query) => {
        const { totalCount } = await pageOf(portal.ask, query, { first: 1 });
        const { within, operator } = query.filter ?? {};
        const kept = within === undefined || operator === undefined;
        expect(totalCount).toBe(kept ? idsOf(facts, query).length : null);
      }),
      runs,
    );
  });

  test("give what lies between two cursors, from either end", async () => {
    const query: ListQuery = { list: "platforms", filter: { within: "90" } };
    const expected = idsOf(facts, query);
    const { edges } = await pageOf(portal.ask, query, { first: 100 });
    const [after, before] = [edges[2]?.cursor as string, edges[9]?.cursor as string];
    const ids = async (page: object) =>
      (await pageOf(portal.ask, query, { after, before, ...page })).nodes.map((n) => n.id);
    expect(await ids({ first: 100 })).toEqual(expected.slice(3, 9));
    expect(await ids({ first: 2 })).toEqual(expected.slice(3, 5));
    expect(await ids({ last: 2 })).toEqual(expected.slice(7, 9));
  });

  test.for(["REGION", "NAME"] as const)("by %s are empty between cursors that have crossed", async (field) => {
    const query: ListQuery = { list: "platforms", filter: { kind: "CLOUD" }, orderBy: { field, direction: "ASC" } };
    const { edges } = await pageOf(portal.ask, query, { first: 5 });
    const [early, late] = [edges[1]?.cursor as string, edges[3]?.cursor as string];
    for (const [after, before] of [
      [late, early],
      [early, early],
    ] as const) {
      const page = await pageOf(portal.ask, query, { first: 5, after, before });
      expect(page.nodes).toEqual([]);
    }
  });

  test("are whole when a page ends exactly at their end", async () => {
    const query: ListQuery = { list: "platforms", filter: { operator: "north-bureau", kind: "CLOUD" } };
    const { length } = idsOf(facts, query);
    const page = await pageOf(portal.ask, query, { first: length });
    expect(page.nodes).toHaveLength(length);
    expect(page.pageInfo.hasNextPage).toBe(false);
  });
});
