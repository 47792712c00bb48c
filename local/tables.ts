import { setTimeout as sleep } from "node:timers/promises";
import {
  type AttributeDefinition,
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { type Key, type TableDefinition, type TableName, tables } from "../infra/tables.ts";
import { StartError } from "./start-error.ts";

export type TableNames = Readonly<Record<TableName, string>>;

const ACTIVE_POLL_MS = 10;
const ACTIVE_DEADLINE_MS = 10_000;

/**
 * Makes the tables of `infra/tables.ts` on an engine of this machine, under the given names, and waits until they
 * are ready. Tables that are there already stay as they are. Local engines expire nothing, so `timeToLive` is left out.
 *
 * @throws StartError when a table is there with other keys or indexes.
 */
export async function createTables(client: DynamoDBClient, names: TableNames): Promise<void> {
  const definitions = Object.entries(tables) as [TableName, TableDefinition][];
  await Promise.all(
    definitions.map(([table, definition]) => createTable(client, createTableInput(names[table], definition))),
  );
}

export function createTableInput(name: string, { key, indexes }: TableDefinition): CreateTableCommandInput {
  const keys = [key, ...Object.values(indexes)];
  const attributes = new Set(
    keys.flatMap(({ partition, sort }) => (sort === undefined ? [partition] : [partition, sort])),
  );
  const secondary = Object.entries(indexes).map(([indexName, indexKey]) => ({
    IndexName: indexName,
    KeySchema: keySchema(indexKey),
    Projection: { ProjectionType: "ALL" as const },
  }));
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [...attributes].map(
      (attribute): AttributeDefinition => ({
        AttributeName: attribute,
        AttributeType: "S",
      }),
    ),
    KeySchema: keySchema(key),
    ...(secondary.length === 0 ? {} : { GlobalSecondaryIndexes: secondary }),
  };
}

async function createTable(client: DynamoDBClient, input: CreateTableCommandInput): Promise<void> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  const description = await waitUntilActive(client, input.TableName);
  if (shapeOf(description) !== shapeOf(input)) {
    throw new StartError(
      `table ${input.TableName} has other keys or indexes than this version needs; start with an empty database`,
    );
  }
}

async function waitUntilActive(client: DynamoDBClient, name: string | undefined): Promise<TableDescription> {
  for (const deadline = Date.now() + ACTIVE_DEADLINE_MS; Date.now() < deadline; await sleep(ACTIVE_POLL_MS)) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    const parts = [Table?.TableStatus, ...(Table?.GlobalSecondaryIndexes ?? []).map(({ IndexStatus }) => IndexStatus)];
    if (Table !== undefined && parts.every((status) => status === "ACTIVE")) return Table;
  }
  throw new Error(`table ${name} did not become active within ${ACTIVE_DEADLINE_MS} ms`);
}

function keySchema({ partition, sort }: Key): KeySchemaElement[] {
  const hash: KeySchemaElement = { AttributeName: partition, KeyType: "HASH" };
  return sort === undefined ? [hash] : [hash, { AttributeName: sort, KeyType: "RANGE" }];
}

/** Keys and indexes as one text, the same for a table to be made and for a table that is there. */
function shapeOf({ KeySchema, GlobalSecondaryIndexes = [] }: CreateTableCommandInput | TableDescription): string {
  const attributes = (schema: KeySchemaElement[] = []) => schema.map(({ AttributeName }) => AttributeName).join("+");
  const indexes = GlobalSecondaryIndexes.map((index) => `${index.IndexName}:${attributes(index.KeySchema)}`);
  return [attributes(KeySchema), ...indexes.sort()].join(" ");
}
