import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { shelfRoutes } from "../../functions/partner/dumps.ts";
import { requireCost } from "../../functions/partner/function.ts";
import { BASE_PATH, ROUTES } from "../../functions/partner/routes.ts";
import { apiKeyOf } from "../../portal/partners/api-key.ts";
import { Buckets } from "../../portal/partners/buckets.ts";
import { ANONYMOUS } from "../../portal/partners/caller.ts";
import { ANONYMOUS_PLAN, PLANS } from "../../portal/partners/plans.ts";
import { callScope } from "../../portal/store/calls.ts";
import openapi from "../../schema/openapi.json" with { type: "json" };
import { registerOf } from "../partners/support/register.ts";
import { operations } from "./support/contract.ts";
import { partnerApi } from "./support/partner-api.ts";

const api = partnerApi();
const { get, getFrom, reports, use, walk } = api;

describe("the document", () => {
  test("is OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(openapi))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  test("describes every route with every parameter, and nothing else", () => {
    const described = [...operations].map(([path, { parameters }]) => [
      path,
      parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name),
    ]);
    const shelved = shelfRoutes.filter(({ path }) => path.startsWith(BASE_PATH));
    const served = [
      ...ROUTES.map(({ path, parameters }) => [path, [...parameters]]),
      ...shelved.map(({ path }) => [path.slice(BASE_PATH.length), []]),
    ];
    const byPath = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
    expect(described.sort(byPath)).toEqual(served.sort(byPath));
  });
});

describe("lists", () => {
  test.for([
    ["/v1/regions", ["region:WORLD", "region:ZZ", "region:90", "region:9001", "region:9002", "region:91"], 8],
    ["/v1/regions?within=90", ["region:90", "region:9001", "region:9002"], 3],
    ["/v1/regions?level=PROVINCE", ["region:90", "region:91"], 2],
    ["/v1/regions?parent=region:91", ["region:9101", "region:9102"], 2],
    ["/v1/regions?historical=true", [], 0],
    ["/v1/agencies?within=region:91", ["agency:south-bureau"], 1],
    ["/v1/platforms?kind=open_data&within=90", ["platform:north-open-data", "platform:northport-open-data"], 2],
    ["/v1/platforms?operator=south-bureau", ["platform:south-open-data"], 1],
    ["/v1/platforms?within=77", [], 0],
    ["/v1/complexes", [], 0],
    ["/v1/metrics?topic=data", ["metric:data-volume"], 1],
    ["/v1/sources?language=zh", ["source:bulletin-2024"], 1],
    ["/v1/releases", ["release:1", "release:2", "release:3"], 3],
  ] as const)("%s", async ([address, first, length]) => {
    const { json, headers } = await get(address);
    const ids = json.items.map(({ id }: { id: string }) => id);
    expect(ids.slice(0, first.length)).toEqual(first);
    expect(ids).toHaveLength(length);
    expect(json.next).toBeNull();
    expect(headers.get("link")).toBeNull();
  });

  test.for(["regions", "platforms?within=ZZ", "sources", "releases", "changes", "metrics/data-volume/observations"])(
    "%s page by page are the list",
    async (list) => {
      const whole = await walk(`/v1/${list}`, 500);
      expect(whole.length).toBeGreaterThan(1);
      expect(await walk(`/v1/${list}`, 1)).toEqual(whole);
      expect(await walk(`/v1/${list}`, 3)).toEqual(whole);
    },
  );

  test("the next page is at the link, with the same filters", async () => {
    const first = await get("/v1/platforms?within=90&limit=1");
    const [, address = ""] = /^<(.+)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? [];
    expect(address).toMatch(/^\/v1\/platforms\?within=90&limit=1&after=/);
    const second = await get(address);
    expect(second.json.items).toHaveLength(1);
    expect(second.json.items).not.toEqual(first.json.items);
  });

  test.for([
    "regions/90",
    "agencies/north-bureau",
    "platforms/platform:north-open-data",
    "metrics/datasets",
    "sources/yearbook-2023",
    "releases/2",
  ])("one of them: %s", async (address) => {
    const { json } = await get(`/v1/${address}`);
    const [list = "", id = ""] = address.split("/");
    const { json: whole } = await get(`/v1/${list}`);
    expect(whole.items).toContainEqual(json);
    expect(json.id.endsWith(id)).toBe(true);
  });
});

