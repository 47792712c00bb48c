import { afterAll, beforeAll, expect, test } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { Manifest } from "../../portal/export/manifest.ts";
import { firstRelease, observation, platform } from "../support/made-up-world.ts";
import { type MadeFiles, madeUp } from "../support/releases.ts";
import { type DumpDesk, damagedFiles, openDumpDesk } from "./support/dump-desk.ts";
import { readBack } from "./support/read-back.ts";

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
let desk: DumpDesk;
beforeAll(async () => {
  engine = await startDynamoDb();
  desk = await openDumpDesk(engine);
  await desk.portal.publish(firstRelease);
  await desk.export();
});
afterAll(async () => {
  await desk.close();
  await engine.close();
});

let releases = 1;

/** Publishes and exports: the tables that were written for it, by the files that were put. */
async function written(files: MadeFiles): Promise<{ tables: string[]; manifest: Manifest }> {
  releases += 1;
  await desk.portal.publish(madeUp(files, `2024-02-${String(releases).padStart(2, "0")}`, `Release ${releases}`));
  desk.calls();
  expect(await desk.export()).toEqual({ status: "WRITTEN", release: releases });
  const put = desk.calls().flatMap((call) => call.match(/^PutObject dumps\/(\d+)\/(\w+)\.csv\.gz$/) ?? []);
  const manifest = (await desk.latest()) as Manifest;
  const tables = manifest.tables.filter(({ release }) => release === releases).map(({ name }) => name);
  expect(tables.sort()).toEqual(put.filter((_, i) => i % 3 === 2).sort());
  expect(await damagedFiles(desk, manifest)).toEqual([]);
  return { tables, manifest };
}

test("a release that was dumped is not dumped again", async () => {
  desk.calls();
  expect(await desk.export()).toEqual({ status: "CURRENT", release: releases });
  expect(desk.calls()).toEqual(["GetObject dumps/latest.json"]);
});

test("a new source writes the sources, and names the files of the release before for all others", async () => {
  const { tables, manifest } = await written({ "sources.csv": [{ id: "almanac", title: "Almanac" }] });
  expect(tables).toEqual(["releases", "sources"]);
  const regions = manifest.tables.find(({ name }) => name === "regions");
  expect(regions).toMatchObject({ release: 1, rows: 8 });
  expect(regions?.files.map(({ key }) => key)).toContain("dumps/1/regions.parquet");
});

test("a new value writes observations and claims, and no entities", async () => {
  const { tables } = await written({ "observations.csv": [observation("2024", "17")] });
  expect(tables).toEqual(["claims", "observations", "releases"]);
});

test("a platform with another name writes platforms alone", async () => {
  const row = platform("north-open-data", "Open Data of the North", "OPEN_DATA", "90", "north-bureau");
  expect((await written({ "platforms.csv": [row] })).tables).toEqual(["platforms", "releases"]);
});

test("a platform that moves takes its observations along to another region code", async () => {
  const row = platform("north-open-data", "Open Data of the North", "OPEN_DATA", "9101", "north-bureau");
  const { tables, manifest } = await written({ "platforms.csv": [row] });
  expect(tables).toEqual(["claims", "observations", "platforms", "releases"]);
  const dump = await readBack(desk, manifest);
  const moved = await dump.query("select distinct region_code from {observations} where subject_type = 'PLATFORM'");
  expect(moved).toEqual([{ region_code: "9101" }]);
  await dump.close();
});

test("a file that is gone is written again", async () => {
  const before = (await desk.latest()) as Manifest;
  const regions = before.tables.find(({ name }) => name === "regions");
  await desk.remove(`dumps/${regions?.release}/regions.csv.gz`);
  expect((await written({ "sources.csv": [{ id: "digest", title: "Digest" }] })).tables).toContain("regions");
});
