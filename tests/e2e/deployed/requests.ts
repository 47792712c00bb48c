import { describe, expect, test } from "vitest";
import { zipOfFiles } from "../../importer/support/zip-writer.ts";
import type { DeployedPortal } from "../../support/deployed.ts";
import { madeUp } from "../../support/releases.ts";
import { contentOf, drop, functionNamed, HOUR, issueKey } from "./uploading.ts";

/** One for each way in which readers come to an entity, a list, a series or a table of them. */
const QUERIES = [
  "{ __typename }",
  '{ nodes(ids: ["region:90", "platform:north-data"]) { id } }',
  '{ platforms(filter: { within: "region:90" }) { nodes { id } } }',
  "{ platforms(filter: { kind: OPEN_DATA }) { nodes { id } } }",
  '{ region(code: "91") { children { nodes { code } } } agency(id: "north-bureau") { platforms { nodes { id } } } }',
  "{ agencies(orderBy: { field: NAME, direction: ASC }) { nodes { id } } }",
  '{ series(metric: "data-volume", subject: "region:ZZ") { latest { value } } }',
  '{ region(code: "ZZ") { profile { nodes { id } } } }',
  '{ panel(metric: "data-volume", of: { childrenOf: "region:ZZ" }) { timePeriods } }',
  '{ panel(metric: "data-volume", of: { subjects: { kind: PLATFORM } }) { timePeriods } }',
  "{ changes(first: 5) { pageInfo { endCursor } } }",
];

/** One honest request for each route of the API. A route that is not here fails a test: it would be deployed unasked. */
const BY_ROUTE: Readonly<Record<string, { readonly path: string; readonly says: object }>> = {
  "ANY /graphql": {
    path: `/graphql?query=${encodeURIComponent("{release{number}}")}`,
    says: { data: { release: {} } },
  },
  "ANY /health": { path: "/health", says: { status: "ok" } },
  "ANY /v1/{proxy+}": { path: "/v1/releases?limit=1", says: { items: [{ number: 1 }] } },
  "ANY /catalog.jsonld": { path: "/catalog.jsonld", says: { "@type": "Catalog" } },
};

/** The same for partners. */
const PULLS = [
  "/v1/regions?within=region:90",
  "/v1/platforms?kind=OPEN_DATA",
  "/v1/agencies",
  "/v1/metrics/data-volume/observations?subject=region:ZZ",
  "/v1/metrics/data-volume/observations?within=region:ZZ",
  "/v1/regions?parent=region:ZZ",
  "/v1/metrics/data-volume/observations?subject=region:ZZ&asOf=2024-03-01",
  "/v1/changes",
];

