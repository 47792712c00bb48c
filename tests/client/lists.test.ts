import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Portal } from "../../client/src/index.ts";
import * as world from "../support/made-up-world.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";
import { type ServedPortal, servePortal } from "./served-portal.ts";

let served: ServedPortal;
let portal: Portal;
beforeAll(async () => {
  served = await servePortal();
  await served.portal.publish(
    world.firstRelease,
    madeUp({ "observations.csv": [world.observation("2024", "17")] }, "2024-02-01", "The next year"),
  );
  portal = new Portal({ url: served.url });
});
afterAll(() => served.close());

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const idsOf = async (items: AsyncIterable<{ readonly id: string }>) => (await all(items)).map(({ id }) => id);
const published = (prefix: string, rows: readonly MadeRow[]) =>
  rows.map(({ id, code }) => `${prefix}:${id ?? code}`).sort();

describe("lists come to their end, one item a page as well as all at once", () => {
  const lists = {
    regions: [() => portal.regions, published("region", world.regions)],
    agencies: [() => portal.agencies, published("agency", world.agencies)],
    platforms: [() => portal.platforms, published("platform", world.platforms)],
    industrialComplexes: [() => portal.industrialComplexes, []],
    metrics: [() => portal.metrics, published("metric", world.metrics)],
    sources: [() => portal.sources, published("source", world.sources)],
    releases: [() => portal.releases, ["release:1", "release:2"]],
  } as const;

  test.each(Object.entries(lists))("%s", async (_, [listOf, expected]) => {
    const list = listOf().bind(portal) as (options: object) => AsyncGenerator<{ readonly id: string }, void>;
    const whole = await idsOf(list({}));
    expect(whole.toSorted()).toEqual(expected);
    expect(await idsOf(list({ pageSize: 1 }))).toEqual(whole);
  });
});

test("filters and orders are the portal's own", async () => {
  expect(await idsOf(portal.platforms({ within: "region:9001", pageSize: 1 }))).toEqual([
    "platform:northport-exchange",
    "platform:northport-open-data",
  ]);
  expect(await idsOf(portal.platforms({ operator: "south-bureau", kind: "CLOUD" }))).toEqual([
    "platform:southport-cloud",
  ]);
  const byName = portal.platforms({ kind: "OPEN_DATA", orderBy: { field: "NAME", direction: "DESC" } });
  expect((await idsOf(byName))[0]).toBe("platform:south-open-data");
  expect(await idsOf(portal.releases({ orderBy: { direction: "ASC" } }))).toEqual(["release:1", "release:2"]);
  expect(await idsOf(portal.children("90", { pageSize: 1 }))).toEqual(["region:9001", "region:9002"]);
  expect(await idsOf(portal.children("89"))).toEqual([]);
});

test("a profile has the series of a subject; who is not there has none", async () => {
  const [series, ...more] = await all(portal.profile("region:ZZ"));
  expect(series).toMatchObject({ id: "series:data-volume/region:ZZ/A", latest: { timePeriod: "2024", value: "17" } });
  expect(more).toEqual([]);
  expect(await all(portal.profile("region:89"))).toEqual([]);
  const earlier = await all(portal.profile("platform:north-open-data", { asOf: 1, topic: "open data" }));
  expect(earlier.map(({ metric }) => metric.id)).toEqual(["metric:datasets"]);
});

test("the feed goes on behind a cursor", async () => {
  const changes = await all(portal.changes({ pageSize: 7 }));
  expect(changes.map(({ sequence }) => sequence)).toEqual(changes.map((_, i) => i + 1));
  const last = changes.at(-1);
  expect(last).toMatchObject({ nodeId: "series:data-volume/region:ZZ/A", release: { number: 2 } });
  expect(last?.observations).toMatchObject([{ timePeriod: "2024", old: null, new: { value: "17" } }]);
  expect(await all(portal.changes({ after: changes.at(-2)?.cursor }))).toEqual([last]);
  expect(await all(portal.changes({ after: last?.cursor }))).toEqual([]);
});

test("a search finds, best first", async () => {
  const [first] = await all(portal.search("northport", { kinds: ["REGION"], pageSize: 1 }));
  expect(first?.node).toMatchObject({ __typename: "Region", id: "region:9001", name: { text: "Northport" } });
});

test("a page is asked for when somebody gets to it, and none after they leave", async () => {
  served.requests();
  for await (const { id } of portal.regions({ pageSize: 2 })) {
    expect(id).toMatch(/^region:/);
    if (served.requests().length === 0) break;
  }
  expect(served.requests()).toEqual([]);
});

test("single things are there, or null", async () => {
  expect(await portal.region("ZZ")).toMatchObject({ level: "COUNTRY", parent: { id: "region:WORLD" } });
  expect(await portal.agency("agency:north-bureau")).toMatchObject({ region: { id: "region:90" } });
  expect(await portal.platform("south-open-data")).toMatchObject({ operator: { id: "agency:south-bureau" } });
  expect(await portal.industrialComplex("nowhere")).toBeNull();
  expect(await portal.metric("datasets")).toMatchObject({ unit: "{dataset}" });
  expect(await portal.source("bulletin-2024")).toMatchObject({ publishedOn: "2024-03-15", language: "zh" });
  expect(await portal.release()).toMatchObject({ number: 2, isHead: true });
  expect(await portal.release(1)).toMatchObject({ number: 1, isHead: false, title: "The world" });
});

test("a series has its values to the last digit, of HEAD and as of then", async () => {
  const wanted = { metric: "data-volume", subject: "region:ZZ", last: 2 };
  const values = (series: Awaited<ReturnType<Portal["series"]>>) => series?.observations.map(({ value }) => value);
  expect(values(await portal.series(wanted))).toEqual(["15", "17"]);
  expect(values(await portal.series({ ...wanted, asOf: 1 }))).toEqual(["12.6", "15"]);
  expect(await portal.series({ ...wanted, metric: "datasets" })).toBeNull();
});
