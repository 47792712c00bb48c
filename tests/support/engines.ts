import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { type TableName, tables } from "../../infra/tables.ts";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { TableNames } from "../../local/tables.ts";

export interface RunningEngine {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** A DynamoDB to test against. Engines may be shared between test files: tables are told apart by their names. */
export interface Engine {
  readonly name: "dynalite" | "dynamodb-local";
  start(): Promise<RunningEngine>;
}

const READY_POLL_MS = 50;
const READY_DEADLINE_MS = 30_000;

const dynalite: Engine = {
  name: "dynalite",
  start: async () => {
    const { endpoint, close } = await startDynamoDb();
    return { endpoint, stop: close };
  },
};

/** The engines of this machine: the embedded one always, the official one where the test run could launch it. */
export const engines: readonly Engine[] = [dynalite, ...official(inject("dynamoDbLocalEndpoint"))];

/** Names that no other test has, so that test files can share an engine. */
export function uniqueTableNames(): TableNames {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  return Object.fromEntries(Object.keys(tables).map((table) => [table, `${prefix}-${table}`])) as Record<
    TableName,
    string
  >;
}

/** The process belongs to the test run (tests/support/global-setup.ts); here we only wait until it answers. */
function official(endpoint: string | null): Engine[] {
  if (endpoint === null) return [];
  const start = async () => {
    await waitUntilAnswering(endpoint);
    return { endpoint, stop: async () => {} };
  };
  return [{ name: "dynamodb-local", start }];
}

async function waitUntilAnswering(endpoint: string): Promise<void> {
  for (const deadline = Date.now() + READY_DEADLINE_MS; Date.now() < deadline; await sleep(READY_POLL_MS)) {
    const answers = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answers) return;
  }
  throw new Error(`DynamoDB Local does not answer at ${endpoint} after ${READY_DEADLINE_MS} ms`);
}
