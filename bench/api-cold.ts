import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { buildSync, type Metafile } from "esbuild";
import { bundle, ROOT } from "../infra/constructs/bundle.ts";
import { toEvent } from "../local/events.ts";
import { type Engine, TABLES } from "./engine.ts";
import { fill } from "./fill.ts";
import { median } from "./measure.ts";
import { headItem } from "./samples.ts";
import { against, markdown, short } from "./table.ts";

const ORIGIN_KEY = "o".repeat(43);
const SECRETS: Readonly<Record<string, unknown>> = {
  cursors: { seals: "k1", k1: "A".repeat(43) },
  origins: { k1: ORIGIN_KEY },
};

interface Bundle {
  readonly name: string;
  readonly entry: string;
  readonly query: string;
  /** Bundles an entry point into a folder. */
  readonly build: (entry: string, folder: string) => Metafile;
}

/** Each answers with one read of the store, ours after another one for HEAD; ours reads its two secrets before. */
const OURS: Bundle = {
  name: "the portal",
  entry: "functions/graphql/handler.ts",
  query: '{ region(code: "CN") { id } }',
  build: bundle,
};
const APOLLO: Bundle = {
  name: "hello, Apollo Server",
  entry: "bench/api-hello-apollo.ts",
  query: "{ hello }",
  build: bundlePlainly,
};
const GRAPHQL: Bundle = { ...APOLLO, name: "hello, graphql-js", entry: "bench/api-hello-graphql.ts" };

interface ColdStart {
  readonly clock: number;
  readonly cpu: number;
  readonly body: string;
}

/** Fresh processes in turns: from the load of a bundle to its first answer. */
export async function coldStartTable(engine: Engine, processes: number): Promise<string> {
  await fill(engine.store, engine.store.tables.catalogue, [headItem()]);
  const secrets = await startSecrets();
  const folder = mkdtempSync(join(tmpdir(), "gazetteer-cold-"));
  try {
    const env = environment(engine.endpoint, secrets.url);
    const bundles = [APOLLO, GRAPHQL, OURS].map((each, i) => {
      const file = join(folder, `${i}`);
      return { ...each, file, bytes: written(each, file), starts: [] as ColdStart[] };
    });
    for (let round = 0; round < processes; round += 1) {
      for (const each of bundles) each.starts.push(await coldStart(each, env));
    }
    const [apollo, graphql, ours] = bundles.map(({ starts }) => median(starts.map(({ clock }) => clock))) as Times;
    const rows = bundles.map(({ name, bytes, starts }) => [
      name,
      `${short(bytes / 1000)} KB`,
      `${short(median(starts.map(({ clock }) => clock)))} ms`,
      `${short(median(starts.map(({ cpu }) => cpu)))} ms`,
    ]);
    return [
      markdown(["load to first answer", "code, all", "clock", "CPU"], rows),
      "",
      `The portal beside Apollo Server: ${against(ours / apollo, 0.65)}`,
      `The portal beside graphql-js: ${against(ours / graphql, 1.25)}`,
    ].join("\n");
  } finally {
    rmSync(folder, { recursive: true });
    secrets.close();
  }
}

type Times = [number, number, number];

/** The bytes of code in a bundle, whether they are loaded for a start or not. */
function written({ entry, build }: Bundle, folder: string): number {
  mkdirSync(folder);
  const { outputs } = build(entry, folder);
  return Object.entries(outputs).reduce((sum, [name, { bytes }]) => sum + (name.endsWith(".mjs") ? bytes : 0), 0);
}

/** As the portal bundles, without what it puts in the place of packages: minified, graphql once, late parts apart. */
function bundlePlainly(entry: string, folder: string): Metafile {
  const { metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: { handler: entry },
    outdir: folder,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    minify: true,
    splitting: true,
    mainFields: ["module", "main"],
    define: { "process.env.NODE_ENV": '"production"' },
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
    metafile: true,
  });
  return metafile;
}

async function coldStart({ file, query }: Bundle & { file: string }, env: NodeJS.ProcessEnv): Promise<ColdStart> {
  const request = new Request("http://localhost/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-origin-key": ORIGIN_KEY },
    body: JSON.stringify({ query }),
  });
  const event = JSON.stringify(await toEvent(request, { routeKey: "ANY /graphql" }));
  const script = join(import.meta.dirname, "api-cold-process.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [script, join(file, "handler.mjs"), event], { env });
  const start: ColdStart = JSON.parse(stdout.slice(stdout.lastIndexOf("\n")));
  if (!start.body.includes('"data":') || start.body.includes('"errors":')) throw new Error(start.body);
  return start;
}

function environment(dynamodb: string, secrets: string): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets,
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_LAMBDA_FUNCTION_NAME: "graphql",
    CATALOGUE_TABLE: TABLES.catalogue,
    SERIES_TABLE: TABLES.series,
    PARTNERS_TABLE: TABLES.partners,
    CURSOR_KEYS_SECRET: "cursors",
    ORIGIN_KEYS_SECRET: "origins",
  };
}

async function startSecrets(): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const { SecretId } = JSON.parse(await text(request)) as { SecretId: string };
    response.setHeader("content-type", "application/x-amz-json-1.1");
    response.end(JSON.stringify({ SecretString: JSON.stringify(SECRETS[SecretId]) }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
    },
  };
}
