import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type TableDefinition, tables } from "../infra/tables.ts";
import type { Item } from "../portal/store/requests.ts";
import { TABLES } from "./engine.ts";
import { OBSERVATION_INDEXES, OBSERVATION_TABLE } from "./observation-items.ts";

/**
 * Write units as DynamoDB charges them: one per kilobyte and item, and the same again for each index that the item is
 * in. The embedded engine counts the table alone.
 * docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export class WriteUnits {
  table = 0;
  withIndexes = 0;

  reset(): void {
    this.table = 0;
    this.withIndexes = 0;
  }

  put(name: string, item: Item): void {
    const units = Math.ceil(sizeOf(item) / 1024);
    const indexes = INDEXES[name] ?? [];
    this.table += units;
    this.withIndexes += units * (1 + indexes.filter((keys) => keys.every((key) => key in item)).length);
  }
}

/** The key attributes of every index by table. */
const INDEXES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ...Object.fromEntries(
    Object.entries(tables as Record<keyof typeof tables, TableDefinition>).map(([table, { indexes }]) => [
      TABLES[table as keyof typeof tables],
      Object.values(indexes).map(({ partition, sort }) => [partition, sort]),
    ]),
  ),
  [OBSERVATION_TABLE]: Object.values(OBSERVATION_INDEXES).map(({ partition, sort }) => [partition, sort]),
};

/** Counts what a client writes from now on. */
export function countWrites(client: DynamoDBClient): WriteUnits {
  const units = new WriteUnits();
  client.middlewareStack.add(
    (next) => (args) => {
      const input = args.input as { TableName?: string; Item?: Item; RequestItems?: Record<string, Write[]> };
      if (input.TableName && input.Item) units.put(input.TableName, input.Item);
      for (const [table, writes] of Object.entries(input.RequestItems ?? {})) {
        for (const { PutRequest } of Array.isArray(writes) ? writes : [])
          if (PutRequest) units.put(table, PutRequest.Item);
      }
      return next(args);
    },
    { step: "initialize", name: "countWrites" },
  );
  return units;
}

interface Write {
  readonly PutRequest?: { readonly Item: Item };
}

/** The size of an item: names and values in UTF-8, numbers about one byte for two digits. */
function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, { S, N, B }]) => {
    const value = S === undefined ? (B?.length ?? Math.ceil((N?.length ?? 0) / 2) + 1) : Buffer.byteLength(S);
    return sum + Buffer.byteLength(name) + value;
  }, 0);
}
