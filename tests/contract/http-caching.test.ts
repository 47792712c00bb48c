import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AnswerCache } from "../../functions/graphql/cache.ts";
import { type GraphqlFunctionOptions, graphqlFunction } from "../../functions/graphql/function.ts";
import type { AnsweredRequest } from "../../functions/http/log.ts";
import { issue, registerOf } from "../partners/support/register.ts";
import { engines } from "../support/engines.ts";
import { fetchFrom } from "../support/fetch.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { CURSOR_KEYS, openPortal, type TestPortal } from "../support/portal.ts";
import { holdsEventually } from "../support/properties.ts";
import { madeUp } from "../support/releases.ts";

interface Asked {
  readonly query?: string;
  readonly variables?: unknown;
  readonly operationName?: string;
}

type Fetch = ReturnType<typeof fetchFrom>;
type Headers = Record<string, string>;

function get(fetch: Fetch, { query, variables, operationName }: Asked, headers: Headers = {}) {
  const search = new URLSearchParams();
  if (query !== undefined) search.set("query", query);
  if (variables !== undefined) search.set("variables", JSON.stringify(variables));
  if (operationName !== undefined) search.set("operationName", operationName);
  return fetch(`/graphql?${search}`, { headers: { "apollo-require-preflight": "1", ...headers } });
}

