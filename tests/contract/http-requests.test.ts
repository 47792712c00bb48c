import { describe, expect, test } from "vitest";
import { MAX_BODY_BYTES } from "../../functions/graphql/http/request.ts";
import { createLambdaContext, toEvent } from "../../local/events.ts";
import { createGreetingFunction } from "../support/greeting-function.ts";

const { fetch, handler, reported } = createGreetingFunction();
const operation = { query: "query Greet($name: String!) { greeting(name: $name) }", variables: { name: "Guiyang" } };
const json = { "content-type": "application/json" };
const preflight = { "apollo-require-preflight": "yes" };

type Sent = readonly [path: string, init: RequestInit & { headers?: Record<string, string> }];

const post = (body: unknown, headers: Record<string, string> = json): Sent => [
  "/graphql",
  { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) },
];

const get = (parameters: Record<string, string>, headers: Record<string, string> = preflight): Sent => [
  `/graphql?${new URLSearchParams(parameters)}`,
  { headers },
];

const send = ([path, init]: Sent, accept: Record<string, string> = {}) =>
  fetch(path, { ...init, headers: { ...accept, ...init.headers } });

/** A POST whose body API Gateway hands over base64-encoded. */
const postBase64 = async (body: string) => {
  const request = new Request("http://localhost/graphql", { method: "POST", headers: json });
  const event = await toEvent(request, { routeKey: "POST /graphql" });
  return handler({ ...event, body, isBase64Encoded: true }, createLambdaContext("graphql"));
};

