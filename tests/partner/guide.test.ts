import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalDumps, localDumps } from "../../local/exporter.ts";
import { serveTables } from "../client/served-portal.ts";
import { issue, registerOf } from "../partners/support/register.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { observation, world } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";

/** What the guide tells partners to type is typed here. */
const GUIDE = readFileSync(join(import.meta.dirname, "../../docs/partners.md"), "utf8");

const README = readFileSync(join(import.meta.dirname, "../../client/README.md"), "utf8");
const CLIENT = join(import.meta.dirname, "../../client/src/index.ts");
const CLI = join(import.meta.dirname, "../../cli/gazetteer.mjs");

/** What is in fences, indented ones included. */
const fencesOf = (text: string) =>
  [...text.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)].map(([, , language = "", code = ""]) => ({ language, code }));
const fences = fencesOf(GUIDE);
const inLanguage = (...languages: string[]) => fences.filter(({ language }) => languages.includes(language));
const [preparation, ...typed] = inLanguage("sh", "python");

const METRIC = "digital-economy-share";
const share = (subject: string, period: string, value: string) =>
  observation(period, value, { metric_id: METRIC, subject_id: subject });

let engine: RunningEngine;
let portal: TestPortal;
let server: Awaited<ReturnType<typeof serveTables>>;
let folder: string;
let dumps: LocalDumps;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const [dynalite] = engines;
  if (!dynalite) throw new Error("the embedded engine is always there");
  engine = await dynalite.start();
  portal = await openPortal(engine);
  const metrics = world["metrics.csv"] as readonly MadeRow[];
  const metric = { id: METRIC, name_en: "Digital economy, share", unit: "%", topic: "economy" };
  await portal.publish(
    madeUp({
      ...world,
      "metrics.csv": [...metrics, metric],
      "observations.csv": [share("90", "2020", "38.6"), share("91", "2020", "40.10"), share("91", "2021", "41")],
    }),
    madeUp({ "observations.csv": [{ ...share("91", "2020", "40.10"), action: "D" }, share("90", "2021", "39.8")] }),
  );
  const client = portal.client();
  dumps = localDumps({ client, tables: portal.tables });
  server = await serveTables(portal, { dumps });
  folder = await mkdtemp(join(tmpdir(), "gazetteer-guide-"));
  const { key } = await issue(registerOf(portal));
  env = { ...process.env, PORTAL: server.url, KEY: key };
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
  await dumps.close();
  await portal.close();
  await engine.stop();
});

const execute = promisify(execFile);

/** Debian's packages are for its own Python, which may not be the first one. */
const PANDAS = await firstThat(["python3", "/usr/bin/python3"], "-c", "import pandas");
const R = await firstThat(["Rscript"], "--version");

async function firstThat(commands: readonly string[], ...args: string[]): Promise<string | undefined> {
  for (const command of commands) {
    const works = await execute(command, args).then(
      () => true,
      () => false,
    );
    if (works) return command;
  }
  return undefined;
}

const usesPandas = (code: string) => /^import .*pandas/m.test(code);

async function run({ language, code }: { language: string; code: string }): Promise<string> {
  const python = usesPandas(code) ? (PANDAS ?? "") : "python3";
  const [command, args] = language === "sh" ? ["bash", ["-euo", "pipefail", "-c"]] : [python, ["-c"]];
  return (await execute(command as string, [...(args as string[]), code], { env, cwd: folder })).stdout;
}

