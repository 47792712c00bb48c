import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../functions/dynamodb-client.ts";
import { graphqlFunction } from "../functions/graphql/function.ts";
import type { LogLevel } from "../functions/http/log.ts";
import { requestLog } from "../functions/http/log-lines.ts";
import { partnerFunction } from "../functions/partner/function.ts";
import { type Counts, countOf } from "../portal/catalogue/counts.ts";
import type { Entity } from "../portal/catalogue/entities.ts";
import type { CursorKey } from "../portal/paging/cursor.ts";
import { MAX_PAGE_SIZE } from "../portal/paging/page.ts";
import { Portal } from "../portal/portal.ts";
import { Publisher } from "../portal/releases/publish.ts";
import { callScope } from "../portal/store/calls.ts";
import { Store } from "../portal/store/store.ts";
import { startDynamoDb } from "./dynamodb.ts";
import type { LambdaHandler } from "./events.ts";
import { localDumps } from "./exporter.ts";
import { graphiqlRoutes } from "./graphiql/routes.ts";
import { type LocalServer, serve } from "./http.ts";
import { publishAll } from "./publish.ts";
import { lambdaRoute } from "./routes.ts";
import { createTables } from "./tables.ts";

export interface LocalPortalOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Folder of releases to publish, each in a folder of its own. */
  readonly releases: string;
  /** Where the database is kept; in memory when left out. */
  readonly dataDir?: string | undefined;
  /** What the functions print; only what nobody foresaw unless said otherwise. */
  readonly logLevel?: LogLevel;
}

export interface LocalPortal {
  readonly url: string;
  /** Endpoint of the embedded DynamoDB, for the command line. */
  readonly dynamodb: string;
  readonly loaded: Loaded;
  close(): Promise<void>;
}

/** What a portal holds. */
export interface Loaded {
  readonly head: number;
  readonly counts: Counts;
  readonly claims: number;
}

const TABLES = { catalogue: "gazetteer-catalogue", series: "gazetteer-series", partners: "gazetteer-partners" };

/** The database can be open once: a lease of this name that was left behind is that of a start that died. */
const OWNER = "local";

/**
 * The whole portal on this machine: an embedded DynamoDB, the tables, the releases published, the functions served.
 * @throws StartError for a port or database that cannot be had, InvalidReleaseError for data that does not hold together.
 */
export async function startPortal({
  port,
  releases,
  dataDir,
  logLevel = "ERROR",
}: LocalPortalOptions): Promise<LocalPortal> {
  const database = await startDynamoDb({ dataDir });
  const client = dynamoDbClient(database.clientConfig);
  const dumps = localDumps({ client, tables: TABLES, dataDir });
  const closeDatabase = async () => {
    await dumps.close();
    client.destroy();
    await database.close();
  };
  try {
    const report = requestLog({ level: logLevel });
    const options = { client, tables: TABLES, cursorKeys: [await cursorKey(dataDir)], report };
    // The port is taken before the work begins: whoever cannot have it learns so at once.
    const filled = Promise.withResolvers<void>();
    filled.promise.catch(() => undefined);
    const onceFilled =
      (handler: LambdaHandler): LambdaHandler =>
      async (event, context) => {
        await filled.promise;
        return handler(event, context);
      };
    const graphql = lambdaRoute("graphql", onceFilled(graphqlFunction(options)));
    const partner = lambdaRoute("partner", onceFilled(partnerFunction({ ...options, dumps })));
    const routes = {
      ...graphiqlRoutes(),
      "ANY /graphql": graphql,
      "ANY /health": graphql,
      "ANY /v1/{path+}": partner,
      "ANY /catalog.jsonld": partner,
    };
    const server = await serve({ port, routes });
    const close = async () => {
      await server.close();
      await closeDatabase();
    };
    return {
      url: server.url,
      dynamodb: database.endpoint,
      loaded: await fill(client, releases, filled, server),
      close,
    };
  } catch (error) {
    await closeDatabase();
    throw error;
  }
}

/** Makes the tables and publishes the releases; requests wait for that, and end when it fails. */
async function fill(
  client: DynamoDBClient,
  releases: string,
  filled: PromiseWithResolvers<void>,
  server: LocalServer,
): Promise<Loaded> {
  try {
    await createTables(client, TABLES);
    const store = new Store({ client, tables: TABLES });
    await publishAll(new Publisher({ store, owner: OWNER }), releases);
    filled.resolve();
    return await loaded(store);
  } catch (error) {
    filled.reject(error);
    await server.close();
    throw error;
  }
}

/** A key of this portal's own, kept with its database: cursors then outlive a restart. */
async function cursorKey(dataDir: string | undefined): Promise<CursorKey> {
  if (dataDir === undefined) return { id: "local", secret: randomBytes(32) };
  const path = join(dataDir, "cursor-key");
  await mkdir(dataDir, { recursive: true });
  await writeFile(path, randomBytes(32), { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return { id: "local", secret: await readFile(path) };
}

async function loaded(store: Store): Promise<Loaded> {
  const snapshot = await new Portal({ store }).snapshot(callScope());
  const releases = { type: "release", order: { field: "REGION", descending: false } } as const;
  let claims = 0;
  let after: string | undefined;
  do {
    const page = await snapshot.list(releases, { limit: MAX_PAGE_SIZE, backward: false, ...(after ? { after } : {}) });
    claims += page.entries.reduce((sum, { node }) => sum + (node as Entity<"release">).body.claims, 0);
    after = page.hasNextPage ? page.entries.at(-1)?.position : undefined;
  } while (after);
  return { head: snapshot.head.release, counts: (await snapshot.counts("all")) ?? {}, claims };
}

/** One line for each kind of thing that the portal holds. */
export function describeLoaded({ head, counts, claims }: Loaded): string {
  const lines: [string, number][] = [
    ["regions", countOf(counts, "region")],
    ["agencies", countOf(counts, "agency")],
    ["platforms", countOf(counts, "platform")],
    ["industrial complexes", countOf(counts, "complex")],
    ["metrics", countOf(counts, "metric")],
    ["sources", countOf(counts, "source")],
    ["observations as claimed", claims],
    ["HEAD: release", head],
  ];
  return lines.map(([name, n]) => `  ${name.padEnd(24)}${n.toLocaleString("en").padStart(8)}`).join("\n");
}
