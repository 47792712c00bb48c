import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { expect, test, vi } from "vitest";
import { dynamoDbClient } from "../../functions/dynamodb-client.ts";
import { localClientConfig } from "../../local/dynamodb.ts";

test("the client copies nothing of a call for a logger", async () => {
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const client = dynamoDbClient({ ...localClientConfig("http://127.0.0.1:1"), maxAttempts: 1, logger });
  await expect(client.send(new ListTablesCommand({}))).rejects.toThrow("ECONNREFUSED");
  expect(logger.error).not.toHaveBeenCalled();
  client.destroy();
});