/** What each of them prints, in the order of the guide. */
const EXPECTED = [
  /^\{"items":\[\{"id":"metric:data-volume".*"metric:digital-economy-share".*\],"next":null\}$/,
  /^metric_id,.*\ndigital-economy-share,REGION,90,90,A,2020,38\.6,A,%,.*\n.*,90,90,A,2021,39\.8,.*\n.*,91,91,A,2021,41,.*\n$/,
  /^region:90 2020 38\.6 A\nregion:90 2021 39\.8 A\nregion:91 2021 41 A\n$/,
  /^subject_id +time_period +value +number\n +90 +2020 +38\.6 +38\.6\n.*\n +91 +2021 +41 +41\.0\n$/,
  /^\{"release":2,.*"name":"observations\.parquet","format":"parquet",.*"url":"http[^"]+".*\}$/,
  /^metric_id,.*\ndigital-economy-share,REGION,90,90,A,2020,38\.6,A,%,.*\n.*,90,90,A,2021,39\.8,.*\n.*,91,91,A,2021,41,.*\n$/,
  /^$/,
  /^metric_id,.*\n.*,90,90,A,2021,39\.8,A,.*,M\n.*,91,91,A,2020,,,.*,D\n$/,
  /^\{"items":\[.*"release":2.*\],"next":null,"resume":"[^"]+"\}$/,
  /^304\n$/,
];

test("first says where the portal is", () => {
  expect(preparation?.code).toMatch(/^export PORTAL=\S+\nexport KEY=\S+\n$/);
  expect(typed).toHaveLength(EXPECTED.length);
});

test.for(typed.map((snippet, index) => ({ ...snippet, expected: EXPECTED[index] as RegExp })))(
  "$language: $code",
  async ({ expected, ...snippet }, { skip }) => {
    skip(usesPandas(snippet.code) && PANDAS === undefined, "pandas is not installed here");
    expect(await run(snippet)).toMatch(expected);
  },
);

test("R: the table", async ({ skip }) => {
  skip(R === undefined, "R is not installed here");
  const [snippet] = inLanguage("r");
  const { stdout } = await execute(R ?? "", ["-e", snippet?.code ?? ""], { env });
  expect(stdout).toMatch(/ 90 +2020 +38\.6 +38\.6\n/);
});

test("DuckDB: what was fetched", async () => {
  const fetched = typed.find(({ code }) => code.includes("-o observations.parquet"));
  await run(fetched as { language: string; code: string });
  const [query] = inLanguage("sql");
  const connection = await (await DuckDBInstance.create()).connect();
  const here = query?.code.replace("'observations.parquet'", `'${join(folder, "observations.parquet")}'`) ?? "";
  const rows = (await connection.runAndReadAll(here)).getRows();
  expect(rows.map(([subject, period, value]) => `${subject} ${period} ${Number(value)}`)).toEqual([
    "90 2020 38.6",
    "90 2021 39.8",
    "91 2021 41",
  ]);
});

test.for([...inLanguage("ts"), ...fencesOf(README).filter(({ language }) => language === "ts")])(
  "the client: $code",
  async ({ code }, { expect: that }) => {
    // The country is ZZ and a province 90 in the made-up world.
    const here = code
      .replace("@gazetteer/client", CLIENT)
      .replace("https://data.example.org", server.url)
      .replace('"CN"', '"ZZ"')
      .replace("region:52", "region:90");
    const file = join(folder, "snippet.ts");
    await writeFile(file, here);
    const { stdout } = await execute(process.execPath, [file]);
    that(stdout).toContain("platform:north-open-data");
    if (code.includes("console.table")) that(stdout).toContain("'39.8'");
  },
);

test.for(
  inLanguage("console").map(({ code }, index) => ({ code, prints: [/release 2/, /^From release 1 to 2: /m][index] })),
)("the command line: $code", async ({ code, prints }) => {
  const [, command = ""] = /^\$ npx gazetteer (.+)$/m.exec(code) ?? [];
  const here = command.replace("https://data.example.org", server.url).replace(" --watch", "").replace("1 3", "1 2");
  const { stdout, stderr } = await execute(process.execPath, [CLI, ...here.split(" ")], { cwd: folder, env });
  expect(stdout + stderr).toMatch(prints as RegExp);
});

test("every fence is run by a test, or known to run in a program that is not here", () => {
  const run = ["sh", "python", "r", "sql", "ts", "console"];
  // Webhooks: tests/webhooks/guide.test.ts. Excel runs nowhere else.
  const elsewhere = ["json", "js", "py", "powerquery"];
  const languages = new Set([...fences, ...fencesOf(README)].map(({ language }) => language));
  expect([...languages].filter((language) => ![...run, ...elsewhere].includes(language))).toEqual([]);
  expect([...GUIDE.matchAll(/^ *```/gm)]).toHaveLength(fences.length * 2);
});