export function describeRequests(portal: () => DeployedPortal): void {
  const send = (path: string, init?: RequestInit) => portal().request(path, init);
  const ask = async (query: string, variables = {}) => {
    const response = await send("/graphql", queryWith(query, {}, variables));
    return { status: response.status, ...((await response.json()) as { data?: unknown; errors?: Failure[] }) };
  };

  test("are all asked here", () => {
    expect(portal().routes.filter((route) => !(route in BY_ROUTE))).toEqual([]);
  });

  test("answer, each from its function", async () => {
    for (const route of portal().routes) {
      const { path, says } = BY_ROUTE[route] ?? { path: "/", says: {} };
      const response = await send(path, { headers: { "apollo-require-preflight": "1" } });
      expect([route, response.status]).toEqual([route, 200]);
      expect(await response.json()).toMatchObject(says);
    }
  });

  test.for(QUERIES)("answer %s", async (query) => {
    const { status, data, errors } = await ask(query);
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    expect(JSON.stringify(data)).not.toMatch(/null|\[\]/);
  });

  test.for(PULLS)("answer %s", async (path) => {
    const response = await send(path);
    const { items } = (await response.json()) as { readonly items: readonly unknown[] };
    expect([response.status, response.headers.get("x-gazetteer-release")]).toEqual([
      200,
      expect.stringMatching(/^\d+$/),
    ]);
    expect(items).not.toEqual([]);
  });

  test.for(["apollo-require-preflight", "x-apollo-operation-name"])("answer a GET that brings %s", async (header) => {
    const path = `/graphql?query=${encodeURIComponent("query Latest{release{number}}")}&operationName=Latest`;
    expect((await send(path)).status).toBe(400);
    expect((await send(path, { headers: { [header]: "Latest" } })).status).toBe(200);
  });

  test("page on with a cursor that the secret's key sealed", async () => {
    const page =
      "query ($after: String) { platforms(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }";
    const first = await ask(page);
    const { endCursor } = (first.data as Page).platforms.pageInfo;
    expect(endCursor).toMatch(/^k1\./);
    const second = await ask(page, { after: endCursor });
    expect(second.errors).toBeUndefined();
    expect((second.data as Page).platforms.nodes).not.toEqual((first.data as Page).platforms.nodes);
  });

  test("answer a cached question without its answer, until a release changes it", async () => {
    const path = `/graphql?query=${encodeURIComponent("{platforms{nodes{id}}}")}`;
    const headers = { "apollo-require-preflight": "1" };
    const etag = (await send(path, { headers })).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"/);
    const before = portal().acts.length;
    const again = await send(path, { headers: { ...headers, "if-none-match": etag } });
    expect(again.status).toBe(304);
    expect(
      portal()
        .acts.slice(before)
        .filter(({ action }) => /Query|BatchGetItem/.test(action)),
    ).toEqual([]);
  });

  test("see a new release once what is known of HEAD is too old", async () => {
    const before = (await ask("{ release { number } }")).data as { release: { number: number } };
    const later = madeUp({ "sources.csv": [{ id: "later", title: "Later", language: "en" }] }, "2024-05-01", "later");
    const { summary } = await drop(portal(), "later.zip", zipOfFiles(await contentOf(later)));
    expect(summary?.release).toBe(before.release.number + 1);
    // Functions ask for HEAD again after `headMaxAgeMs`; an hour is more than that.
    functionNamed(portal(), "graphql").setClockAhead(HOUR);
    expect((await ask("{ release { number } }")).data).toEqual({ release: { number: summary?.release } });
  });

  test("know a partner by its key, charge it, and refuse a key that is none", async () => {
    const key = await issueKey(portal());
    const { status, headers } = await send("/graphql", queryWith("{ __typename }", { "x-api-key": key }));
    expect(status).toBe(200);
    expect(headers.get("ratelimit")).not.toBeNull();
    expect((await send("/graphql", queryWith("{ __typename }", { "x-api-key": `${key}x` }))).status).toBe(401);
  });

  describe("refuse", () => {
    test.for([
      ["a path that is no route", "/nothing", {}, 404],
      ["a method that GraphQL over HTTP does not know", "/graphql", { method: "PUT" }, 405],
      [
        "a body that is no JSON",
        "/graphql",
        { method: "POST", headers: { "content-type": "text/csv" }, body: "a,b" },
        415,
      ],
    ] as const)("%s", async ([, path, init, status]) => {
      expect((await send(path, init)).status).toBe(status);
    });

    test("who comes past CloudFront, with an invented proof or none", async () => {
      const invented = { "x-origin-key": "k".repeat(43) };
      for (const headers of [{}, invented]) {
        const response = await fetch(`${portal().url}/graphql`, queryWith("{ __typename }", headers));
        expect(response.status).toBe(403);
        expect(await response.json()).toEqual({ message: "Forbidden" });
      }
    });

    test("a query that is wrong, in words and without anything internal", async () => {
      const { errors } = await ask('{ region(code: "90") { nothing } }');
      expect(errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
      const bad = await ask(
        '{ series(metric: "data-volume", subject: "region:ZZ") { observations(from: "20") { value } } }',
      );
      expect(bad.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "from" });
      expect(JSON.stringify(bad)).not.toMatch(/gazetteer-staging|arn:aws|\.mjs|at /);
    });
  });

  test("leave no error in any log", () => {
    const { log, invocations } = functionNamed(portal(), "graphql");
    console.log(`the GraphQL function writes ${Math.round(log.length / invocations)} bytes for a request`);
    for (const { name, log } of portal().functions) {
      const errors = log
        .split("\n")
        .filter((line) => /"level":"(ERROR|CRITICAL)"/.test(line) && !/dead letter/.test(line));
      expect(errors, name).toEqual([]);
    }
  });
}

interface Failure {
  readonly extensions: { readonly code: string; readonly argument?: string };
}

interface Page {
  readonly platforms: { readonly nodes: { readonly id: string }[]; readonly pageInfo: { readonly endCursor: string } };
}

function queryWith(query: string, headers: Record<string, string>, variables = {}): RequestInit {
  const body = JSON.stringify({ query, variables });
  return { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
}
