import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { graphqlFunction } from "../../functions/graphql/function.ts";
import { type AnsweredRequest, reporting } from "../../functions/http/log.ts";
import { requestLog } from "../../functions/http/log-lines.ts";
import { requestMetrics } from "../../functions/http/metrics.ts";
import { issue, registerOf } from "../partners/support/register.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { fetchFrom } from "../support/fetch.ts";
import { firstRelease } from "../support/made-up-world.ts";
import { CURSOR_KEYS, type Intercept, openPortal, type TestPortal } from "../support/portal.ts";

let engine: RunningEngine;
let portal: TestPortal;
let written: string[];

beforeAll(async () => {
  const [dynalite] = engines;
  if (!dynalite) throw new Error("the embedded engine is always there");
  engine = await dynalite.start();
  portal = await openPortal(engine);
  await portal.publish(firstRelease);
});
afterAll(async () => {
  await portal.close();
  await engine.stop();
});
beforeEach(() => {
  written = [];
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, "write").mockImplementation(write);
  vi.spyOn(process.stderr, "write").mockImplementation(write);
});
afterEach(() => vi.restoreAllMocks());

const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);

function serve(options: Partial<Parameters<typeof graphqlFunction>[0]> = {}, intercept?: Intercept) {
  const client = portal.client(intercept);
  return fetchFrom(
    graphqlFunction({
      client,
      tables: portal.tables,
      cursorKeys: CURSOR_KEYS,
      headMaxAgeMs: 0,
      report: requestLog({ level: "INFO" }),
      ...options,
    }),
  );
}

const post = (fetch: ReturnType<typeof serve>, query: string, variables = {}, headers = {}) =>
  fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });

const throttled: Intercept = async () => {
  throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
};

