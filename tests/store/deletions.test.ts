import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { InvalidReleaseError } from "../../portal/releases/problems.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { factsOf, idsOf, type ListQuery } from "../support/facts.ts";
import { firstRelease, observation, platform, world } from "../support/made-up-world.ts";
import { listsAtOnce } from "../support/paging.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeFiles, type MadeRow, madeUp } from "../support/releases.ts";

const deleted = (row: MadeRow): MadeRow => ({ ...row, action: "D" });
const noMoreCloud: MadeFiles = { "platforms.csv": [deleted({ id: "southport-cloud", kind: "CLOUD" })] };

describe.each(engines)("a deletion on $name", ({ start }) => {
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

  const queries: readonly ListQuery[] = [
    { list: "platforms" },
    { list: "platforms", filter: { within: "9101" } },
    { list: "platforms", filter: { kind: "CLOUD" }, orderBy: { field: "NAME", direction: "ASC" } },
    { list: "platforms", filter: { operator: "south-bureau" } },
  ];
  const expected = (...releases: MadeFiles[]) =>
    queries.map((query) => {
      const ids = idsOf(factsOf(...releases), query);
      return { ids, totalCount: ids.length };
    });

  test("takes an entity out of every list, total and look-up", async () => {
    const [summary] = await portal.publish(madeUp(noMoreCloud, "2024-02-01"));
    expect(summary).toMatchObject({ release: 2, entities: { added: 0, revised: 0, deleted: 1 } });
    expect(await listsAtOnce(portal.ask, queries)).toEqual(expected(world, noMoreCloud));
    expect(
      (await portal.ask(`{ platform(id: "southport-cloud") { id } node(id: "platform:southport-cloud") { id } }`)).data,
    ).toEqual({ platform: null, node: null });
  });

  test("can be undone by saying the entity again", async () => {
    const again = {
      "platforms.csv": [platform("southport-cloud", "Southport Cloud", "CLOUD", "9101", "south-bureau")],
    };
    await portal.publish(madeUp(noMoreCloud, "2024-02-01"), madeUp(again, "2024-03-01"));
    expect(await listsAtOnce(portal.ask, queries)).toEqual(expected(world));
  });

  test("of what is not there changes nothing", async () => {
    const nothing = { "platforms.csv": [deleted({ id: "atlantis-cloud", kind: "CLOUD" })] };
    expect(await portal.publish(madeUp(nothing, "2024-02-01"))).toMatchObject([{ published: false, unchanged: 1 }]);
  });

  test("of a thing together with what refers to it is allowed", async () => {
    const files = {
      "platforms.csv": [
        deleted({ id: "southport-cloud", kind: "CLOUD" }),
        platform("south-open-data", "South Open Data", "OPEN_DATA", "91"),
      ],
      "agencies.csv": [deleted({ id: "south-bureau", level: "PROVINCIAL" })],
    };
    const [summary] = await portal.publish(madeUp(files, "2024-02-01"));
    expect(summary).toMatchObject({ published: true, entities: { deleted: 2, revised: 1 } });
  });

  test("of the last claim leaves no series, but for those who ask as of earlier", async () => {
    const claim = { metric_id: "datasets", subject_type: "PLATFORM", subject_id: "north-open-data" };
    const row = deleted(observation("2023-09", "", claim));
    await portal.publish(madeUp({ "observations.csv": [row] }, "2024-02-01"));
    const series = `series(metric: "datasets", subject: "platform:north-open-data"`;
    const { data } = await portal.ask(
      `{ now: ${series}) { observations { value } latest { value } } before: ${series}, asOf: 1) { latest { value } } }`,
    );
    expect(data).toMatchObject({ before: { latest: { value: "4000" } } });
    expect([null, { observations: [], latest: null }]).toContainEqual(data.now);
  });

  test("of many entities does not make the lists that they left dearer", async () => {
    const rows = Array.from({ length: 90 }, (_, i) => platform(`a-${i}`, `A ${i}`, "OTHER", "90"));
    await portal.publish(madeUp({ "platforms.csv": rows }, "2024-02-01"));
    await portal.publish(madeUp({ "platforms.csv": rows.map(deleted) }, "2024-03-01"));
    await portal.publish(madeUp({ "observations.csv": [observation("2024", "20")] }, "2024-04-01"));
    const snapshot = await portal.snapshot();
    const before = snapshot.scope.meter.calls;
    const order = { field: "REGION", descending: false } as const;
    const { entries } = await snapshot.list({ type: "platform", order }, { limit: 2, backward: false });
    expect(entries.map(({ node }) => node.id)).toEqual(["platform:north-open-data", "platform:northport-exchange"]);
    expect(snapshot.scope.meter.calls - before).toBe(1);
  });
});

describe.each(engines)("the deletion of what others refer to on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
    portal = await openPortal(engine);
    await portal.publish(firstRelease);
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  test.for<[string, string, MadeRow]>([
    ["a region with regions below it", "regions.csv", { code: "90", parent_code: "ZZ", level: "PROVINCE" }],
    ["a region with a platform in it", "regions.csv", { code: "9101", parent_code: "91", level: "PREFECTURE" }],
    ["an agency that operates a platform", "agencies.csv", { id: "south-bureau", level: "PROVINCIAL" }],
    ["a source of a claim", "sources.csv", { id: "bulletin-2024", title: "x" }],
    ["a metric with a series", "metrics.csv", { id: "datasets", unit: "{dataset}", topic: "open data" }],
    ["a platform with a series", "platforms.csv", { id: "north-open-data", kind: "OPEN_DATA" }],
  ])("%s is refused, and names its line", async ([, file, row]) => {
    const error = await portal.publish(madeUp({ [file]: [deleted(row)] }, "2024-02-01")).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InvalidReleaseError);
    expect((error as InvalidReleaseError).report.problems).toMatchObject([{ file, line: 2, code: "STILL_REFERENCED" }]);
    expect((await portal.snapshot()).head.release).toBe(1);
  });
});