describe("requests that are answered", () => {
  test.for<[string, Sent]>([
    ["POST", post(operation)],
    ["POST with a charset and in capitals", post(operation, { "Content-Type": "Application/JSON; Charset=UTF-8" })],
    ["POST with a quoted charset", post(operation, { "content-type": 'application/json;charset="utf-8"' })],
    ["GET", get({ query: operation.query, variables: JSON.stringify(operation.variables) })],
    [
      "GET with a content type instead of a preflight header",
      get({ query: operation.query, variables: JSON.stringify(operation.variables) }, json),
    ],
    [
      "GET with an operation name",
      get({
        query: `${operation.query} query Other { requestId }`,
        operationName: "Greet",
        variables: '{"name":"Guiyang"}',
      }),
    ],
    [
      "GET with an empty operation name, which is none",
      get({ query: operation.query, operationName: "", variables: '{"name":"Guiyang"}' }),
    ],
    ["POST with an empty operation name, which is none", post({ ...operation, operationName: "" })],
    [
      "GET with a browser's Accept header",
      get(
        { query: operation.query, variables: '{"name":"Guiyang"}' },
        { ...json, accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" },
      ),
    ],
  ])("%s", async ([, request]) => {
    const response = await send(request);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { greeting: "Hello, Guiyang!" } });
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  test("a base64-encoded body is decoded as UTF-8", async () => {
    const body = JSON.stringify({ ...operation, variables: { name: "贵阳" } });
    const result = await postBase64(Buffer.from(body).toString("base64"));
    expect(JSON.parse(result.body ?? "")).toEqual({ data: { greeting: "Hello, 贵阳!" } });
  });

  test("a body of exactly the limit passes", async () => {
    const frame = JSON.stringify({ ...operation, extensions: { padding: "" } }).length;
    const response = await send(post({ ...operation, extensions: { padding: "x".repeat(MAX_BODY_BYTES - frame) } }));
    expect(response.status).toBe(200);
  });

  test("every answer carries its request id, which the context gets too", async () => {
    const response = await send(post({ query: "{ requestId }" }));
    const id = response.headers.get("x-request-id");
    expect(id).toMatch(/^[\w-]{8,}$/);
    expect(await response.json()).toEqual({ data: { requestId: id } });
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("HEAD", () => {
  test.for<[string, Sent]>([
    ["an answer", get({ query: operation.query, variables: JSON.stringify(operation.variables) })],
    ["a refusal", get({ query: "{ requestId }" }, {})],
    ["a document that does not parse", get({ query: "{" })],
  ])("tells of %s what GET does, without its content", async ([, [path, init]]) => {
    const [asked, got] = [await fetch(path, { ...init, method: "HEAD" }), await fetch(path, init)];
    expect(asked.status).toBe(got.status);
    expect(await asked.text()).toBe("");
    const fields = ({ headers }: Response) =>
      Object.fromEntries([...headers].filter(([name]) => name !== "x-request-id"));
    expect(fields(asked)).toEqual(fields(got));
  });
});

describe("requests that are refused", () => {
  const large = "x".repeat(MAX_BODY_BYTES);
  const cases: [string, number, string, Sent][] = [
    ["malformed JSON", 400, "BAD_REQUEST", post("{ not JSON")],
    ["an empty body", 400, "BAD_REQUEST", post("")],
    ["a body of spaces", 400, "BAD_REQUEST", post("  \n")],
    ["no body", 400, "BAD_REQUEST", ["/graphql", { method: "POST", headers: json }]],
    ["a JSON string", 400, "BAD_REQUEST", post('"query"')],
    ["a JSON number", 400, "BAD_REQUEST", post("7")],
    ["JSON null", 400, "BAD_REQUEST", post("null")],
    ["an empty object", 400, "BAD_REQUEST", post({})],
    ["no query", 400, "BAD_REQUEST", post({ operationName: "Greet" })],
    ["an empty query", 400, "BAD_REQUEST", post({ query: "" })],
    ["a query that is no string", 400, "BAD_REQUEST", post({ query: 1 })],
    ["variables as a list", 400, "BAD_REQUEST", post({ ...operation, variables: ["Guiyang"] })],
    ["a batch", 400, "BAD_REQUEST", post([operation, operation])],
    ["an empty batch", 400, "BAD_REQUEST", post([])],
    [
      "no content type",
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      ["/graphql", { method: "POST", body: new TextEncoder().encode(JSON.stringify(operation)) }],
    ],
    [
      "a form",
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      post("query={greeting}", { "content-type": "application/x-www-form-urlencoded" }),
    ],
    ["plain text", 415, "UNSUPPORTED_MEDIA_TYPE", post(operation, { "content-type": "text/plain" })],
    [
      "the media type application/graphql",
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      post("{ requestId }", { "content-type": "application/graphql" }),
    ],
    [
      "two content types",
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      post(operation, { "content-type": "application/json, text/plain" }),
    ],
    [
      "another charset",
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      post(operation, { "content-type": "application/json; charset=utf-16" }),
    ],
    ["a compressed body", 415, "UNSUPPORTED_MEDIA_TYPE", post(operation, { ...json, "content-encoding": "gzip" })],
    ["a body over the limit", 413, "PAYLOAD_TOO_LARGE", post({ query: large })],
    ["PUT", 405, "METHOD_NOT_ALLOWED", ["/graphql", { method: "PUT", headers: json, body: "{}" }]],
    ["DELETE", 405, "METHOD_NOT_ALLOWED", ["/graphql", { method: "DELETE" }]],
    ["OPTIONS", 405, "METHOD_NOT_ALLOWED", ["/graphql", { method: "OPTIONS" }]],
    ["an Accept header for images", 406, "NOT_ACCEPTABLE", post(operation, { ...json, accept: "image/png" })],
    ["GET that a foreign page could send", 400, "BAD_REQUEST", get({ query: "{ requestId }" }, {})],
    ["GET without a query", 400, "BAD_REQUEST", get({})],
    [
      "GET with a parameter given twice",
      400,
      "BAD_REQUEST",
      ["/graphql?query={requestId}&query={requestId}", { headers: { "apollo-require-preflight": "yes" } }],
    ],
    ["GET with variables that are no JSON", 400, "BAD_REQUEST", get({ ...operation, variables: "{name" })],
    ["a mutation by GET", 405, "METHOD_NOT_ALLOWED", get({ query: "mutation { touch }" })],
  ];

  test.for(cases)("%s: %i %s", async ([, status, code, request]) => {
    const response = await send(request);
    const requestId = response.headers.get("x-request-id");
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      errors: [{ message: expect.stringMatching(/\w/), extensions: { code, requestId } }],
    });
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.for(cases)("%s: the same in application/graphql-response+json", async ([, status, code, request]) => {
    const response = await send(request, { accept: "application/graphql-response+json" });
    const type = status === 406 ? "application/json" : "application/graphql-response+json";
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
    expect(response.headers.get("content-type")).toBe(`${type}; charset=utf-8`);
  });

  test("a wrong method is told the right ones", async () => {
    expect((await send(["/graphql", { method: "PATCH" }])).headers.get("allow")).toBe("GET, HEAD, POST");
    expect((await send(get({ query: "mutation { touch }" }))).headers.get("allow")).toBe("POST");
  });

  test("a refusal is not to be cached", async () => {
    expect((await send(post("{"))).headers.get("cache-control")).toBe("no-store");
  });

  test.for([
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0xff, 0xfe]).toString("base64"), 400],
    ["bytes over the limit", Buffer.alloc(MAX_BODY_BYTES + 1, 0x20).toString("base64"), 413],
    ["no bytes", "", 400],
  ] as const)("base64: %s", async ([, body, status]) => {
    const result = await postBase64(body);
    expect(result.statusCode).toBe(status);
    expect(JSON.parse(result.body ?? "").errors[0].extensions.requestId).toMatch(/\w/);
  });

  test("nothing of this is a failure of ours", () => {
    expect(reported.flatMap(({ record }) => record.failures)).toEqual([]);
  });
});
