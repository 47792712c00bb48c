import { hash } from "node:crypto";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Manifest } from "../../portal/export/manifest.ts";
import { parksOf } from "../importer/support/made-release.ts";
import { gazetteer, gazetteerJson } from "./support/run.ts";
import { type CommandedPortal, openWorkplace, type Workplace } from "./support/workplace.ts";

// Every command is a process that has to start.
vi.setConfig({ testTimeout: 40_000 });

let workplace: Workplace;
let portal: CommandedPortal;
let folder: string;
beforeAll(async () => {
  workplace = await openWorkplace();
  portal = await workplace.openPortal();
  folder = await mkdtemp(join(workplace.folder, "dump-"));
});
afterAll(() => workplace.close());

test("of an empty portal there is nothing to dump", async () => {
  const { exitCode, stderr } = await gazetteer(["dump", folder, ...portal.target]);
  expect([exitCode, await readdir(folder)]).toEqual([3, []]);
  expect(stderr).toContain("nothing has been published yet");
});

test("writes a file for each table, and the manifest that names them", async () => {
  await portal.publish(parksOf(2020), parksOf(2021));
  await writeFile(join(folder, "manifest.json"), "of an earlier dump");
  const { exitCode, json } = await gazetteerJson(["dump", folder, "--format", "csv", ...portal.target]);
  expect(exitCode).toBe(0);
  const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as Manifest;
  expect(json.manifest).toEqual(manifest);
  const files = [...manifest.tables.flatMap((table) => table.files), manifest.coverage];
  for (const { key, bytes, sha256 } of files) {
    const content = await readFile(join(folder, key));
    expect([content.length, hash("sha256", content, "hex")], key).toEqual([bytes, sha256]);
  }
  expect((await readdir(folder)).sort()).toEqual([...files.map(({ key }) => key), "manifest.json"].sort());
  expect(String(gunzipSync(await readFile(join(folder, "observations.csv.gz"))))).toBe(
    `metric_id,subject_type,subject_id,region_code,frequency,time_period,value,obs_status,unit,source_id,published_on,release,note
parks,REGION,CN,CN,A,2020,2020,A,{park},yearbook,,1,
parks,REGION,CN,CN,A,2021,2021,A,{park},yearbook,,2,
`,
  );
});

test.each([
  ["--format", "xlsx"],
  ["--last", "3"],
])("knows no %s %s", async (...options) => {
  expect((await gazetteer(["dump", folder, ...options, ...portal.target])).exitCode).toBe(2);
});