describe("the line of a request", () => {
  test("says what it was, what it cost and how it ended, and nothing that the caller wrote", async () => {
    const query = "query Places($id: ID!) { region(code: $id) { code } }";
    const { key, record } = await issue(registerOf(portal));
    const response = await post(serve(), query, { id: "region:90" }, { "x-api-key": key });
    expect(lines()).toEqual([
      {
        level: "INFO",
        message: "a request was answered",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        service: "gazetteer",
        sampling_rate: 0,
        requestId: response.headers.get("x-request-id"),
        awsRequestId: expect.any(String),
        operation: "Places",
        status: 200,
        durationMs: expect.any(Number),
        plan: "standard",
        keyId: record.keyId,
        cost: { requested: expect.any(Number), actual: expect.any(Number) },
        release: 1,
        cached: false,
        calls: 2,
        readUnits: expect.any(Number),
        writeUnits: 0,
      },
    ]);
    expect(written.join("")).not.toMatch(/region:90|region\(|gzt_/);
  });

  test.for([
    ["a refused request", "{", ["GRAPHQL_PARSE_FAILED"]],
    ["a wrong argument", '{ region(code: "a-secret-key") { code } }', ["BAD_USER_INPUT"]],
  ] as const)("names the codes of %s, not what was wrong", async ([, query, codes]) => {
    await post(serve(), query);
    expect(lines()).toMatchObject([{ level: "INFO", codes }]);
    expect(written.join("")).not.toContain("secret");
  });

  test("warns of a store that did not answer, with the reason that the caller is not told", async () => {
    const response = await post(serve({}, throttled), "{ a: region(code: 90) { code } }");
    expect(await response.text()).not.toContain("Rate exceeded");
    expect(lines()).toMatchObject([
      {
        level: "WARN",
        codes: ["UNAVAILABLE"],
        errors: [{ name: "PortalError", path: ["a"], cause: "ThrottlingException: Rate exceeded" }],
      },
    ]);
    expect(lines()[0]?.errors).not.toMatchObject([{ stack: expect.anything() }]);
  });

  test("is an error, with its stack, when nobody foresaw what happened", async () => {
    const broken: Intercept = async () => {
      throw new Error("the store speaks in tongues");
    };
    await post(serve({}, broken), "{ region(code: 90) { code } }");
    expect(lines()).toMatchObject([
      { level: "ERROR", codes: ["INTERNAL_SERVER_ERROR"], errors: [{ stack: expect.stringContaining("at ") }] },
    ]);
  });

  test("of twenty failed fields tells five", async () => {
    const fields = Array.from({ length: 20 }, (_, i) => `f${i}: region(code: 90) { code }`);
    await post(serve({}, throttled), `{ ${fields.join(" ")} }`);
    expect(lines()).toMatchObject([{ errors: { length: 5 } }]);
  });

  test("is not written below the level", async () => {
    const fetch = serve({ report: requestLog({ level: "ERROR" }) });
    expect((await post(fetch, "{ __typename }")).status).toBe(200);
    expect(written).toEqual([]);
  });
});

describe("the metrics of a request", () => {
  const answered: AnsweredRequest = {
    record: {
      requestId: "r",
      awsRequestId: "a",
      codes: new Set(["RATE_LIMITED"]),
      failures: [],
      cached: true,
      bucketFailed: true,
    },
    status: 429,
    durationMs: 1.5,
    headAge: 86,
  };

  test("are one line in the embedded metric format", () => {
    requestMetrics({ POWERTOOLS_METRICS_NAMESPACE: "Gazetteer/prod", POWERTOOLS_SERVICE_NAME: "graphql" })(answered);
    const [{ _aws, service, ...values } = {}] = lines();
    expect(written).toHaveLength(1);
    expect(values).toEqual({
      Requests: 1,
      Errors: 0,
      Latency: 1.5,
      ReadUnits: 0,
      CacheHits: 1,
      Throttles: 1,
      BucketFailures: 1,
      HeadAge: 86,
    });
    const units = { Latency: "Milliseconds", HeadAge: "Seconds" } as Record<string, string>;
    expect(_aws).toEqual({
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        {
          Namespace: "Gazetteer/prod",
          Dimensions: [["service"]],
          Metrics: Object.keys(values).map((Name) => ({ Name, Unit: units[Name] ?? "Count" })),
        },
      ],
    });
    expect(service).toBe("graphql");
  });

  test("know no age of HEAD before the first release, and count what failed", () => {
    const failures = [{ error: new Error("no"), foreseen: true }];
    requestMetrics({})({ ...answered, record: { ...answered.record, failures }, headAge: undefined });
    expect(lines()).toMatchObject([{ Errors: 1, _aws: { CloudWatchMetrics: [{ Namespace: "Gazetteer" }] } }]);
    expect(lines()[0]).not.toHaveProperty("HeadAge");
  });

  test("cost the caller nothing when they cannot be written", async () => {
    const complaint = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const function_ = reporting(
      async () => ({ statusCode: 204 }),
      () => {
        throw new Error("no space left");
      },
    );
    expect((await fetchFrom(function_)("/")).status).toBe(204);
    expect(complaint).toHaveBeenCalledWith(new Error("no space left"));
  });
});

describe("/health", () => {
  test("tells HEAD and its age for one small read, which requests share", async () => {
    const commands: string[] = [];
    const fetch = serve({ headMaxAgeMs: 60_000 }, async ({ command }, send) => {
      commands.push(command);
      return send();
    });
    const response = await fetch("/health");
    const body = (await response.json()) as Record<string, unknown>;
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      status: "ok",
      head: 1,
      committedAt: expect.any(String),
      ageSeconds: expect.any(Number),
    });
    expect(body.ageSeconds).toBe(Math.round((Date.now() - Date.parse(String(body.committedAt))) / 1000));
    await fetch("/health");
    expect(commands).toEqual(["GetItemCommand"]);
    expect(lines()).toMatchObject([
      { operation: "health", release: 1, calls: 1 },
      { operation: "health", calls: 0 },
    ]);
  });

  test("knows no age before the first release", async () => {
    const nothing: Intercept = async () => ({ output: { $metadata: {} } });
    const response = await serve({}, nothing)("/health");
    expect(await response.json()).toEqual({ status: "ok", head: 0, committedAt: null, ageSeconds: null });
  });

  test("is 503 when the store cannot be read, and the log says why", async () => {
    const response = await serve({}, throttled)("/health");
    expect([response.status, await response.json()]).toEqual([503, { status: "unavailable" }]);
    expect(lines()).toMatchObject([{ level: "WARN", errors: [{ cause: "ThrottlingException: Rate exceeded" }] }]);
  });

  test("takes no POST", async () => {
    const response = await serve()("/health", { method: "POST" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});
