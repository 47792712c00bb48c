import { hash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MirrorManifest } from "../../cli/mirror/folder.ts";
import { PortalApi } from "../../cli/mirror/portal-api.ts";
import { sync } from "../../cli/mirror/sync.ts";
import { BucketShelf, type DumpShelf } from "../../functions/dumps/shelf.ts";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { DumpFormatName } from "../../portal/export/formats.ts";
import { serveTables } from "../client/served-portal.ts";
import { type DumpDesk, openDumpDesk } from "../exporter/support/dump-desk.ts";
import { facts, revisions, withdrawals } from "../partner/support/world.ts";
import { issue, registerOf } from "../partners/support/register.ts";
import { canonicalDump, differing } from "./support/canonical.ts";
import { killedPull } from "./support/killed-pull.ts";

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
let desk: DumpDesk;
let served: Awaited<ReturnType<typeof serveTables>>;
let key: string;
let folder: string;
let shelf: DumpShelf;
beforeAll(async () => {
  engine = await startDynamoDb();
  desk = await openDumpDesk(engine);
  shelf = new BucketShelf({ s3: desk.s3, bucket: desk.bucket, maxAgeMs: 0 });
  served = await serveTables(desk.portal, { dumps: shelf });
  ({ key } = await issue(registerOf(desk.portal), { plan: "standard" }));
  folder = await mkdtemp(join(tmpdir(), "gazetteer-mirrors-"));
  await desk.portal.publish(facts, revisions);
  await desk.export();
});
afterAll(async () => {
  await served.close();
  await desk.close();
  await engine.close();
  await rm(folder, { recursive: true });
});

const pull = (name: string, format: DumpFormatName = "csv", url = served.url) =>
  sync({
    api: new PortalApi({ url, key, retry: { attempts: 1 } }),
    path: join(folder, name),
    format,
    onStep: () => undefined,
  });
const manifestOf = async (name: string) =>
  JSON.parse(await readFile(join(folder, name, "manifest.json"), "utf8")) as MirrorManifest;

