import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphqlFunction } from "../../functions/graphql/function.ts";
import type { GraphqlHandler } from "../../functions/graphql/http/handler.ts";
import { createLambdaContext } from "../../local/events.ts";
import { PLANS } from "../../portal/partners/plans.ts";
import { issue, registerOf } from "../partners/support/register.ts";
import { leastCpuMs } from "../support/cpu.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { CURSOR_KEYS, openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";
import { type Attack, JSON_HEADERS, post, times } from "./attack.ts";

/** Fifty years of days: two hundred times as long as `@listSize` takes a series to be. */
const DAYS = 20_000;
const SERIES = "series:data-volume/region:90/D";

/** A whole answer of the largest kind takes less than this of a busy processor; what is refused should take no more. */
const MOST_CPU_MS = 1_500;
const MOST_BYTES = 400 * 1024 ** 2;

let engine: RunningEngine;
let portal: TestPortal;
let handler: GraphqlHandler;
beforeAll(async () => {
  engine = await (engines[0] as (typeof engines)[number]).start();
  portal = await openPortal(engine);
  const rows = times(DAYS, (i) =>
    observation(new Date(i * 86_400_000).toISOString().slice(0, 10), `${i + 1}`, { subject_id: "90" }),
  );
  await portal.publish(firstRelease, madeUp({ "observations.csv": rows }));
  handler = graphqlFunction({
    client: portal.client(),
    tables: portal.tables,
    cursorKeys: CURSOR_KEYS,
    answerCacheBytes: 0,
  });
}, 60_000);
afterAll(async () => {
  await portal.close();
  await engine.stop();
});

async function ask(query: string, key: Readonly<Record<string, string>> = {}) {
  const before = process.memoryUsage().rss;
  let answer: APIGatewayProxyStructuredResultV2 = {};
  const request = () => post({ query }, { ...JSON_HEADERS, ...key });
  const answered = async (event: Attack["event"]) => {
    answer = await handler(event, createLambdaContext("graphql"));
  };
  const cpuMs = await leastCpuMs(request, answered, { mostMs: MOST_CPU_MS });
  const { data, errors } = JSON.parse(answer.body ?? "");
  const bytes = process.memoryUsage().rss - before;
  return { statusCode: answer.statusCode, headers: answer.headers, data, errors, cpuMs, bytes };
}

const often = (count: number, selection: string) =>
  `{ nodes(ids: ${JSON.stringify(times(count, () => SERIES))}) { ... on Series { ${selection} } } }`;
const aliases = (count: number, field: string) => times(count, (i) => `a${i}: ${field}`).join(" ");

describe("a series that is far longer than it is taken to be", () => {
  test("is answered whole, with the source and the release of each observation", async () => {
    const { data, cpuMs } = await ask(often(1, "observations { value source { title } release { number } }"));
    expect(data.nodes[0].observations).toHaveLength(DAYS);
    expect(data.nodes[0].observations.at(-1)).toEqual({
      value: `${DAYS}`,
      source: { title: "Yearbook 2023" },
      release: { number: 2 },
    });
    expect(cpuMs).toBeLessThan(MOST_CPU_MS);
  });

  const FULL = "timePeriod value status note source { title } release { number }";
  test.for<[name: string, query: string]>([
    ["asked for five times over", often(5, `observations { ${FULL} }`)],
    ["asked for fifteen times over", often(15, `observations { ${FULL} }`)],
    ["asked for a hundred times over", often(100, "observations { value }")],
    ["asked for under many names", often(1, aliases(20, `observations { ${FULL} }`))],
    ["in all its statuses and more", often(4, `observations(status: [A, P, E, F, T]) { ${FULL} }`)],
    ["with what each value was computed from", often(2, `growth { value derivedFrom { ${FULL} } }`)],
    ["in derived values by the thousand", often(20, aliases(5, "change { value }"))],
    [
      "in panels under many names",
      `{ ${times(30, (i) => `p${i}: panel(metric: "data-volume", of: { childrenOf: "ZZ" }, frequency: D) { rows { ${aliases(3, "values")} } }`).join(" ")} }`,
    ],
  ])("is refused %s, long before the answer is made", async ([, query]) => {
    const { statusCode, headers, errors, data, cpuMs, bytes } = await ask(query);
    expect(statusCode).toBe(200);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: "RESPONSE_TOO_LARGE" } }]);
    expect(headers?.link).toBe('</v1/dumps>; rel="alternate"');
    expect(cpuMs).toBeLessThan(MOST_CPU_MS);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  test("is charged to a partner though it is refused, and the refusal says so", async () => {
    const { key } = await issue(registerOf(portal), { plan: "basic" });
    const { errors, headers } = await ask(often(5, `observations { ${FULL} }`), { "x-api-key": key });
    expect(errors).toMatchObject([{ extensions: { code: "RESPONSE_TOO_LARGE" } }]);
    expect(Number(headers?.["ratelimit-remaining"])).toBeLessThan(PLANS.basic.costPerMinute);
    expect(headers).toMatchObject({ ratelimit: expect.stringContaining('"minute";r='), "ratelimit-limit": "60000" });
  });

  test.for<[name: string, query: string, one: unknown]>([
    ["the latest value", often(60, aliases(60, "latest { value }")), { a0: { value: `${DAYS}` } }],
    ["its growth", often(20, aliases(60, "growth(last: 1) { derivedFrom { value } }")), {}],
    ["its rank", often(4, aliases(50, "rank { outOf }")), { a0: { outOf: 1 } }],
    [
      "its ranks",
      often(1, times(100, (i) => `a${i}: rank(timePeriod: "2001-01-${10 + (i % 20)}") { outOf }`).join(" ")),
      { a0: { outOf: 1 } },
    ],
  ])("is unpacked once where %s is asked for thousands of times", async ([, query, one]) => {
    const { data, errors, cpuMs, bytes } = await ask(query);
    expect(errors).toBeUndefined();
    expect(data.nodes[0]).toMatchObject(one as object);
    expect(cpuMs).toBeLessThan(MOST_CPU_MS);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });
});
