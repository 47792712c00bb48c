import { buildSchema } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graphqlFunction } from "../../functions/graphql/function.ts";
import type { GraphqlHandler } from "../../functions/graphql/http/handler.ts";
import type { AnsweredRequest } from "../../functions/http/log.ts";
import { createLambdaContext } from "../../local/events.ts";
import { sdl } from "../../schema/generated/sdl.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { CURSOR_KEYS, type Intercept, openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";
import { post } from "./attack.ts";
import { QueryWriter, randomNumbers, type Texts } from "./random-query.ts";

/** The same queries in every run; `SEED=$RANDOM QUERIES=20000 npx vitest run …` looks at others. */
const SEED = Number(process.env.SEED ?? 20_141_122);
const COUNT = Number(process.env.QUERIES ?? 2_000);

const REGIONS = ["ZZ", "region:90", "9001", "region:9101", "WORLD", "77", "zedland"];
const PLATFORMS = ["north-open-data", "platform:southport-cloud", "platform:none"];
const AGENCIES = ["north-bureau", "agency:south-bureau", "nobody"];
const METRICS = ["data-volume", "metric:datasets", "none"];
const NODES = [
  ...["region:ZZ", "region:90", "agency:north-bureau", "platform:north-open-data", "metric:datasets", "release:1"],
  ...["source:yearbook-2023", "series:data-volume/region:ZZ/A", "complex:none", "release:9", "nonsense"],
];
const SIZES = [1, 2, 3, 5, 20, 100, 0, 101];
const PERIODS = ["2020", "2021", "2022-Q1", "2023-09", "2023-W05", "2024-01-01", "2020-Q7"];

const TEXTS: Texts = {
  id: NODES,
  ids: NODES,
  "Query.agency.id": AGENCIES,
  "Query.platform.id": PLATFORMS,
  "Query.industrialComplex.id": ["none", "complex:none"],
  "Query.metric.id": METRICS,
  "Query.source.id": ["yearbook-2023", "source:none"],
  code: REGIONS,
  within: REGIONS,
  childrenOf: REGIONS,
  operator: AGENCIES,
  metric: METRICS,
  subject: ["ZZ", "region:90", "platform:north-open-data", "agency:nobody", "metric:datasets"],
  topic: ["data", "open data", "nothing"],
  language: ["en", "zh", ""],
  text: ["north", "Southport", "数据"],
  number: [1, 2, 3, 0],
  first: SIZES,
  last: SIZES,
  top: [1, 2, 50, 0],
  after: ["", "nonsense", "test.AAAA"],
  before: ["", "nonsense"],
  from: PERIODS,
  to: PERIODS,
  timePeriod: PERIODS,
  asOf: [1, 2, 9, "2024-01-15", "2023", "yesterday"],
};

/** What a caller can be told of an operation that the schema allows. */
const FORESEEN = new Set(["BAD_USER_INPUT", "COST_LIMIT_EXCEEDED", "QUERY_LIMIT_EXCEEDED"]);

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
  readonly extensions?: { readonly cost: { readonly requested: number; readonly actual: number } };
}

let engine: RunningEngine;
let portal: TestPortal;
let handler: GraphqlHandler;
const reported: AnsweredRequest[] = [];

beforeAll(async () => {
  const [dynalite] = engines;
  if (!dynalite) throw new Error("the embedded engine is always there");
  engine = await dynalite.start();
  portal = await openPortal(engine);
  const later = madeUp({
    "observations.csv": ["90", "91", "9001"].map((id) => observation("2022", "3", { subject_id: id })),
  });
  await portal.publish(firstRelease, later);
  handler = graphqlFunction({
    client: portal.client(remembered()),
    tables: portal.tables,
    cursorKeys: CURSOR_KEYS,
    headMaxAgeMs: 3_600_000,
    report: (request) => reported.push(request),
  });
  // The index of a release is read once, on behalf of all who search after.
  await handler(post({ query: '{ search(text: "north") { totalCount } }' }), createLambdaContext("graphql"));
});
afterAll(async () => {
  await portal.close();
  await engine.stop();
});

/** Nothing is written any more, so that what was read once need not be read again: the engine takes most of the time. */
function remembered(): Intercept {
  const known = new Map<string, Promise<unknown>>();
  return (call, send) => {
    const key = JSON.stringify(call);
    const answer = known.get(key) ?? send();
    known.set(key, answer);
    return answer;
  };
}

test(`${COUNT} operations that the schema allows meet nothing that nobody foresaw`, { timeout: 600_000 }, async () => {
  const schema = buildSchema(sdl);
  const writer = new QueryWriter(schema, TEXTS, randomNumbers(SEED));
  const tally: Record<string, number> = { answered: 0 };
  for (let i = 0; i < COUNT; i += 1) {
    const { query, variables } = writer.write();
    const result = await handler(post({ query, variables }), createLambdaContext("graphql"));
    const { errors = [], extensions }: Answer = JSON.parse(result.body ?? "");
    const codes = new Set(errors.map(({ extensions: { code } }) => code));
    const told = `${query}\n${JSON.stringify(variables)}\n${JSON.stringify(errors)}`;
    for (const code of codes) expect(FORESEEN, told).toContain(code);
    expect(result.statusCode, told).toBe(200);
    if (extensions) expect(extensions.cost.requested, told).toBeGreaterThanOrEqual(extensions.cost.actual);
    for (const code of codes.size > 0 ? codes : ["answered"]) tally[code] = (tally[code] ?? 0) + 1;
  }
  console.log(`${COUNT} random operations:`, tally);
  expect(tally.answered).toBeGreaterThan(COUNT / 4);
  expect(reported.flatMap(({ record }) => record.failures)).toEqual([]);
});
