import { hash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { dumpsOf } from "../../portal/export/listing.ts";
import { conforming } from "../partner/support/contract.ts";
import { firstRelease } from "../support/made-up-world.ts";
import { madeUp } from "../support/releases.ts";
import { type DumpDesk, openDumpDesk } from "./support/dump-desk.ts";
import { frontDoorOf, keyOf } from "./support/front-door.ts";

type Dumps = Awaited<ReturnType<typeof dumpsOf>>;

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
let desk: DumpDesk;
let exporter: Record<string, string>;
let fetchThere: ReturnType<typeof frontDoorOf>;
beforeAll(async () => {
  engine = await startDynamoDb();
  desk = await openDumpDesk(engine);
  fetchThere = frontDoorOf(desk);
  exporter = await keyOf(desk, "standard");
  await desk.portal.publish(firstRelease);
});
afterAll(async () => {
  await desk.close();
  await engine.close();
});

async function get(address: string, headers: Record<string, string> = exporter) {
  const response = await fetchThere(address, { headers });
  const text = await conforming(address, response);
  return { status: response.status, headers: response.headers, json: text === "" ? undefined : JSON.parse(text) };
}

test("before the first dump there is none", async () => {
  expect((await get("/v1/dumps")).status).toBe(404);
  expect((await get("/v1/dumps/latest/regions.parquet")).status).toBe(404);
});

test("every file of the latest dump can be downloaded by its link, and is what it is said to be", async () => {
  await desk.export();
  const { json, headers } = await get("/v1/dumps");
  const { tables, release } = json as Dumps;
  expect(release).toBe(1);
  expect(headers.get("cache-control")).toBe("private, no-cache");
  const files = tables.flatMap((table) => table.files);
  expect(files).toHaveLength(27);
  for (const { url, bytes, sha256, name } of files) {
    const download = await fetch(url);
    const content = new Uint8Array(await download.arrayBuffer());
    expect([content.length, hash("sha256", content, "hex")], name).toEqual([bytes, sha256]);
    expect(download.headers.get("content-disposition")).toBe(`attachment; filename="gazetteer-1-${name}"`);
  }
});

test("an address that stays leads to the file of a release, or of the latest", async () => {
  await desk.portal.publish(madeUp({ "sources.csv": [{ id: "almanac", title: "Almanac" }] }, "2024-02-01"));
  await desk.export();
  for (const [release, key] of [
    ["1", "dumps/1/sources.csv.gz"],
    ["latest", "dumps/2/sources.csv.gz"],
  ]) {
    const { status, headers } = await get(`/v1/dumps/${release}/sources.csv.gz`);
    expect([status, headers.get("cache-control")]).toEqual([302, "no-store"]);
    const download = await fetch(headers.get("location") ?? "");
    expect(Buffer.from(await download.arrayBuffer()).equals(await desk.read(key ?? ""))).toBe(true);
  }
  // Release 2 left the regions as they were: its dump names the file of release 1.
  const { headers } = await get("/v1/dumps/2/regions.parquet");
  expect(headers.get("location")).toContain("/dumps/1/regions.parquet");
});

test.each(["9/regions.parquet", "latest/regions.xlsx", "latest/latest.json", "..%2Flatest/regions.parquet", "0/a"])(
  "there is no %s",
  async (path) => {
    expect((await get(`/v1/dumps/${path}`)).status).toBe(404);
  },
);

test("who may not export gets no link", async () => {
  const basic = await keyOf(desk, "basic");
  for (const path of ["/v1/dumps", "/v1/dumps/latest/regions.parquet"]) {
    const refused = await get(path, basic);
    expect([refused.status, refused.json.code, refused.headers.get("location")]).toEqual([403, "FORBIDDEN", null]);
    const unknown = await get(path, {});
    expect([unknown.status, unknown.json.code, unknown.headers.get("location")]).toEqual([
      401,
      "UNAUTHENTICATED",
      null,
    ]);
    expect(unknown.headers.get("www-authenticate")).toBe('Bearer realm="gazetteer", scope="export"');
  }
});

test("who has the list is told so for nothing, as long as its links work", async () => {
  const sometime = Date.UTC(2030, 0, 1);
  const at = (now: number, headers: Record<string, string>) =>
    frontDoorOf(desk, { now: () => now, version: "test" })("/v1/dumps", { headers });
  const etag = (await at(sometime, exporter)).headers.get("etag") ?? "";
  const again = await at(sometime + 60_000, { ...exporter, "if-none-match": etag });
  expect([again.status, again.headers.get("ratelimit-remaining")]).toEqual([304, null]);
  expect((await at(sometime + 3_600_000, { ...exporter, "if-none-match": etag })).status).toBe(200);
});

test("a portal that keeps no dumps says so", async () => {
  const without = frontDoorOf(desk, { dumps: undefined as never });
  expect((await without("/v1/dumps", { headers: exporter })).status).toBe(404);
});
