import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { HeldLease } from "../../portal/releases/lease.ts";
import { callScope } from "../../portal/store/calls.ts";
import { longRelease, parksOf } from "../importer/support/made-release.ts";
import { gazetteer, gazetteerJson } from "./support/run.ts";
import { type CommandedPortal, openWorkplace, type Workplace } from "./support/workplace.ts";

// Every command is a process that has to start.
vi.setConfig({ testTimeout: 40_000 });

let workplace: Workplace;
let portal: CommandedPortal;
beforeAll(async () => {
  workplace = await openWorkplace();
});
afterAll(() => workplace.close());
beforeEach(async () => {
  portal = await workplace.openPortal();
});

describe("publish", () => {
  test("publishes a folder and says what that did", async () => {
    const run = await gazetteer(["publish", await workplace.folderOf(parksOf(2020)), ...portal.target]);
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stdout).toMatch(/^Published as release 1\.$/m);
    for (const line of ["rows read +5", "entities added +4", "observations added +1", "rows rejected +0"]) {
      expect(run.stdout).toMatch(new RegExp(`^  ${line}$`, "m"));
    }
    expect(run.stdout).toMatch(/^ {2}DynamoDB write units +\d/m);
    expect(run.stderr).toMatch(/^Checking /);
  });

  test("publishes a .zip, and knows the folder with the same files again", async () => {
    const files = parksOf(2020);
    const first = await gazetteerJson(["publish", await workplace.zipFileOf(files), ...portal.target]);
    expect(first).toMatchObject({
      exitCode: 0,
      json: { command: "publish", ok: true, dryRun: false, summary: { published: true, release: 1, rows: 5 } },
    });
    const before = await portal.contents();
    const again = await gazetteerJson(["publish", await workplace.folderOf(files), ...portal.target]);
    expect(again).toMatchObject({ exitCode: 0, json: { summary: { published: false, release: 1, writeUnits: 0 } } });
    expect(await portal.contents()).toEqual(before);
    const inWords = await gazetteer(["publish", await workplace.folderOf(files), ...portal.target]);
    expect(inWords.stdout).toMatch(/^Nothing new: release 1 holds all of it\.$/m);
  });

  test("with --dry-run, like validate, writes nothing", async () => {
    const path = await workplace.folderOf(parksOf(2020));
    for (const args of [
      ["publish", path, "--dry-run"],
      ["validate", path],
    ]) {
      const run = await gazetteerJson([...args, ...portal.target]);
      const summary = { published: false, rows: 5, entities: { added: 4 }, writeUnits: 0 };
      expect(run).toMatchObject({ exitCode: 0, json: { dryRun: true, summary } });
    }
    expect(await portal.contents()).toEqual([]);
    const inWords = await gazetteer(["validate", path, ...portal.target]);
    expect(inWords.stdout).toContain(`${path} holds together; nothing was written.`);
  });

  test("refuses what does not hold together, with the report", async () => {
    const path = await workplace.folderOf({
      ...parksOf(2020),
      "metrics.csv": "id,name_en,unit,topic\nparks,Parks,,x\n",
    });
    const run = await gazetteer(["publish", path, ...portal.target]);
    expect(run).toMatchObject({
      exitCode: 3,
      stdout: "metrics.csv:2:unit: MISSING_VALUE: a value is needed\n",
      stderr: expect.stringContaining(`Nothing was published: 1 problem in ${path}.`),
    });
    const asData = await gazetteerJson(["validate", path, ...portal.target]);
    expect(asData).toMatchObject({
      exitCode: 3,
      json: {
        command: "validate",
        ok: false,
        exitCode: 3,
        error: { code: "INVALID_RELEASE" },
        problems: {
          total: 1,
          counts: { MISSING_VALUE: 1 },
          problems: [{ file: "metrics.csv", line: 2, column: "unit" }],
        },
      },
    });
    expect(await portal.contents()).toEqual([]);
  });

  test("refuses a folder in the folder, and a file that is no archive", async () => {
    const path = await workplace.folderOf(parksOf(2020));
    await mkdir(join(path, "more"));
    const nested = await gazetteer(["publish", path, ...portal.target]);
    expect(nested).toMatchObject({ exitCode: 3, stdout: expect.stringContaining("more: UNKNOWN_FILE: is no file") });
    const noZip = await gazetteer(["publish", join(path, "release.json"), ...portal.target]);
    expect(noZip).toMatchObject({ exitCode: 3, stdout: expect.stringContaining("is no zip archive, or is cut off") });
  });

  test("says which file it cannot read, before it looks into any", async () => {
    const path = await workplace.folderOf(parksOf(2020));
    const link = join(path, "sources.csv.old");
    await symlink(join(path, "nowhere"), link);
    const run = await gazetteer(["publish", path, ...portal.target]);
    expect(run).toMatchObject({ exitCode: 2, stdout: "", stderr: `There is no ${link}.\nSee npx gazetteer --help.\n` });
    expect(await portal.contents()).toEqual([]);
  });

  test("leaves another publication alone", async () => {
    await HeldLease.take(portal.store, "digest", { owner: "other", leaseMs: 60_000, now: Date.now }, callScope());
    const path = await workplace.folderOf(parksOf(2020));
    const run = await gazetteerJson(["publish", path, ...portal.target]);
    expect(run).toMatchObject({ exitCode: 4, json: { ok: false, error: { code: "RELEASE_IN_PROGRESS" } } });
    const status = await gazetteerJson(["status", ...portal.target]);
    expect(status.json).toMatchObject({ publication: { state: "RUNNING", release: 1, owner: "other" } });
    const inWords = await gazetteer(["status", ...portal.target]);
    expect(inWords.stdout).toMatch(
      /Release 1 is being published by other; if that has died, its place is free in 0:\d\d/,
    );
  });

  test("that is told to stop pauses, and goes on when it is run again", async () => {
    const path = await workplace.zipFileOf(longRelease(110_000));
    let signalled = false;
    const paused = await gazetteer(["publish", path, ...portal.target], {
      // Without TypeScript, the launcher is a process of its own in front of the one that works.
      nodeOptions: ["--no-experimental-strip-types"],
      onStderr: (text, child) => {
        if (!text.includes("Staging") || signalled) return;
        signalled = child.kill("SIGTERM");
      },
    });
    expect(paused).toMatchObject({ exitCode: 5, stdout: "", stderr: expect.stringMatching(/^Paused: release 1 .*/m) });
    const status = await gazetteer(["status", ...portal.target]);
    expect(status.stdout).toMatch(/^Nothing has been published yet\.$/m);
    expect(status.stdout).toMatch(/^Release 1 was begun by .* publishing the same files again goes on with it\.$/m);
    const resumed = await gazetteerJson(["publish", path, ...portal.target]);
    expect(resumed).toMatchObject({ exitCode: 0, json: { summary: { release: 1, observations: { added: 110_000 } } } });
  });
});
