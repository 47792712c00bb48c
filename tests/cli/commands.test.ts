import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parksOf } from "../importer/support/made-release.ts";
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

describe("releases", () => {
  test("lists the latest first", async () => {
    expect((await gazetteer(["releases", ...portal.target])).stdout).toBe("Nothing has been published yet.\n");
    await portal.publish(parksOf(2020), parksOf(2021), parksOf(2022));
    const { exitCode, json } = await gazetteerJson(["releases", ...portal.target]);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({
      releases: [2022, 2021, 2020].map((year, i) => ({
        release: 3 - i,
        title: `Parks of ${year}`,
        publisher: "Tests",
        publishedOn: "2024-01-01",
        claims: 1,
      })),
    });
    const { stdout } = await gazetteer(["releases", "--last", "2", ...portal.target]);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^release {2}published +committed at +entities {2}claims {2}changes {2}title$/),
      expect.stringMatching(/^ {6}3 {2}2024-01-01 {2}\S+ .*Parks of 2022 \(Tests\)$/),
      expect.stringMatching(/^ {6}2 {2}2024-01-01 {2}\S+ .*Parks of 2021 \(Tests\)$/),
      "",
    ]);
  });
});

describe("revert", () => {
  test("publishes a release that undoes another, and says what stays", async () => {
    await portal.publish(parksOf(2020), parksOf(2021));
    const { exitCode, stdout } = await gazetteer(["revert", "1", ...portal.target]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Release 1 is undone by release 3\.$/m);
    expect(stdout).toMatch(/^What could not be undone:\n( {2}.*\n)* {2}metric:parks stays: /m);
    expect(stdout).toMatch(/^ {2}observations withdrawn +1$/m);
    const { json } = await gazetteerJson(["releases", "--last", "1", ...portal.target]);
    expect(json).toMatchObject({ releases: [{ release: 3, title: "Revert of release 1: Parks of 2020" }] });
  });

  test("refuses a release that there is not", async () => {
    const { exitCode, stderr } = await gazetteer(["revert", "9", ...portal.target]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("there is no release 9");
  });
});

describe("status", () => {
  test("says what is published, and that nobody is at work", async () => {
    await portal.publish(parksOf(2020));
    const { json } = await gazetteerJson(["status", ...portal.target]);
    expect(json).toMatchObject({
      command: "status",
      ok: true,
      head: { release: 1, knownOn: "2024-01-01", committedAt: expect.stringMatching(/Z$/) },
      counts: { region: 2, agency: 0, metric: 1, source: 1 },
      publication: null,
    });
    const { stdout } = await gazetteer(["status", ...portal.target]);
    expect(stdout).toMatch(/^HEAD is release 1 of 2024-01-01, committed at \S+; 5 changes so far\.$/m);
    expect(stdout).toMatch(/^ {2}regions +2$/m);
    expect(stdout).toMatch(/^No publication is under way\.$/m);
  });

  test("finds the tables of an environment, at the endpoint of the environment variable", async () => {
    await workplace.openPortal("gazetteer-staging");
    const env = { AWS_ENDPOINT_URL_DYNAMODB: workplace.endpoint };
    expect(await gazetteerJson(["status", "--env", "staging"], { env })).toMatchObject({
      exitCode: 0,
      json: { ok: true },
    });
  });

  test("without tables, or without an answer, fails in words", async () => {
    const noTables = await gazetteer(["status", "--endpoint", workplace.endpoint, "--tables", "none"]);
    expect(noTables).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr: `There are no tables none-catalogue and none-series at ${workplace.endpoint}.\n`,
    });
    const noAnswer = await gazetteerJson(["status", "--endpoint", "http://127.0.0.1:1"]);
    expect(noAnswer).toMatchObject({ exitCode: 1, json: { ok: false, exitCode: 1, error: { code: "UNAVAILABLE" } } });
  });
});

describe("the command", () => {
  test.for<[string[], string]>([
    [["frob"], 'There is no command "frob"'],
    [["status"], "Say which portal"],
    [["publish", "/nonexistent/release", "--endpoint", "http://127.0.0.1:1"], "There is no /nonexistent/release."],
  ])("given %j ends with 2 and a hint", async ([args, message]) => {
    const run = await gazetteer(args);
    expect(run).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(message) });
    expect(run.stderr).toContain("See npx gazetteer --help.");
  });

  test("says wrong usage as data where that is asked for", async () => {
    const { exitCode, json } = await gazetteerJson(["frob"]);
    expect(exitCode).toBe(2);
    expect(json).toMatchObject({ command: null, ok: false, exitCode: 2, error: { code: "USAGE" } });
  });

  test("explains itself", async () => {
    const { exitCode, stdout } = await gazetteer(["--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Usage: npx gazetteer/);
  });

  test("hands over to the Node that came with its packages, and says when there is none", async () => {
    const nodeOptions = ["--no-experimental-strip-types"];
    expect(await gazetteer(["--help"], { nodeOptions })).toMatchObject({ exitCode: 0 });
    expect(await gazetteer(["frob"], { nodeOptions })).toMatchObject({ exitCode: 2 });
    const program = join(workplace.folder, "gazetteer.mjs");
    await copyFile(join(import.meta.dirname, "../../cli/gazetteer.mjs"), program);
    expect(await gazetteer(["--help"], { nodeOptions, program })).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: "gazetteer: its packages are not installed; run npm ci first.\n",
    });
  });
});
