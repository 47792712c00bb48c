import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphqlFunction } from "../../functions/graphql/function.ts";
import type { GraphqlHandler } from "../../functions/graphql/http/handler.ts";
import type { AnsweredRequest } from "../../functions/http/log.ts";
import { createLambdaContext } from "../../local/events.ts";
import { leastCpuMs } from "../support/cpu.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease } from "../support/made-up-world.ts";
import { CURSOR_KEYS, openPortal, type TestPortal } from "../support/portal.ts";
import { type Attack, post } from "./attack.ts";
import { BODIES } from "./attacks/bodies.ts";
import { COSTS } from "./attacks/costs.ts";
import { cursorAttacks } from "./attacks/cursors.ts";
import { GRAMMAR } from "./attacks/grammar.ts";
import { KEYS } from "./attacks/keys.ts";
import { REQUESTS } from "./attacks/requests.ts";
import { SIZES } from "./attacks/sizes.ts";
import { VARIABLES } from "./attacks/variables.ts";

let engine: RunningEngine;
let portal: TestPortal;
let handler: GraphqlHandler;
const reported: AnsweredRequest[] = [];

beforeAll(async () => {
  const [dynalite] = engines;
  if (!dynalite) throw new Error("the embedded engine is always there");
  engine = await dynalite.start();
  portal = await openPortal(engine);
  await portal.publish(firstRelease);
  // As production has it: nobody may ask for the schema, and HEAD is known for a while.
  handler = graphqlFunction({
    client: portal.client(),
    tables: portal.tables,
    cursorKeys: CURSOR_KEYS,
    headMaxAgeMs: 3_600_000,
    introspection: false,
    report: (request) => reported.push(request),
  });
  await send(HONEST);
});
afterAll(async () => {
  await portal.close();
  await engine.stop();
});

const HONEST = post({ query: `{ region(code: "ZZ") { name { text } platforms(first: 2) { totalCount } } }` });
const HONEST_DATA = { region: { name: { text: "Zedland" }, platforms: { totalCount: 5 } } };

/** What an attack may take of a processor at its least, in milliseconds. */
const MOST_CPU_MS = 50;
const RUNS = 3;

/** A refusal does not send back what was sent. */
const MOST_CHARACTERS = 10_000;

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

function send(event: Attack["event"]): Promise<APIGatewayProxyStructuredResultV2> {
  return handler(event, createLambdaContext("graphql"));
}

/** What nobody outside may read: a stack, a path, a table, a name that a stranger did not know, how to open the schema. */
const INTERNAL =
  /\bat \S+ \(|node_modules|\.ts:\d|test-[0-9a-f]{8}|Did you mean|introspection: true|dynamo|Exception|Internal server error/i;

function judge({ code, status, limit, argument }: Attack, result: APIGatewayProxyStructuredResultV2): void {
  const answer: Answer = JSON.parse(result.body ?? "");
  const { errors = [] } = answer;
  expect({ status: result.statusCode, codes: [...new Set(errors.map(({ extensions }) => extensions.code))] }).toEqual({
    status,
    codes: code === null ? [] : [code],
  });
  for (const { message, extensions } of errors) {
    expect(message).toMatch(/\w/);
    expect(extensions.requestId).toBe(result.headers?.["x-request-id"]);
    if (limit) expect(extensions).toMatchObject({ limit, allowed: expect.any(Number) });
    if (argument) expect(extensions.argument).toBe(argument);
    if (code === "COST_LIMIT_EXCEEDED") expect(extensions.requested).toBeGreaterThan(extensions.allowed as number);
  }
  if (code !== null) {
    expect(result.body).not.toMatch(INTERNAL);
    expect(result.body?.length, "characters").toBeLessThan(MOST_CHARACTERS);
  }
  for (const [name, value] of Object.entries(result.headers ?? {}))
    expect(`${name}: ${value}`).toMatch(/^[\x20-\x7e]*$/);
}

/** The same attack by a document that was never seen before: what was parsed and validated once is remembered. */
function anew({ event }: Attack, run: number): Attack["event"] {
  const mark = (query: unknown) => `${query} #${run}`;
  const search = new URLSearchParams(event.rawQueryString);
  if (search.get("query") && !search.has("extensions") && search.getAll("query").length === 1) {
    search.set("query", mark(search.get("query")));
    return { ...event, rawQueryString: search.toString() };
  }
  const body = plainJson(event.body);
  if (typeof body?.query !== "string" || body.extensions !== undefined) return event;
  return { ...event, body: JSON.stringify({ ...body, query: mark(body.query) }) };
}

/** A body that says the same when it is written again; undefined for those that are hostile themselves. */
function plainJson(text = ""): Record<string, unknown> | undefined {
  if (!text.startsWith('{"')) return undefined;
  try {
    const body = JSON.parse(text);
    return JSON.stringify(body) === text ? body : undefined;
  } catch {
    return undefined;
  }
}

async function withstand(attack: Attack): Promise<void> {
  const sent = async (event: Attack["event"]) => judge(attack, await send(event));
  const cpuMs = await leastCpuMs((run) => anew(attack, run), sent, { mostMs: MOST_CPU_MS, runs: RUNS });
  expect(cpuMs, "milliseconds of CPU").toBeLessThan(MOST_CPU_MS);
  const honest = await send(HONEST);
  expect(JSON.parse(honest.body ?? "").data).toEqual(HONEST_DATA);
}

const ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
  "documents of hostile size": SIZES,
  "operations of hostile cost": COSTS,
  "hostile grammar": GRAMMAR,
  "hostile bodies": BODIES,
  "hostile variables": VARIABLES,
  "hostile HTTP": REQUESTS,
  "guessed keys": KEYS,
};

for (const [name, attacks] of Object.entries(ATTACKS)) {
  describe(name, () => {
    test.for(attacks.map((attack) => [attack.name, attack] as const))("%s", ([, attack]) => withstand(attack));
  });
}

describe("cursors that were tampered with", () => {
  test("open nothing", async () => {
    const { body = "" } = await send(post({ query: "{ regions(first: 2) { pageInfo { endCursor } } }" }));
    const attacks = cursorAttacks(JSON.parse(body).data.regions.pageInfo.endCursor);
    for (const attack of attacks) await withstand(attack);
    count += attacks.length;
  });
});

let count = Object.values(ATTACKS).flat().length;

describe("all together", () => {
  test("are hundreds, and none met what nobody foresaw", () => {
    console.log(`${count} hostile requests, each sent ${RUNS} times`);
    expect(count).toBeGreaterThanOrEqual(200);
    expect(reported.flatMap(({ record }) => record.failures)).toEqual([]);
  });

  test("leave nothing in memory", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const heapAfterRound = async () => {
      for (const { event } of Object.values(ATTACKS).flat()) await send(event);
      reported.length = 0;
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await heapAfterRound();
    await heapAfterRound();
    expect((await heapAfterRound()) - before).toBeLessThan(4 * 1024 * 1024);
  });
});
