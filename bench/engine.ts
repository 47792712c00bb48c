import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../functions/dynamodb-client.ts";
import { localClientConfig } from "../local/dynamodb.ts";
import { createTables } from "../local/tables.ts";
import { Store } from "../portal/store/store.ts";

export const TABLES = { catalogue: "bench-catalogue", series: "bench-series", partners: "bench-partners" };

export interface Engine {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  readonly store: Store;
  /** The SDK as it comes, for what the portal is held against. */
  readonly plain: { readonly client: DynamoDBClient; readonly store: Store };
  close(): Promise<void>;
}

/** The embedded engine in a process of its own, with empty tables. */
export async function startEngine(): Promise<Engine> {
  const child = spawn(
    process.execPath,
    ["--max-old-space-size=16000", join(import.meta.dirname, "engine-process.ts")],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const [endpoint] = (await once(createInterface(child.stdout), "line")) as [string];
  const client = dynamoDbClient(localClientConfig(endpoint));
  await createTables(client, TABLES);
  const plain = new DynamoDBClient(localClientConfig(endpoint));
  return {
    endpoint,
    client,
    store: new Store({ client, tables: TABLES }),
    plain: { client: plain, store: new Store({ client: plain, tables: TABLES }) },
    close: async () => {
      client.destroy();
      plain.destroy();
      child.stdin.end();
      await once(child, "exit");
    },
  };
}
