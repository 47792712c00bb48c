import { ApolloServer } from "@apollo/server";
import { describe, expect, test } from "vitest";
import { dynamoDbClient } from "../../functions/dynamodb-client.ts";
import { graphqlFunction } from "../../functions/graphql/function.ts";
import { createGraphqlHandler } from "../../functions/graphql/http/handler.ts";
import { localClientConfig } from "../../local/dynamodb.ts";
import { fetchFrom } from "../support/fetch.ts";
import { CURSOR_KEYS } from "../support/portal.ts";

type Fetch = ReturnType<typeof fetchFrom>;

async function ask(fetch: Fetch, query: string, { variables, headers }: { variables?: object; headers?: object } = {}) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

describe("an answer that is too large", () => {
  const server = () =>
    new ApolloServer({
      typeDefs: "type Query { text(of: String!, times: Int!): String! }",
      resolvers: { Query: { text: (_: unknown, { of, times }: { of: string; times: number }) => of.repeat(times) } },
      nodeEnv: "test",
    });
  const fetch = fetchFrom(createGraphqlHandler({ server: server(), createContext: async () => ({}) }));
  const GRAPHQL_RESPONSE = { accept: "application/graphql-response+json" };

  test.for<[name: string, query: string, headers: object, status: number]>([
    ["more than 6 MB", '{ text(of: "a", times: 6300000) }', {}, 200],
    ["more than 6 MB, as a GraphQL response", '{ text(of: "a", times: 6300000) }', GRAPHQL_RESPONSE, 400],
    ["more than 6 MB as JSON in JSON", '{ text(of: "\\"", times: 2000000) }', {}, 200],
    ["more than 6 MB as UTF-8", '{ text(of: "贵", times: 2200000) }', {}, 200],
    [
      "more than 10 MB, however well it compresses",
      '{ text(of: "a", times: 11000000) }',
      { "accept-encoding": "gzip" },
      200,
    ],
  ])("%s is refused with where to get all of it", async ([, query, headers, status]) => {
    const answer = await ask(fetch, query, { headers });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text).errors).toMatchObject([{ extensions: { code: "RESPONSE_TOO_LARGE" } }]);
    expect(answer.headers.get("link")).toBe('</v1/dumps>; rel="alternate"');
  });

  test.for<[name: string, query: string, headers: object]>([
    ["less than 6 MB", '{ text(of: "a", times: 6000000) }', {}],
    ["more than 6 MB that compresses", '{ text(of: "a", times: 9000000) }', { "accept-encoding": "gzip" }],
  ])("is not one of %s", async ([, query, headers]) => {
    const { status, text } = await ask(fetch, query, { headers });
    expect(status).toBe(200);
    expect(text.startsWith('{"errors"')).toBe(false);
  });
});

describe("where nobody may ask for the schema", () => {
  const client = dynamoDbClient(localClientConfig("http://127.0.0.1:1"));
  const tables = { catalogue: "c", series: "s", partners: "p" };
  const closed = fetchFrom(graphqlFunction({ client, tables, cursorKeys: CURSOR_KEYS, introspection: false }));
  const open = fetchFrom(graphqlFunction({ client, tables, cursorKeys: CURSOR_KEYS }));

  test.for<[name: string, query: string, variables: object]>([
    ["a field", "{ platfrm { id } }", {}],
    ["a type", "query ($a: RegionFiltr) { __typename }", {}],
    ["an argument", '{ region(cod: "1") { id } }', {}],
    ["an enum value", "{ regions(filter: { level: COUNTYS }) { totalCount } }", {}],
    [
      "an enum value in a variable",
      "query ($l: RegionLevel) { regions(filter: { level: $l }) { totalCount } }",
      { l: "COUNTYS" },
    ],
    [
      "an input field in a variable",
      "query ($f: RegionFilter) { regions(filter: $f) { totalCount } }",
      { f: { levl: "COUNTY" } },
    ],
  ])("no error suggests %s", async ([, query, variables]) => {
    expect((await ask(open, query, { variables })).text).toMatch("Did you mean");
    expect((await ask(closed, query, { variables })).text).not.toMatch("Did you mean");
  });

  test("a question about it is refused in our own words", async () => {
    const { text } = await ask(closed, "{ __schema { types { name } } }");
    const { errors } = JSON.parse(text);
    expect(errors[0].message).toBe("Questions about the schema are not answered here.");
    expect(Object.keys(errors[0].extensions).sort()).toEqual(["code", "requestId"]);
    expect((await ask(open, "{ __schema { queryType { name } } }")).text).toMatch('"Query"');
  });

  test("a store that does not answer is UNAVAILABLE, and says when to ask again", async () => {
    const { text, headers } = await ask(closed, "{ release { number } }");
    expect(JSON.parse(text).errors).toMatchObject([{ extensions: { code: "UNAVAILABLE" } }]);
    expect(headers.get("retry-after")).toBe("1");
    expect((await ask(closed, "{ __typename }")).headers.get("retry-after")).toBeNull();
  });

  test("an answer says what it cost", async () => {
    const { text } = await ask(closed, "{ __typename }");
    expect(JSON.parse(text).extensions).toEqual({
      cost: { requested: 1, actual: 0, limit: 5000, remaining: null, resetAt: null },
    });
  });
});
