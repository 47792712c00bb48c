import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { graphqlFunction } from "../../functions/graphql/function.ts";
import type { AnsweredRequest } from "../../functions/http/log.ts";
import { apiKeyOf, hashOfApiKey } from "../../portal/partners/api-key.ts";
import type { KeyRegister } from "../../portal/partners/key-register.ts";
import { ANONYMOUS_PLAN, PLANS } from "../../portal/partners/plans.ts";
import { callScope } from "../../portal/store/calls.ts";
import { engines } from "../support/engines.ts";
import { type FaultyEngine, refusal, startFaultyEngine } from "../support/faulty-engine.ts";
import { fetchFrom } from "../support/fetch.ts";
import { firstRelease } from "../support/made-up-world.ts";
import { CURSOR_KEYS, openPortal, type TestPortal } from "../support/portal.ts";
import { issue, PATIENT, registerOf } from "./support/register.ts";

const QUERY = "{ platforms(first: 2) { nodes { id } } }";

/** What does not depend on an engine is shown on the embedded one, behind a proxy that can fail. */
describe("who asks through the front door", () => {
  let engine: Awaited<ReturnType<(typeof engines)[number]["start"]>>;
  let faulty: FaultyEngine;
  let portal: TestPortal;
  let register: KeyRegister;
  let fetch: ReturnType<typeof fetchFrom>;
  let reports: AnsweredRequest[];

  beforeAll(async () => {
    engine = await (engines[0] as (typeof engines)[number]).start();
    faulty = await startFaultyEngine(engine);
    portal = await openPortal(engine);
    await portal.publish(firstRelease);
    register = registerOf(portal);
  });
  afterAll(async () => {
    await portal.close();
    await faulty.stop();
    await engine.stop();
  });
  beforeEach(() => {
    faulty.fault = (_request, forward) => forward();
    faulty.arrived.length = 0;
    reports = [];
    fetch = functionWith(PATIENT);
  });

  function functionWith(partnersPatienceMs: number) {
    return fetchFrom(
      graphqlFunction({
        client: portal.client(undefined, { endpoint: faulty.endpoint, maxAttempts: 1 }),
        tables: portal.tables,
        cursorKeys: CURSOR_KEYS,
        partnersPatienceMs,
        report: (request) => void reports.push(request),
      }),
    );
  }

  async function ask(headers: Record<string, string> = {}, query = QUERY) {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });
    const body = JSON.parse(await response.text());
    return { status: response.status, headers: response.headers, ...body };
  }
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const writes = () => faulty.arrived.filter((operation) => operation === "UpdateItem").length;
  const platforms = { platforms: { nodes: [expect.anything(), expect.anything()] } };

  test("is nobody in particular without a key: nothing is looked up, nothing written", async () => {
    const { status, data, extensions, headers } = await ask();
    expect(status).toBe(200);
    expect(data).toEqual(platforms);
    expect(extensions.cost).toMatchObject({ limit: ANONYMOUS_PLAN.maxRequestCost, remaining: null, resetAt: null });
    expect([...headers.keys()].filter((name) => name.startsWith("ratelimit"))).toEqual([]);
    expect(writes()).toBe(0);
    expect(faulty.arrived).not.toContain("UpdateItem");
    expect(reports[0]?.record.plan).toBe("anonymous");
  });

  test.for<[string, (key: string) => Record<string, string>]>([
    ["Authorization", bearer],
    ["authorization in other letters", (key) => ({ AUTHORIZATION: `bEARER   ${key} ` })],
    ["x-api-key", (key) => ({ "x-api-key": key })],
    ["both", (key) => ({ ...bearer(key), "x-api-key": key })],
  ])("is a partner by a key in %s, charged by one write for what was asked", async ([, send]) => {
    const { key } = await issue(register, { plan: "basic" });
    const { data, extensions, headers } = await ask(send(key));
    expect(data).toEqual(platforms);
    const { requested, limit, remaining, resetAt } = extensions.cost;
    expect(limit).toBe(PLANS.basic.maxRequestCost);
    expect(requested).toBeGreaterThan(0);
    expect(remaining).toBe(PLANS.basic.costPerMinute - requested);
    expect(Date.parse(resetAt)).toBeGreaterThan(Date.now() - 60_000);
    const day = PLANS.basic.costPerDay - requested;
    expect(Object.fromEntries([...headers].filter(([name]) => name.startsWith("ratelimit")))).toEqual({
      "ratelimit-policy": `"minute";q=60000;w=60;qu="cost", "day";q=5000000;w=86400;qu="cost"`,
      ratelimit: expect.stringMatching(new RegExp(`^"minute";r=${remaining};t=[01], "day";r=${day};t=[01]$`)),
      "ratelimit-limit": "60000",
      "ratelimit-remaining": `${remaining}`,
      "ratelimit-reset": expect.stringMatching(/^[01]$/),
    });
    expect(writes()).toBe(1);
    expect(reports[0]?.record.plan).toBe("basic");
    expect(JSON.stringify(reports)).not.toContain(key.slice(4));
  });

  test("is charged each time it asks, and looked up once", async () => {
    const { key } = await issue(register);
    let lookups = 0;
    faulty.fault = async ({ operation, body }, forward) => {
      if (operation === "GetItem" && JSON.stringify(body.Key).includes(hashOfApiKey(key))) lookups += 1;
      return forward();
    };
    await Promise.all([ask(bearer(key)), ask(bearer(key)), ask(bearer(key))]);
    await ask(bearer(key));
    expect(writes()).toBe(4);
    expect(lookups).toBe(1);
  });

  test("is not charged for an answer that it has already", async () => {
    const { key } = await issue(register);
    const url = `/graphql?query=${encodeURIComponent(QUERY)}`;
    const headers = { ...bearer(key), "apollo-require-preflight": "1" };
    const first = await fetch(url, { headers });
    expect(first.status).toBe(200);
    expect(writes()).toBe(1);
    const again = await fetch(url, { headers: { ...headers, "if-none-match": String(first.headers.get("etag")) } });
    expect(again.status).toBe(304);
    expect(writes()).toBe(1);
  });

  test.for<[string, () => Promise<Record<string, string>>, string]>([
    ["is no key", async () => bearer("letmein"), "The API key is not known."],
    ["is like a key", async () => bearer(apiKeyOf(randomBytes(32))), "The API key is not known."],
    [
      "is empty",
      async () => ({ authorization: "Bearer " }),
      'The Authorization header has to be "Bearer" and an API key.',
    ],
    ["is an empty x-api-key", async () => ({ "x-api-key": " " }), "The API key is not known."],
    ["is a password", async () => ({ authorization: "Basic YTpi" }), 'The Authorization header has to be "Bearer"'],
    ["is several", async () => bearer("a, Bearer b"), 'The Authorization header has to be "Bearer" and an API key.'],
    [
      "contradicts itself",
      async () => ({ ...bearer((await issue(register)).key), "x-api-key": (await issue(register)).key }),
      "Authorization and x-api-key hold different keys. Send one of them.",
    ],
    ["has expired", async () => bearer((await issue(register, { lifetimeMs: 0 })).key), "The API key has expired."],
    [
      "was revoked",
      async () => {
        const { key, record } = await issue(register);
        await register.revoke(record.keyId, callScope());
        return bearer(key);
      },
      "The API key was revoked.",
    ],
  ])("is turned away when what it sends %s", async ([, send, message]) => {
    const { status, errors, data, headers } = await ask(await send());
    expect(status).toBe(401);
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      {
        message: expect.stringContaining(message),
        extensions: { code: "UNAUTHENTICATED", requestId: expect.anything() },
      },
    ]);
    expect(headers.get("www-authenticate")).toMatch(
      /^Bearer realm="gazetteer", error="invalid_token", error_description="[^"]+"$/,
    );
    expect(headers.get("cache-control")).toBe("no-store");
    expect(writes()).toBe(0);
  });

  test("is refused where its key is not meant for this", async () => {
    const { key } = await issue(register, { scopes: ["export"] });
    const { status, errors, headers } = await ask(bearer(key));
    expect(status).toBe(403);
    expect(errors[0]).toMatchObject({
      message: 'The API key does not have the scope "query".',
      extensions: { code: "FORBIDDEN" },
    });
    expect(headers.get("www-authenticate")).toContain('error="insufficient_scope", scope="query"');
  });

  test("is told to wait when its bucket is full, from the second time on without a call", async () => {
    const { key, record } = await issue(register, { plan: "basic" });
    const full = (Date.now() + 90_000) * 1000;
    await portal.store.put(
      portal.tables.partners,
      {
        keyHash: { S: `bucket:${record.bucket}` },
        minuteDrainedAt: { N: `${full}` },
        dayDrainedAt: { N: "0" },
      },
      callScope(),
    );
    const refused = await ask(bearer(key));
    expect(refused.status).toBe(429);
    expect(refused.data).toBeUndefined();
    expect(refused.errors).toEqual([
      {
        message: expect.stringMatching(
          /^The plan basic has no room for a cost of \d+ this minute\. Try again in \d+ s\.$/,
        ),
        extensions: { code: "RATE_LIMITED", retryAfter: expect.any(Number), requestId: expect.anything() },
      },
    ]);
    const { retryAfter } = refused.errors[0].extensions;
    expect(refused.headers.get("retry-after")).toBe(`${retryAfter}`);
    // The draft wants both to speak of the same moment.
    expect(refused.headers.get("ratelimit")).toContain(`"minute";r=0;t=${retryAfter}`);
    expect(refused.headers.get("ratelimit-remaining")).toBe("0");
    expect(refused.headers.get("cache-control")).toBe("no-store");
    expect(refused.extensions.cost).toMatchObject({ remaining: 0 });
    expect(reports[0]?.status).toBe(429);
    // The first one found out by a write that did not go through; from now on the function knows.
    expect(writes()).toBe(1);
    expect((await ask(bearer(key))).status).toBe(429);
    expect(writes()).toBe(1);
  });

  describe("when the table of partners fails", () => {
    const ofPartners = (body: Readonly<Record<string, unknown>>) => body.TableName === portal.tables.partners;

    test("goes on reading unmetered, and that is counted", async () => {
      const { key } = await issue(register);
      await ask(bearer(key));
      faulty.fault = async ({ body }, forward) =>
        ofPartners(body) ? refusal(400, "ProvisionedThroughputExceededException") : forward();
      const { status, data, errors, extensions, headers } = await ask(bearer(key), `${QUERY} # again`);
      expect([status, errors]).toEqual([200, undefined]);
      expect(data).toEqual(platforms);
      expect(extensions.cost).toMatchObject({ limit: PLANS.standard.maxRequestCost, remaining: null, resetAt: null });
      expect(headers.get("ratelimit")).toBeNull();
      expect(reports.map(({ record }) => record.bucketFailed ?? false)).toEqual([false, true]);
    });

    test("goes on as nobody in particular while its key cannot be looked up", async () => {
      const { key } = await issue(register);
      faulty.fault = async ({ body }, forward) => (ofPartners(body) ? refusal(500, "InternalServerError") : forward());
      const { status, data, extensions } = await ask(bearer(key));
      expect(status).toBe(200);
      expect(data).toEqual(platforms);
      expect(extensions.cost.limit).toBe(ANONYMOUS_PLAN.maxRequestCost);
      expect(reports[0]?.record).toMatchObject({ plan: "anonymous", bucketFailed: true });
      // What failed is not remembered as unknown.
      faulty.fault = (_request, forward) => forward();
      expect((await ask(bearer(key))).extensions.cost.limit).toBe(PLANS.standard.maxRequestCost);
    });

    test("does not wait for a table that hangs", async () => {
      const { key } = await issue(register);
      fetch = functionWith(2_000);
      await ask(bearer(key));
      faulty.fault = async ({ body }, forward) => (ofPartners(body) ? "hang" : forward());
      const { status, data } = await ask(bearer(key), `${QUERY} # again`);
      expect(status).toBe(200);
      expect(data).toEqual(platforms);
      expect(reports[1]).toMatchObject({ record: { bucketFailed: true, plan: "standard" } });
    });
  });
});