describe("with a key that may export", () => {
  test.each(["csv", "ndjson", "parquet"] as const)(
    "a mirror in %s begins with the dump and equals it",
    async (format) => {
      const { began, verdict, changes, manifest } = await pull(format, format);
      expect({ began, verdict, changes, release: manifest.release }).toEqual({
        ...{ began: "DUMP", verdict: "EQUAL", changes: 0, release: 2 },
      });
      expect(await differing(join(folder, format), await canonicalDump(desk.portal, [format]))).toEqual([]);
      expect((await readdir(join(folder, format))).filter((name) => /^\.(next|dump)/.test(name))).toEqual([]);
    },
  );

  test("what is published after the dump comes from the feed, and waits for a dump to be compared with", async () => {
    await desk.portal.publish(withdrawals);
    expect(await pull("csv")).toMatchObject({ began: "MIRROR", from: 2, verdict: "NO_DUMP", manifest: { release: 3 } });
    expect(await pull("late")).toMatchObject({ began: "DUMP", from: 0, verdict: "NO_DUMP", manifest: { release: 3 } });
    const dump = await canonicalDump(desk.portal, ["csv"]);
    expect(await differing(join(folder, "csv"), dump)).toEqual([]);
    expect(await differing(join(folder, "late"), dump)).toEqual([]);
    await desk.export();
    expect(await pull("csv")).toMatchObject({ began: "MIRROR", changes: 0, verdict: "EQUAL" });
  });

  test("what did not change is not written again", async () => {
    const before = await stat(join(folder, "csv/regions.csv.gz"));
    await pull("csv");
    expect((await stat(join(folder, "csv/regions.csv.gz"))).ino).toBe(before.ino);
    const releases = (await manifestOf("csv")).tables.map(({ name, release }) => [name, release]);
    expect(releases).toContainEqual(["regions", 2]);
    expect(releases).toContainEqual(["observations", 3]);
  });

  test("the feed may be taken in once more without harm", async () => {
    const api = new PortalApi({ url: served.url, key });
    const again = await sync({ api, path: join(folder, "csv"), format: "csv", since: 0, onStep: () => undefined });
    expect(again).toMatchObject({ began: "MIRROR", verdict: "EQUAL" });
    expect(again.changes).toBeGreaterThan(20);
  });

  test("a file that somebody changed is noticed, and the mirror made anew", async () => {
    await writeFile(join(folder, "csv/observations.csv.gz"), gzipSync("metric_id\n"));
    expect(await pull("csv")).toMatchObject({ began: "DUMP", verdict: "EQUAL" });
    expect(await differing(join(folder, "csv"), await canonicalDump(desk.portal, ["csv"]))).toEqual([]);
  });

  test.each(["manifest.json", ".next/manifest.json"])("a %s that is cut off or empty is made anew", async (name) => {
    const path = join(folder, "csv", name);
    const whole = await readFile(join(folder, "csv/manifest.json"), "utf8");
    for (const text of [whole.slice(0, 100), "", "null"]) {
      await mkdir(join(folder, "csv", ".next"), { recursive: true });
      await writeFile(path, text);
      expect(await pull("csv")).toMatchObject({ verdict: "EQUAL" });
      expect(await differing(join(folder, "csv"), await canonicalDump(desk.portal, ["csv"]))).toEqual([]);
    }
  });

  test("a mirror that went wrong without a trace is found by the dump", async () => {
    const memory = join(folder, "csv/.memory/claims.ndjson.gz");
    const wrong = gzipSync(String(gunzipSync(await readFile(memory))).replace('"12.50"', '"12.51"'));
    await writeFile(memory, wrong);
    const manifest = await manifestOf("csv");
    const text = JSON.stringify(manifest, (_, value) =>
      value?.key === ".memory/claims.ndjson.gz"
        ? { ...value, sha256: hash("sha256", wrong, "hex"), bytes: wrong.length }
        : value,
    );
    await writeFile(join(folder, "csv/manifest.json"), text);
    expect(await pull("csv")).toMatchObject({ began: "DUMP", verdict: "EQUAL" });
  });

  test("downloads that were finished before a kill are not fetched again", async () => {
    const first = join(folder, "killed/.dump/sources.ndjson.gz");
    expect(await killedPull(served.url, join(folder, "killed"), "csv", 10, key)).toBe(false);
    const { ino } = await stat(first);
    expect(await killedPull(served.url, join(folder, "killed"), "csv", 12, key)).toBe(false);
    expect((await stat(first)).ino).toBe(ino);
    expect(await pull("killed")).toMatchObject({ began: "DUMP", verdict: "EQUAL" });
  });

  test("a download that is not what was promised makes no mirror", async () => {
    const wrong: DumpShelf = {
      latest: () => shelf.latest(),
      ofRelease: (release) => shelf.ofRelease(release),
      sign: (file, name) => shelf.sign(file.replace("observations.", "claims."), name),
    };
    const liar = await serveTables(desk.portal, { dumps: wrong });
    try {
      await expect(pull("lied-to", "csv", liar.url)).rejects.toMatchObject({ code: "BAD_ANSWER" });
      expect(await readdir(join(folder, "lied-to"))).toEqual([".dump"]);
    } finally {
      await liar.close();
    }
  });
});

test("without a key that may export it begins with the feed", async () => {
  const api = new PortalApi({ url: served.url });
  const synced = await sync({ api, path: join(folder, "open"), format: "csv", onStep: () => undefined });
  expect(synced).toMatchObject({ began: "FEED", verdict: "NO_DUMP", manifest: { release: 3 } });
  expect(await differing(join(folder, "open"), await canonicalDump(desk.portal, ["csv"]))).toEqual([]);
});

test("a folder is the mirror of one portal in one format, and nothing else", async () => {
  await expect(pull("csv", "parquet")).rejects.toThrow("is a mirror in csv");
  const other = new PortalApi({ url: "https://data.example.org" });
  const elsewhere = sync({ api: other, path: join(folder, "csv"), format: "csv", onStep: () => undefined });
  await expect(elsewhere).rejects.toThrow(`is a mirror of ${served.url}`);
  const dumped = await mkdtemp(join(folder, "dumped-"));
  await writeFile(join(dumped, "manifest.json"), '{ "version": 1, "release": 1 }');
  await expect(sync({ api: other, path: dumped, format: "csv", onStep: () => undefined })).rejects.toThrow(
    "holds a dump",
  );
});
