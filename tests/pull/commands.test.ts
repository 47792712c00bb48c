import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { pull } from "../../cli/commands/pull.ts";
import { gazetteer, gazetteerJson } from "../cli/support/run.ts";
import { type ServedPortal, servePortal } from "../client/served-portal.ts";
import { facts, revisions, withdrawals } from "../partner/support/world.ts";

// Every command is a process that has to start.
vi.setConfig({ testTimeout: 40_000 });

let served: ServedPortal;
let folder: string;
beforeAll(async () => {
  served = await servePortal();
  folder = await mkdtemp(join(tmpdir(), "gazetteer-mirrors-"));
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

test("of a portal without releases there is nothing to pull", async () => {
  const { exitCode, stderr } = await gazetteer(["pull", join(folder, "none"), "--url", served.url]);
  expect([exitCode, stderr]).toEqual([1, "NOT_FOUND: nothing has been published yet\n"]);
});

test("watching takes in releases as they come, and outlives a portal that is away for a while", async () => {
  await served.portal.publish(facts);
  const [path, ending] = [join(folder, "watched"), new AbortController()];
  const said: string[] = [];
  const stream = { write: (text: string) => said.push(text) > 0, isTTY: false, columns: 80 } as const;
  const command = { name: "pull", path, format: "csv", since: undefined, watch: true } as const;
  const options = { stream, now: () => performance.now(), pollMs: 20, signal: ending.signal };
  const watching = pull(command, { url: served.url, key: undefined }, options);
  const hears = (text: string) => vi.waitFor(() => expect(said.join("")).toContain(text), 20_000);
  await hears("is at release 1");
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
    url.includes("limit=1") && said.length < 8
      ? Promise.resolve(new Response(null, { status: 429, headers: { "retry-after": "3600" } }))
      : real(url, init),
  );
  await hears("it is tried again");
  vi.unstubAllGlobals();
  await served.portal.publish(revisions);
  await hears("is at release 2");
  ending.abort();
  expect((await watching).json).toMatchObject({ from: 1, began: "MIRROR", manifest: { release: 2 } });
  // Polls without news are answered by the tag that went along: they are charged to nobody.
  expect(served.requests().filter((request) => request === "GET /v1/changes").length).toBeGreaterThan(3);
});

test("the command pulls, says what it did, and leaves files that anybody reads", async () => {
  const path = join(folder, "pulled");
  const { exitCode, json, stderr } = await gazetteerJson(["pull", path, "--url", served.url]);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/Changes .* changes\n.*Writing .* rows/s);
  expect(json).toMatchObject({ command: "pull", ok: true, began: "FEED", from: 0, verdict: "NO_DUMP" });
  const lines = String(gunzipSync(await readFile(join(path, "observations.csv.gz")))).split("\n");
  expect(lines).toContain("data-volume,REGION,90,90,A,2022,7.25,A,TB,yearbook-2023,2023-09-01,2,");
  const again = await gazetteer(["pull", `${path}/`, "--url", `${served.url}/`]);
  expect(again.stdout).toContain("is at release 2: as before, not compared");
});

test("diff says for people what changed, what came and went left out", async () => {
  await served.portal.publish(withdrawals);
  const { stdout, exitCode } = await gazetteer(["diff", "1", "3", "--url", served.url]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "From release 1 to 3: 2 releases, entities 0 added, 0 revised, 1 removed; observations 1 added, 2 revised, 2 removed.

    - platform:southport-cloud

    series:data-volume/region:90/A
      - 2022  7.10

    series:data-volume/region:91/A
      + 2023  -3

    series:datasets/platform:north-open-data/M
      ~ 2023-10  4100 -> 4150

    series:data-volume/region:9001/M
      - 2022-03  2.50

    series:data-volume/region:ZZ/A
      ~ 2023  15 P -> 15.5
    "
  `);
});

test("diff says it to programs, and nothing of releases that there are not", async () => {
  const { json } = await gazetteerJson(["diff", "2", "3", "--url", served.url]);
  expect(json).toMatchObject({
    from: 2,
    to: 3,
    releases: [3],
    entities: [{ id: "platform:southport-cloud", outcome: "REMOVED" }],
  });
  const { exitCode, stderr } = await gazetteer(["diff", "2", "30", "--url", served.url]);
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining("there is no release 30")]);
});

test.each([
  [["pull", "m"], "Say which portal: --url and its address, or GAZETTEER_URL."],
  [["pull", "m", "--url", "ftp://x"], '--url has to be an address, not "ftp://x".'],
])("%j is refused before anything is done", async (args, message) => {
  const { exitCode, stderr } = await gazetteer(args);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});
