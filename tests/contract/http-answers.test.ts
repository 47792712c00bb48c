import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { createGreetingFunction } from "../support/greeting-function.ts";

const JSON_TYPE = "application/json";
const GRAPHQL_TYPE = "application/graphql-response+json";

const post = (fetch: ReturnType<typeof createGreetingFunction>["fetch"], query: string, accept?: string) =>
  fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...(accept === undefined ? {} : { accept }) },
    body: JSON.stringify({ query }),
  });

describe("the media type of the answer", () => {
  const { fetch } = createGreetingFunction();

  test.for<[string | undefined, string | undefined]>([
    [undefined, JSON_TYPE],
    ["", JSON_TYPE],
    ["*/*", JSON_TYPE],
    ["application/*", JSON_TYPE],
    ["application/json", JSON_TYPE],
    ["APPLICATION/JSON", JSON_TYPE],
    ["application/json; charset=utf-8", JSON_TYPE],
    ["application/json;charset=UTF-8;q=0.5", JSON_TYPE],
    ["application/json, multipart/mixed", JSON_TYPE],
    ["application/graphql-response+json", GRAPHQL_TYPE],
    ["Application/GraphQL-Response+JSON", GRAPHQL_TYPE],
    ["application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", GRAPHQL_TYPE],
    ["application/graphql-response+json, application/json;q=0.9", GRAPHQL_TYPE],
    ["application/json;q=0.9, application/graphql-response+json", GRAPHQL_TYPE],
    ["application/json;q=0.9,application/graphql-response+json;Q=0.8", JSON_TYPE],
    ["application/json, application/graphql-response+json", JSON_TYPE],
    ["*/*;q=0.1, application/graphql-response+json;q=0.1", GRAPHQL_TYPE],
    ["application/json;q=0, */*", GRAPHQL_TYPE],
    ["application/json;q=2", JSON_TYPE],
    ["application/json;q=high", JSON_TYPE],
    ["text/html, application/xhtml+xml, */*;q=0.8", JSON_TYPE],
    ["application/json;q=0", undefined],
    ["*/*;q=0", undefined],
    ["text/html", undefined],
    ["application/jsonp", undefined],
    ["multipart/mixed", undefined],
  ])("Accept: %s → %s", async ([accept, type]) => {
    const response = await post(fetch, "{ requestId }", accept);
    expect(response.status).toBe(type === undefined ? 406 : 200);
    expect(response.headers.get("content-type")).toBe(`${type ?? JSON_TYPE}; charset=utf-8`);
  });
});

describe("answers with errors", () => {
  test.for([
    ["a document that does not parse", "{", "GRAPHQL_PARSE_FAILED", 200, 400],
    ["a document that does not validate", "{ unknown }", "GRAPHQL_VALIDATION_FAILED", 200, 400],
    [
      "an unknown operation",
      "fragment F on Query { requestId } { ...F } query A { requestId }",
      "GRAPHQL_VALIDATION_FAILED",
      200,
      400,
    ],
    ["a missing variable", "query ($name: String!) { greeting(name: $name) }", "BAD_USER_INPUT", 200, 400],
    ["a field error", "{ requestId refused }", "BAD_USER_INPUT", 200, 200],
  ] as const)("%s", async ([, query, code, jsonStatus, graphqlStatus]) => {
    const { fetch, reported } = createGreetingFunction();
    for (const [accept, status] of [
      [JSON_TYPE, jsonStatus],
      [GRAPHQL_TYPE, graphqlStatus],
    ] as const) {
      const response = await post(fetch, query, accept);
      const { errors } = (await response.json()) as { errors: GraphQLError[] };
      expect(response.status).toBe(status);
      expect(errors[0]?.extensions).toMatchObject({ code, requestId: response.headers.get("x-request-id") });
    }
    expect(reported.map(({ record }) => [[...record.codes], record.failures])).toEqual([
      [[code], []],
      [[code], []],
    ]);
  });

  test("a foreseen error keeps its message, its path and its extensions", async () => {
    const { fetch } = createGreetingFunction();
    const response = await post(fetch, "{ refused }");
    const extensions = { code: "BAD_USER_INPUT", argument: "name", requestId: response.headers.get("x-request-id") };
    expect(await response.json()).toEqual({
      errors: [
        {
          message: "There is nobody of that name.",
          locations: [{ line: 1, column: 3 }],
          path: ["refused"],
          extensions,
        },
      ],
      data: { refused: null },
    });
  });

  test("an unforeseen one is told to the log and not to the client", async () => {
    const { fetch, reported } = createGreetingFunction();
    const response = await post(fetch, "{ refused broken }");
    const text = await response.text();
    expect(text).not.toContain("secret");
    expect(JSON.parse(text).errors.map((error: GraphQLError) => error.extensions.code)).toEqual([
      "BAD_USER_INPUT",
      "INTERNAL_SERVER_ERROR",
    ]);
    expect(reported).toHaveLength(1);
    const [{ record, status } = { record: null, status: 0 }] = reported;
    expect(status).toBe(200);
    expect(record).toMatchObject({
      requestId: response.headers.get("x-request-id"),
      awsRequestId: expect.any(String),
      failures: [{ error: { message: "table secret-people is on fire" }, path: ["broken"], foreseen: false }],
    });
    expect([...(record?.codes ?? [])]).toEqual(["BAD_USER_INPUT", "INTERNAL_SERVER_ERROR"]);
  });
});

describe("when the context cannot be made", () => {
  test("an exception is a 500 that tells nothing", async () => {
    const createContext = () => Promise.reject(new Error("table secret-people is on fire"));
    const { fetch, reported } = createGreetingFunction({ createContext });
    const response = await post(fetch, "{ requestId }", GRAPHQL_TYPE);
    const requestId = response.headers.get("x-request-id");
    expect(response.status).toBe(500);
    expect(response.headers.get("content-type")).toBe(`${GRAPHQL_TYPE}; charset=utf-8`);
    expect(await response.json()).toEqual({
      errors: [
        { message: expect.not.stringContaining("secret"), extensions: { code: "INTERNAL_SERVER_ERROR", requestId } },
      ],
    });
    expect(reported).toMatchObject([
      { status: 500, record: { requestId, failures: [{ error: { message: "table secret-people is on fire" } }] } },
    ]);
  });

  test("a GraphQLError reaches the client with its status", async () => {
    const extensions = { code: "UNAVAILABLE", http: { status: 503 } };
    const createContext = () => Promise.reject(new GraphQLError("Try again later.", { extensions }));
    const { fetch, reported } = createGreetingFunction({ createContext });
    const response = await post(fetch, "{ requestId }");
    const requestId = response.headers.get("x-request-id");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      errors: [{ message: "Try again later.", extensions: { code: "UNAVAILABLE", requestId } }],
    });
    // Where it comes from is for the log to tell; that it was foreseen keeps everybody asleep.
    expect(reported).toMatchObject([{ status: 503, record: { failures: [{ foreseen: true }] } }]);
  });
});
