import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as world from "../support/made-up-world.ts";
import { observation } from "../support/made-up-world.ts";
import { madeUp } from "../support/releases.ts";
import { type ServedPortal, servePortal } from "./served-portal.ts";

const run = promisify(execFile);
const CLIENT = join(import.meta.dirname, "../../client");
const TSC = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");

let served: ServedPortal;
let folder: string;
beforeAll(async () => {
  served = await servePortal();
  const values = [observation("2024", "10", { subject_id: "90" }), observation("2024", "2.50", { subject_id: "91" })];
  await served.portal.publish(world.firstRelease, madeUp({ "observations.csv": values }, "2025-01-01", "Provinces"));
  folder = await realpath(await mkdtemp(join(tmpdir(), "gazetteer-client-")));
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

test("the example runs", async () => {
  const example = join(CLIENT, "examples/province.ts");
  const text = await readFile(example, "utf8");
  // Provinces of the country ZZ instead of CN: the world here is a made-up one.
  const here = join(folder, "province.ts");
  await writeFile(here, text.replace('"CN"', '"ZZ"').replace("../src/index.ts", join(CLIENT, "src/index.ts")));
  const { stdout } = await run(process.execPath, [here, served.url, "90", "data-volume"]);
  expect(stdout).toBe(`Platforms in North:
  North Open Data (OPEN_DATA)
  Northport Exchange (DATA_EXCHANGE)
  Northport Open Data (OPEN_DATA)

Data volume, TB, 2024 (release 2):
  North            #################### 10
  South            ##### 2.50
`);
  expect(text.trim().split("\n").length).toBeLessThanOrEqual(32);
});

test("what is published brings its licence along", async () => {
  const { files, license } = JSON.parse(await readFile(join(CLIENT, "package.json"), "utf8"));
  expect([license, files]).toEqual(["Apache-2.0", expect.arrayContaining(["dist", "README.md", "LICENSE"])]);
  expect(await readFile(join(CLIENT, "LICENSE"), "utf8")).toBe(await readFile(join(CLIENT, "../LICENSE"), "utf8"));
});

test("what is published is plain JavaScript with types, and needs no other package", async () => {
  const installed = join(folder, "app/node_modules/@gazetteer/client");
  await mkdir(installed, { recursive: true });
  await run(process.execPath, [TSC, "--project", CLIENT, "--outDir", join(installed, "dist")]);
  await cp(join(CLIENT, "package.json"), join(installed, "package.json"));

  const app = join(folder, "app/app.ts");
  const use = `import { GazetteerError, Portal, type Platform } from "@gazetteer/client";
const found: Platform[] = [];
for await (const platform of new Portal({ url: ${JSON.stringify(served.url)} }).platforms({ within: "region:9101" })) found.push(platform);
console.log(found.map(({ id }) => id).join(), GazetteerError.name);
`;
  await writeFile(app, use);
  await writeFile(join(folder, "app/package.json"), '{ "type": "module" }');
  expect((await run(process.execPath, [app])).stdout).toBe("platform:southport-cloud GazetteerError\n");

  const strict = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--types", ""];
  const check = (path: string) =>
    run(process.execPath, [TSC, ...strict, "--module", "nodenext", path], { cwd: join(folder, "app") });
  await check(app);
  const misspelt = join(folder, "app/misspelt.ts");
  await writeFile(misspelt, use.replace("within:", "withn:"));
  await expect(check(misspelt)).rejects.toMatchObject({ stdout: expect.stringContaining("'withn' does not exist") });
});

const CHROMIUM = [
  ...[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-dev-shm-usage",
  ],
  ...["--disable-background-networking", "--disable-component-update", "--virtual-time-budget=20000", "--dump-dom"],
];

test("what is published works in a browser, from a page of another origin", async ({ skip }) => {
  const chromium = await run("chromium", ["--version"]).catch(() => undefined);
  skip(chromium === undefined, "Chromium is not installed here");
  const dist = join(folder, "browser");
  await run(process.execPath, [TSC, "--project", CLIENT, "--outDir", dist]);
  const page = `<!doctype html><script type="module">
import { Portal } from "/index.js";
const portal = new Portal({ url: ${JSON.stringify(served.url)} });
const found = [];
for await (const { id } of portal.platforms({ within: "region:9101" })) found.push(id);
const refused = await portal.region("no such code").catch(({ name, code }) => ({ name, code }));
document.body.textContent = JSON.stringify({ found, refused });
</script>`;
  const server = createServer(async (request, response) => {
    const script = /^\/[\w/-]+\.js$/.test(request.url ?? "");
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(script ? await readFile(join(dist, request.url ?? "")).catch(() => "") : page);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const profile = `--user-data-dir=${join(folder, "profile")}`;
    const { stdout } = await run("chromium", [...CHROMIUM, profile, `http://127.0.0.1:${port}/`], { timeout: 25_000 });
    const refused = { name: "GazetteerError", code: "BAD_USER_INPUT" };
    expect(stdout).toContain(`<body>${JSON.stringify({ found: ["platform:southport-cloud"], refused })}</body>`);
  } finally {
    server.close();
  }
});