function post(fetch: Fetch, body: Asked, headers: Headers = {}) {
  return fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const SERIES = `query Volume($from: TimePeriod) {
  series(metric: "data-volume", subject: "ZZ") { observations(from: $from) { timePeriod value } }
}`;

describe("answers of a release", () => {
  let engine: Awaited<ReturnType<(typeof engines)[number]["start"]>>;
  let portal: TestPortal;
  let calls: string[];
  let reports: AnsweredRequest[];
  let next = 2025;

  beforeAll(async () => {
    engine = await (engines[0] as (typeof engines)[number]).start();
    portal = await openPortal(engine);
    await portal.publish(firstRelease);
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });
  beforeEach(() => {
    calls = [];
    reports = [];
  });

  /** A function of its own, whose calls to the store are written down. */
  function serve(options: Partial<GraphqlFunctionOptions> = {}): Fetch {
    const client = portal.client(async ({ command, input }, send) => {
      const key = (input.Key as { id?: { S?: string } } | undefined)?.id?.S;
      calls.push(key === undefined ? command : `${command} ${key}`);
      return send();
    });
    return fetchFrom(
      graphqlFunction({
        client,
        tables: portal.tables,
        cursorKeys: CURSOR_KEYS,
        version: "1",
        report: (request) => void reports.push(request),
        ...options,
      }),
    );
  }

  test("are the same at an instance that never searched before as at one that has: the tag says so", async () => {
    const search = { query: '{ search(text: "north") { totalCount nodes { node { id } } } }' };
    const [one, other] = [serve({ answerCacheBytes: 0 }), serve({ answerCacheBytes: 0 })];
    const answers: Response[] = [];
    for (const fetch of [one, one, other]) answers.push(await get(fetch, search));
    const [first, ...others] = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(answers.map(({ headers }) => headers.get("etag"))).size).toBe(1);
    expect(JSON.parse(first ?? "").data.search.totalCount).toBeGreaterThan(0);
    expect(others).toEqual([first, first]);
    // What was read for all who search after is told apart from what this answer took.
    expect(reports.map(({ record }) => (record.sharedMeter?.calls ?? 0) > 0)).toEqual([true, false, true]);
  });

  test("to a document that is no Unicode have no tag: all such halves of characters are one in UTF-8", async () => {
    const fetch = serve();
    const ask = (half: string) => post(fetch, { query: `{ __typename } # ${half}` });
    for (const half of ["\ud800", "\udfff"]) expect((await ask(half)).headers.get("etag")).toBeNull();
    expect((await ask("\ud83d\ude00")).headers.get("etag")).not.toBeNull();
  });

  async function publishAnother(): Promise<void> {
    const period = `${next++}`;
    await portal.publish(madeUp({ "observations.csv": [observation(period, "20")] }, "2024-06-01", `Of ${period}`));
  }

  test("come from the cache the second time, byte for byte, and only HEAD is read for them", async () => {
    const fetch = serve({ headMaxAgeMs: 0 });
    const first = await get(fetch, { query: SERIES });
    const text = await first.text();
    calls.length = 0;
    const second = await get(fetch, { query: SERIES, variables: {} });
    expect(await second.text()).toBe(text);
    expect(JSON.parse(text).data.series.observations.length).toBeGreaterThan(2);
    expect(calls).toEqual(["GetItemCommand head"]);
    expect(reports.map(({ record }) => [record.cached ?? false, record.operation])).toEqual([
      [false, "Volume"],
      [true, "Volume"],
    ]);
    const headers = (response: Response) => {
      const { "x-request-id": id, ...others } = Object.fromEntries(response.headers);
      expect(id).toMatch(/./);
      return others;
    };
    expect(headers(second)).toEqual(headers(first));
    expect(headers(first)).toMatchObject({
      "cache-control": "public, max-age=0, stale-while-revalidate=10",
      "content-type": "application/json; charset=utf-8",
      etag: expect.stringMatching(/^"[\w-]{24}"$/),
      vary: "accept, accept-encoding, authorization, x-api-key",
    });
  });

  test("are what they are without a cache, whatever is asked in whatever order, across publications", async () => {
    const [cached, plain] = [serve({ headMaxAgeMs: 0 }), serve({ headMaxAgeMs: 0, answerCacheBytes: 0 })];
    const steps = fc.array(fc.oneof({ weight: 15, arbitrary: asked }, { weight: 1, arbitrary: fc.constant(null) }), {
      minLength: 20,
      maxLength: 40,
    });
    await holdsEventually(
      fc.asyncProperty(steps, async (sequence) => {
        for (const step of sequence) {
          if (step === null) await publishAnother();
          else expect(await outcome(await step(cached))).toEqual(await outcome(await step(plain)));
        }
      }),
      3,
    );
    expect(reports.filter(({ record }) => record.cached).length).toBeGreaterThan(15);
  });

  test("go with the release: another one is another tag, after HEAD was read anew", async () => {
    const fetch = serve({ headMaxAgeMs: 0 });
    const before = await get(fetch, { query: SERIES });
    await publishAnother();
    const after = await get(fetch, { query: SERIES }, { "if-none-match": String(before.headers.get("etag")) });
    expect(after.status).toBe(200);
    expect(after.headers.get("etag")).not.toBe(before.headers.get("etag"));
    expect(await after.text()).not.toBe(await before.text());
  });

  test("are known to an instance that never gave them: 304 with nothing read but HEAD", async () => {
    const etag = String((await get(serve(), { query: SERIES })).headers.get("etag"));
    const fresh = serve();
    for (const [tags, headReads] of [
      [etag, 1],
      [`W/${etag}`, 0],
      [`"other", ${etag}`, 0],
    ] as const) {
      calls.length = 0;
      const response = await get(fresh, { query: SERIES }, { "if-none-match": tags });
      expect([response.status, await response.text()]).toEqual([304, ""]);
      expect(response.headers.get("etag")).toBe(etag);
      expect(response.headers.get("cache-control")).toBe("public, max-age=5, stale-while-revalidate=10");
      expect(calls).toEqual(Array.from({ length: headReads }, () => "GetItemCommand head"));
    }
  });

  test.for<[string, Asked, Headers, Partial<GraphqlFunctionOptions>]>([
    ["other variables", { query: SERIES, variables: { from: "2022" } }, {}, {}],
    ["another document", { query: `${SERIES} ` }, {}, {}],
    ["another media type", { query: SERIES }, { accept: "application/graphql-response+json" }, {}],
    ["other code", { query: SERIES }, {}, { version: "2" }],
    [
      "another key that seals cursors",
      { query: SERIES },
      {},
      { cursorKeys: [{ ...CURSOR_KEYS[0], id: "new" } as never] },
    ],
  ])("have another tag for %s", async ([, question, headers, options]) => {
    const etag = String((await get(serve(), { query: SERIES })).headers.get("etag"));
    const response = await get(serve(options), question, { ...headers, "if-none-match": etag });
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).not.toBe(etag);
  });

  test("have a tag for each coding", async () => {
    const fetch = serve();
    const query = `{ regions { nodes { id code level name { text } ancestors { id code level name { text } } } } }`;
    const tags = await Promise.all(
      ["identity", "gzip", "br"].map(async (coding) => {
        const response = await get(fetch, { query }, { "accept-encoding": coding });
        return response.headers.get("etag");
      }),
    );
    const [plain = ""] = tags;
    expect(tags).toEqual([plain, plain?.replace(/"$/, '-gzip"'), plain?.replace(/"$/, '-br"')]);
    const known = { "accept-encoding": "br", "if-none-match": String(tags[2]) };
    expect((await get(fetch, { query }, known)).status).toBe(304);
    const ofGzip = { "accept-encoding": "br", "if-none-match": String(tags[1]) };
    expect((await get(fetch, { query }, ofGzip)).status).toBe(200);
  });

  test.for<[string, Asked]>([
    ["that is wrong", { query: "{ nothing }" }],
    ["with an error in one field", { query: `{ region(code: "90") { id } node(id: "nonsense") { id } }` }],
    ["with a malformed variable", { query: SERIES, variables: { from: "soon" } }],
  ])("are not kept when there is an error: a question %s", async ([, question]) => {
    const fetch = serve();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const response = await post(fetch, question);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("etag")).toBeNull();
    }
    expect(reports.map(({ record }) => record.cached ?? false)).toEqual([false, false]);
  });

  test("to a POST are kept alike, but a condition on one is none: RFC 9110 knows no 304 for it", async () => {
    const fetch = serve();
    const etag = String((await get(fetch, { query: SERIES })).headers.get("etag"));
    const response = await post(fetch, { query: SERIES }, { "if-none-match": etag });
    expect([response.status, response.headers.get("etag")]).toEqual([200, etag]);
    expect(reports.at(-1)?.record.cached).toBe(true);
  });

  test("to a GET that any page can send are refused, known or not", async () => {
    const fetch = serve();
    expect((await get(fetch, { query: SERIES })).status).toBe(200);
    const response = await fetch(`/graphql?${new URLSearchParams({ query: SERIES })}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
  });

  test("to a partner are theirs alone, and known again by a weak tag", async () => {
    const { key } = await issue(registerOf(portal));
    const fetch = serve();
    const everybodys = await get(fetch, { query: SERIES });
    const theirs = await get(fetch, { query: SERIES }, { "x-api-key": key });
    const body = JSON.parse(await theirs.text());
    expect(body.data).toEqual(JSON.parse(await everybodys.text()).data);
    expect(body.extensions.cost.remaining).toBeTypeOf("number");
    expect(theirs.headers.get("cache-control")).toBe("private, no-cache");
    const etag = String(theirs.headers.get("etag"));
    expect(etag).toMatch(/^W\/"/);
    calls.length = 0;
    const again = await get(fetch, { query: SERIES }, { "x-api-key": key, "if-none-match": etag });
    expect([again.status, calls]).toEqual([304, []]);
  });
});

const BOTH = `query A { region(code: "90") { id } } query B { region(code: "91") { id name { text } } }`;
const PLATFORMS = `query P($n: Int, $after: String) {
  platforms(first: $n, after: $after) { nodes { id } pageInfo { endCursor } }
}`;
const NODES = "query R($ids: [ID!]!) { nodes(ids: $ids) { id } }";
const LATEST = `query V($asOf: ReleaseRef) {
  series(metric: "data-volume", subject: "ZZ") { observations(asOf: $asOf, last: 1) { value } }
}`;

/** What is alike but not the same stands side by side. */
const QUESTIONS: readonly Asked[] = [
  { query: SERIES },
  { query: SERIES, variables: null },
  { query: SERIES, variables: { from: "2022" } },
  { query: BOTH, operationName: "A" },
  { query: BOTH, operationName: "B" },
  { query: BOTH },
  { query: PLATFORMS, variables: { n: 2, after: null } },
  { query: PLATFORMS, variables: { after: null, n: 2 } },
  { query: PLATFORMS, variables: JSON.parse(`{ "__proto__": { "n": 2 } }`) },
  { query: NODES, variables: { ids: ["region:90", "region:91"] } },
  { query: NODES, variables: { ids: ["region:91", "region:90"] } },
  { query: NODES, variables: { ids: "region:90" } },
  { query: LATEST, variables: { asOf: 1 } },
  { query: LATEST, variables: { asOf: "2024-01-01" } },
  { query: "{ release { number } changes(first: 3) { edges { cursor } } }" },
  { query: "{ __schema { queryType { name } } }" },
  { query: "{ wrong" },
];

const asked = fc
  .record({
    question: fc.constantFrom(...QUESTIONS),
    method: fc.constantFrom(get, post),
    accept: fc.constantFrom("application/json", "application/json", "application/graphql-response+json"),
    coding: fc.constantFrom({}, {}, { "accept-encoding": "br" }),
  })
  .map(
    ({ question, method, accept, coding }) =>
      (fetch: Fetch) =>
        method(fetch, question, { accept, ...coding }),
  );

/** All of an answer but the id of its request. */
async function outcome(response: Response) {
  const { "x-request-id": id = "", ...headers } = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: (await response.text()).replaceAll(id, "<id>") };
}

describe("numbers that JSON cannot write", () => {
  test("are not taken for what it writes in their place", async () => {
    const engine = await (engines[0] as (typeof engines)[number]).start();
    const portal = await openPortal(engine);
    await portal.publish(firstRelease);
    const fetch = fetchFrom(
      graphqlFunction({ client: portal.client(), tables: portal.tables, cursorKeys: CURSOR_KEYS }),
    );
    const query = "query ($n: Int) { platforms(first: $n) { nodes { id } } }";
    const send = (n: string) =>
      post(fetch, `{ "query": ${JSON.stringify(query)}, "variables": { "n": ${n} } }` as Asked);
    expect(await (await send("null")).json()).not.toHaveProperty("errors");
    expect(await (await send("1e999")).json()).toHaveProperty("errors");
    await portal.close();
    await engine.stop();
  });
});

describe("the cache", () => {
  const answer = (body: string) => ({ body, contentType: "application/json", operation: undefined });

  test("holds no more than it may, and lets go of what was not used for the longest time", () => {
    const cache = new AnswerCache(64 * 1024);
    for (let i = 0; i < 1000; i += 1) {
      cache.keep(`a${i}`, answer("x".repeat(i)));
      cache.get("a0");
      expect(cache.bytes).toBeLessThanOrEqual(64 * 1024);
    }
    expect(cache.get("a0")).toBeDefined();
    expect(cache.get("a999")).toBeDefined();
    expect(cache.get("a1")).toBeUndefined();
  });

  test("counts what it made of an answer", () => {
    const cache = new AnswerCache(64 * 1024);
    const kept = cache.keep("a", answer("x".repeat(1500)));
    const before = cache.bytes;
    const coded = cache.coded(kept, "gzip");
    expect(cache.bytes).toBe(before + coded.length);
    expect(cache.coded(cache.get("a") ?? kept, "gzip")).toBe(coded);
    expect(cache.bytes).toBe(before + coded.length);
  });

  test("does not let one answer push out the others", () => {
    const cache = new AnswerCache(64 * 1024);
    cache.keep("small", answer("x"));
    cache.keep("large", answer("x".repeat(32 * 1024)));
    expect([cache.get("small")?.body, cache.get("large")]).toEqual(["x", undefined]);
  });
});