describe("keys", () => {
  test("pay by cost, and are told what is left", async () => {
    const { key } = await registerOf(api.portal).create(
      { name: "Partner", plan: "basic", lifetimeMs: null },
      callScope(),
    );
    const { headers } = await get("/v1/regions?limit=10", { authorization: `Bearer ${key}` });
    expect(headers.get("ratelimit-remaining")).toBe(`${60_000 - 14}`);
    expect(headers.get("cache-control")).toBe("private, no-cache");
    expect(reports).toMatchObject([
      { record: { plan: "basic", cost: { requested: 14 }, operation: "GET /v1/regions" } },
    ]);
  });

  test("that are none are refused", async () => {
    const { status, json, headers } = await get("/v1/regions", { "x-api-key": apiKeyOf(new Uint8Array(32)) });
    expect([status, json.code]).toEqual([401, "UNAUTHENTICATED"]);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  test("that ask for more than a plan has are told when to come again", async () => {
    const { key, record } = await registerOf(api.portal).create(
      { name: "Greedy", plan: "basic", lifetimeMs: null },
      callScope(),
    );
    const { maxRequestCost, costPerMinute } = PLANS.basic;
    const buckets = new Buckets({ store: api.portal.store, table: api.portal.tables.partners, patienceMs: 30_000 });
    const caller = { kind: "partner", keyId: record.keyId, bucket: record.bucket, plan: "basic", scopes: [] } as const;
    for (let spent = 0; spent < costPerMinute; spent += maxRequestCost) {
      await buckets.charge(caller, maxRequestCost, callScope());
    }
    use({ partnersPatienceMs: 30_000 });
    const refused = await get("/v1/metrics/data-volume/observations?limit=10000", { "x-api-key": key });
    expect(refused.json).toMatchObject({ status: 429, code: "RATE_LIMITED" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("that cannot be looked up are not refused for what they may do: they are told when to come again", async () => {
    const { key } = await registerOf(api.portal).create(
      { name: "Archive", plan: "standard", scopes: ["export"], lifetimeMs: null },
      callScope(),
    );
    const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    use({}, (call, send) => (call.input.TableName === api.portal.tables.partners ? Promise.reject(throttled) : send()));
    const refused = await get("/v1/dumps", { "x-api-key": key });
    expect(refused.json).toMatchObject({ status: 503, code: "UNAVAILABLE" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("www-authenticate")).toBeNull();
    expect(reports).toMatchObject([{ record: { bucketFailed: true, failures: [{ foreseen: true }] } }]);
    // What everybody may read goes on.
    expect((await get("/v1/regions", { "x-api-key": key })).status).toBe(200);
  });

  test("nobody may spend more on a request than their plan allows; without a key every page is within it", () => {
    const most = ANONYMOUS_PLAN.maxRequestCost;
    expect(() => requireCost(ANONYMOUS, most)).not.toThrow();
    expect(() => requireCost(ANONYMOUS, most + 1)).toThrow(
      expect.objectContaining({ code: "COST_LIMIT_EXCEEDED", members: { requested: most + 1, allowed: most } }),
    );
  });
});

describe("problems", () => {
  test.for([
    ["/v1/nothing", 404, "NOT_FOUND", undefined],
    ["/v1/regions/", 404, "NOT_FOUND", undefined],
    ["/v1/regions/77", 404, "NOT_FOUND", undefined],
    ["/v1/regions/%", 400, "BAD_USER_INPUT", "id"],
    ["/v1/metrics/nothing/observations", 404, "NOT_FOUND", undefined],
    ["/v1/regions?whitin=90", 400, "BAD_USER_INPUT", "whitin"],
    ["/v1/regions?__proto__=1", 400, "BAD_USER_INPUT", "__proto__"],
    ["/v1/regions?level=PROVINCE&level=COUNTY", 400, "BAD_USER_INPUT", "level"],
    ["/v1/regions?level=CITY", 400, "BAD_USER_INPUT", "level"],
    ["/v1/regions?within=", 400, "BAD_USER_INPUT", "within"],
    ["/v1/metrics/data-volume/observations?asOf=2023-01-01", 404, "NOT_FOUND", undefined],
    ["/v1/regions?within=90%00", 400, "BAD_USER_INPUT", "within"],
    ["/v1/regions?limit=0", 400, "BAD_USER_INPUT", "limit"],
    ["/v1/regions?limit=501", 400, "BAD_USER_INPUT", "limit"],
    ["/v1/regions?limit=1e2", 400, "BAD_USER_INPUT", "limit"],
    ["/v1/regions?after=forged", 400, "BAD_USER_INPUT", "after"],
    [`/v1/regions?after=${"x".repeat(2000)}`, 400, "BAD_USER_INPUT", "after"],
    [`/v1/metrics?topic=${"x".repeat(81)}`, 400, "BAD_USER_INPUT", "topic"],
    ["/v1/changes?after=99", 400, "BAD_USER_INPUT", "after"],
    ["/v1/metrics/data-volume/observations?from=then", 400, "BAD_USER_INPUT", "from"],
    ["/v1/metrics/data-volume/observations?status=X", 400, "BAD_USER_INPUT", "status"],
    ["/v1/metrics/data-volume/observations?subject=ZZ&level=COUNTY", 400, "BAD_USER_INPUT", "level"],
    ["/v1/metrics/data-volume/observations?level=COUNTY&subjectType=agency", 400, "BAD_USER_INPUT", "level"],
    ["/v1/metrics/data-volume/observations?last=1&updatedAfter=1", 400, "BAD_USER_INPUT", "last"],
    ["/v1/metrics/data-volume/observations?format=jsonstat&updatedAfter=1", 400, "BAD_USER_INPUT", "format"],
    ["/v1/metrics/data-volume/observations?format=xml", 400, "BAD_USER_INPUT", "format"],
    ["/v1/metrics/data-volume/observations?asOf=99", 400, "BAD_USER_INPUT", "asOf"],
    ["/v1/metrics/data-volume/observations?asOf=1&updatedAfter=2", 400, "BAD_USER_INPUT", "updatedAfter"],
    ["/v1/metrics/data-volume/observations?asOf=1&updatedAfter=2030-01-01", 400, "BAD_USER_INPUT", "updatedAfter"],
    ["/v1/metrics/data-volume/observations?updatedAfter=soon", 400, "BAD_USER_INPUT", "updatedAfter"],
  ] as const)("%s → %i %s", async ([address, status, code, argument]) => {
    const answer = await get(address);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.json).toMatchObject({ status, code, ...(argument === undefined ? {} : { argument }) });
    expect(answer.status).toBe(status);
    expect(answer.json.requestId).toBe(answer.headers.get("x-request-id"));
    expect(reports).toMatchObject([{ status, record: { failures: [] } }]);
  });

  test("a cursor of another list, or of another filter, is none", async () => {
    const { json } = await get("/v1/regions?limit=1");
    for (const other of ["/v1/regions?within=90", "/v1/sources?", "/v1/metrics/data-volume/observations?"]) {
      expect((await get(`${other}&after=${json.next}`)).json).toMatchObject({
        code: "BAD_USER_INPUT",
        argument: "after",
      });
    }
  });

  test.for([
    ["/v1/regions", "text/csv"],
    ["/v1/metrics/data-volume/observations", "text/html"],
    ["/v1/metrics/data-volume/observations", "application/vnd.sdmx.data+json;version=1.0.0"],
  ])("%s cannot be had as %s", async ([address = "", accept = ""]) => {
    expect((await get(address, { accept })).json).toMatchObject({ status: 406, code: "NOT_ACCEPTABLE" });
  });

  test("nothing can be written", async () => {
    const { status, headers, json } = await get("/v1/regions", {}, "DELETE");
    expect([status, headers.get("allow"), json.code]).toEqual([405, "GET, HEAD", "METHOD_NOT_ALLOWED"]);
  });

  test("a store that does not answer is to be tried again; what nobody foresaw stays in the log", async () => {
    const failing = (error: Error) => getFrom({}, () => Promise.reject(error))("/v1/regions");
    const throttled = await failing(Object.assign(new Error("slow down"), { name: "ThrottlingException" }));
    expect(throttled.json).toMatchObject({ status: 503, code: "UNAVAILABLE" });
    expect(throttled.headers.get("retry-after")).toMatch(/^\d+$/);
    const broken = await failing(new Error("table secret-people is on fire"));
    expect(broken.json).toMatchObject({ status: 500, code: "INTERNAL_SERVER_ERROR" });
    expect(broken.text).not.toContain("secret");
    expect(reports.map(({ record }) => record.failures.map(({ foreseen }) => foreseen))).toEqual([[true], [false]]);
  });
});
