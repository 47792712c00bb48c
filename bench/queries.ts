import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { type GraphqlFunctionOptions, graphqlFunction } from "../functions/graphql/function.ts";
import { createLambdaContext, toEvent } from "../local/events.ts";
import { publishAll } from "../local/publish.ts";
import { Publisher } from "../portal/releases/publish.ts";
import type { Meter } from "../portal/store/meter.ts";
import { type Engine, startEngine, TABLES } from "./engine.ts";
import { cpuPerCall } from "./measure.ts";
import { markdown, short } from "./table.ts";

/**
 * What one request costs the GraphQL function: the example operations on the shipped releases, executed and out of the
 * answer cache. The engine runs in a process of its own, so that CPU is the function's alone. The last line is what
 * `bench/measured.json` holds for the cost table.
 */
const ROOT = join(import.meta.dirname, "..");
const EXAMPLES = join(ROOT, "schema/operations/examples");

interface Measured {
  readonly name: string;
  readonly executedMs: number;
  readonly cachedMs: number;
  readonly calls: number;
  readonly readUnits: number;
  readonly bytes: number;
}

const engine = await startEngine();
await publishAll(new Publisher({ store: engine.store, owner: "bench" }), join(ROOT, "data/releases"));
const measured: Measured[] = [];
for (const file of readdirSync(EXAMPLES).sort()) {
  measured.push(await measure(engine, file.replace(".graphql", ""), readFileSync(join(EXAMPLES, file), "utf8")));
}
await engine.close();
console.log(
  markdown(
    ["operation", "executed, ms CPU", "cached, ms CPU", "calls", "read units", "bytes, compressed"],
    [...measured, mean(measured)].map(({ name, executedMs, cachedMs, calls, readUnits, bytes }) => [
      name,
      ...[executedMs, cachedMs, calls, readUnits, bytes].map(short),
    ]),
  ),
);

async function measure({ client }: Engine, name: string, query: string): Promise<Measured> {
  const meters: Meter[] = [];
  const options = {
    ...{ client, tables: TABLES, cursorKeys: [{ id: "bench", secret: new Uint8Array(32) }], headMaxAgeMs: 3_600_000 },
    onAnswered: ({ scope }) => void meters.push(scope.meter),
  } satisfies GraphqlFunctionOptions;
  const executing = graphqlFunction({ ...options, answerCacheBytes: 0 });
  const caching = graphqlFunction(options);
  const body = JSON.stringify({ query });
  const headers = { "content-type": "application/json" };
  const event = await toEvent(new Request("http://localhost/graphql", { method: "POST", headers, body }), {
    routeKey: "ANY /graphql",
  });
  const ask = (answer: typeof executing) => answer(event, createLambdaContext("graphql"));
  const { executed, cached } = await cpuPerCall(
    { executed: () => ask(executing), cached: () => ask(caching) },
    { calls: 20 },
  );
  meters.length = 0;
  const answer = await ask(executing);
  const [meter] = meters;
  if (answer.statusCode !== 200 || !meter) throw new Error(`${name}: ${answer.body}`);
  // As CloudFront compresses.
  const bytes = brotliCompressSync(answer.body ?? "", { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length;
  const { calls, readUnits } = meter;
  return { name, executedMs: executed / 1000, cachedMs: cached / 1000, calls, readUnits, bytes };
}

function mean(rows: readonly Measured[]): Measured {
  const of = (field: keyof Omit<Measured, "name">) => rows.reduce((sum, row) => sum + row[field], 0) / rows.length;
  return {
    name: "mean",
    ...{ executedMs: of("executedMs"), cachedMs: of("cachedMs"), calls: of("calls") },
    ...{ readUnits: of("readUnits"), bytes: of("bytes") },
  };
}
