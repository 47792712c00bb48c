import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DynamoDBClient, type DynamoDBClientConfig, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { StartError } from "./start-error.ts";

closeReads();

export interface LocalDynamoDb {
  readonly endpoint: string;
  readonly clientConfig: DynamoDBClientConfig;
  close(): Promise<void>;
}

/** Any region and credentials will do for an engine on this machine, but the SDK insists on some. */
export function localClientConfig(endpoint: string): DynamoDBClientConfig {
  return { endpoint, region: "local", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
}

/**
 * Starts an embedded DynamoDB on a free loopback port.
 *
 * @param options.dataDir folder in which the database is kept; in memory when left out.
 * @throws StartError when the folder cannot be used.
 */
export async function startDynamoDb({ dataDir }: { dataDir?: string | undefined } = {}): Promise<LocalDynamoDb> {
  const place = dataDir === undefined ? {} : { path: await prepareFolder(dataDir) };
  const server = dynalite({ ...place, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await opened(endpoint);
  return {
    endpoint,
    clientConfig: localClientConfig(endpoint),
    close: () => new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}

/** dynalite opens its database when it is first asked for something, and only then holds it against others. */
async function opened(endpoint: string): Promise<void> {
  const client = new DynamoDBClient(localClientConfig(endpoint));
  await client.send(new ListTablesCommand({ Limit: 1 }));
  client.destroy();
}

/** The part of the library below every database of dynalite that is needed to end its reads. */
interface AbstractLevelModule {
  AbstractValueIterator: { prototype: { close(): Promise<void>; return?(): Promise<void> } };
  AbstractKeyIterator: AbstractLevelModule["AbstractValueIterator"];
}

/**
 * dynalite ends a read by calling `return`, which is called `close` by the iterators that it reads with: it leaves all
 * of them open, and the memory of a portal would grow with every Query.
 */
function closeReads(): void {
  const level = createRequire(import.meta.resolve("dynalite")).resolve("level");
  const { AbstractKeyIterator, AbstractValueIterator }: AbstractLevelModule = createRequire(level)("abstract-level");
  for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator]) prototype.return = prototype.close;
}

/** The part of the database library that is needed to find out whether a folder can be opened. */
interface LevelModule {
  Level: new (path: string) => { open(): Promise<void>; close(): Promise<void> };
}

/**
 * Opens the database once by itself: where that fails, dynalite would never answer.
 *
 * @returns the folder of the database inside `dataDir`, which is made when it is not there.
 */
async function prepareFolder(dataDir: string): Promise<string> {
  const path = join(dataDir, "dynamodb");
  const { Level }: LevelModule = createRequire(import.meta.resolve("dynalite"))("level");
  try {
    await mkdir(path, { recursive: true });
    const database = new Level(path);
    await database.open();
    await database.close();
    return path;
  } catch (error) {
    throw new StartError(`the database in ${dataDir} cannot be opened: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const { code, message, cause } = error as NodeJS.ErrnoException;
  if (code === "LEVEL_LOCKED") return "another process has it open";
  return cause === undefined ? message : reasonOf(cause);
}
