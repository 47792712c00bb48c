import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TableName, tables } from "../../infra/tables.ts";
import { localClientConfig, startDynamoDb } from "../../local/dynamodb.ts";
import { StartError } from "../../local/start-error.ts";
import { createTableInput, createTables } from "../../local/tables.ts";
import { engines, type RunningEngine, uniqueTableNames } from "../support/engines.ts";

describe.each(engines)("tables on $name", ({ start }) => {
  let engine: RunningEngine;
  let client: DynamoDBClient;
  beforeAll(async () => {
    engine = await start();
    client = new DynamoDBClient(localClientConfig(engine.endpoint));
  });
  afterAll(async () => {
    client.destroy();
    await engine.stop();
  });

  test("are those of infra/tables.ts, and ready", async () => {
    const names = uniqueTableNames();
    await createTables(client, names);
    for (const [table, { key, indexes }] of Object.entries(tables)) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: names[table as TableName] }));
      expect(Table?.TableStatus).toBe("ACTIVE");
      expect(Table?.BillingModeSummary?.BillingMode).toBe("PAY_PER_REQUEST");
      expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual(Object.values(key));
      const found = (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => [
        IndexName,
        KeySchema?.map(({ AttributeName }) => AttributeName),
        Projection?.ProjectionType,
      ]);
      const expected = Object.entries(indexes).map(([name, index]) => [name, Object.values(index), "ALL"]);
      expect(found.sort()).toEqual(expected.sort());
    }
  });

  test("made twice, also at once, keep what they hold", async () => {
    const names = uniqueTableNames();
    await Promise.all([createTables(client, names), createTables(client, names)]);
    await client.send(new PutItemCommand({ TableName: names.partners, Item: { keyHash: { S: "a" } } }));
    await createTables(client, names);
    const { Item } = await client.send(new GetItemCommand({ TableName: names.partners, Key: { keyHash: { S: "a" } } }));
    expect(Item).toEqual({ keyHash: { S: "a" } });
  });

  test("answer through their indexes", async () => {
    const names = uniqueTableNames();
    await createTables(client, names);
    const item = { id: { S: "region:52" }, type: { S: "region" }, place: { S: "CN/52" } };
    await client.send(new PutItemCommand({ TableName: names.catalogue, Item: item }));
    const { Items } = await client.send(
      new QueryCommand({
        TableName: names.catalogue,
        IndexName: "byRegion",
        KeyConditionExpression: "#type = :type and begins_with(place, :within)",
        ExpressionAttributeNames: { "#type": "type" },
        ExpressionAttributeValues: { ":type": { S: "region" }, ":within": { S: "CN/" } },
      }),
    );
    expect(Items).toEqual([item]);
  });

  test("of another version are a clear error", async () => {
    const names = uniqueTableNames();
    await client.send(
      new CreateTableCommand(createTableInput(names.catalogue, { key: { partition: "id" }, indexes: {} })),
    );
    await expect(createTables(client, names)).rejects.toThrow(StartError);
  });
});

test("the embedded engine keeps nothing of a Query that is answered", async () => {
  const engine = await startDynamoDb();
  const client = new DynamoDBClient(engine.clientConfig);
  const names = uniqueTableNames();
  await createTables(client, names);
  await client.send(
    new PutItemCommand({
      TableName: names.partners,
      Item: { keyHash: { S: "a" }, bytes: { B: Buffer.alloc(20_000) } },
    }),
  );
  const query = new QueryCommand({
    TableName: names.partners,
    KeyConditionExpression: "keyHash = :hash",
    ExpressionAttributeValues: { ":hash": { S: "a" } },
  });
  const ask = async (times: number) => {
    for (let count = 0; count < times; count++) await client.send(query);
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const before = await ask(50);
  const grown = (await ask(200)) - before;
  // A read that is left open keeps the slab that its bounds were written to: 13 MB of two hundred.
  expect(grown).toBeLessThan(5_000_000);
  client.destroy();
  await engine.close();
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

describe("the database of --data-dir", () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "gazetteer-"));
  });
  afterAll(() => rm(dataDir, { recursive: true }));

  test("is there again at the next start", async () => {
    const names = uniqueTableNames();
    const item = { keyHash: { S: "kept" } };
    const first = await startDynamoDb({ dataDir });
    const writer = new DynamoDBClient(first.clientConfig);
    await createTables(writer, names);
    await writer.send(new PutItemCommand({ TableName: names.partners, Item: item }));
    writer.destroy();
    await first.close();

    const second = await startDynamoDb({ dataDir });
    const reader = new DynamoDBClient(second.clientConfig);
    await createTables(reader, names);
    const { Item } = await reader.send(new GetItemCommand({ TableName: names.partners, Key: item }));
    expect(Item).toEqual(item);
    reader.destroy();
    await second.close();
  });

  test("that another process has open is a clear error", async () => {
    const holder = await startDynamoDb({ dataDir });
    await expect(startDynamoDb({ dataDir })).rejects.toThrow(
      new StartError(`the database in ${dataDir} cannot be opened: another process has it open`),
    );
    await holder.close();
  });

  test("that is no folder is a clear error", async () => {
    const file = join(dataDir, "file");
    await writeFile(file, "");
    await expect(startDynamoDb({ dataDir: file })).rejects.toThrow(StartError);
  });
});
