import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { serverAudits } from "graphql-http";
import { describe, expect, test } from "vitest";
import { graphqlFunction } from "../../functions/graphql/function.ts";
import { localClientConfig } from "../../local/dynamodb.ts";
import { uniqueTableNames } from "../support/engines.ts";
import { fetchFrom } from "../support/fetch.ts";

const url = "http://localhost/graphql";

/** Audits that do not pass, and why. No other audit may join them unnoticed. */
const NOT_PASSED: Readonly<Record<string, "notice" | "warn">> = {
  // Apollo's CSRF prevention wants a header on GET that no plain HTML form or image can send. These audits send none;
  // with it, the same requests pass (below).
  "5A70": "notice",
  D6D5: "notice",
  "6A70": "notice",
};

describe("the audits of graphql-http", () => {
  // No audit asks for anything but the schema, so nothing has to be behind the endpoint.
  const fetch = fetchFrom(
    graphqlFunction({
      client: new DynamoDBClient(localClientConfig("http://127.0.0.1:9")),
      tables: uniqueTableNames(),
      cursorKeys: [{ id: "test", secret: Buffer.alloc(32) }],
    }),
  );

  test.for(serverAudits({ url, fetchFn: fetch }))("$id $name", async ({ id, fn }) => {
    const result = await fn();
    const reason = "reason" in result ? result.reason : "";
    expect({ status: result.status, reason }).toMatchObject({ status: NOT_PASSED[id] ?? "ok" });
  });

  const withPreflight = (input: string, init: RequestInit = {}) =>
    fetch(input, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), "apollo-require-preflight": "yes" },
    });

  test.for(serverAudits({ url, fetchFn: withPreflight }).filter(({ id }) => id in NOT_PASSED))(
    "$id with the header that forces a preflight: $name",
    async ({ fn }) => {
      expect(await fn()).toMatchObject({ status: "ok" });
    },
  );
});
