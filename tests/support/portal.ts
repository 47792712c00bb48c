import { randomUUID } from "node:crypto";
import type { DynamoDBClient, DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../../functions/dynamodb-client.ts";
import { type GraphqlFunctionOptions, graphqlFunction } from "../../functions/graphql/function.ts";
import type { GraphqlHandler } from "../../functions/graphql/http/handler.ts";
import { localClientConfig } from "../../local/dynamodb.ts";
import { createLambdaContext, toEvent } from "../../local/events.ts";
import { createTables, type TableNames } from "../../local/tables.ts";
import { Portal } from "../../portal/portal.ts";
import type { ReleaseFiles } from "../../portal/releases/files/folder.ts";
import { Publisher, type PublisherOptions } from "../../portal/releases/publish.ts";
import type { Snapshot } from "../../portal/snapshot.ts";
import { callScope } from "../../portal/store/calls.ts";
import { Store } from "../../portal/store/store.ts";
import { type RunningEngine, uniqueTableNames } from "./engines.ts";

/** The key that seals cursors in tests. */
export const CURSOR_KEYS = [{ id: "test", secret: new Uint8Array(32).fill(7) }];

/** What a publication says of itself. */
export type Summary = Awaited<ReturnType<Publisher["publish"]>>;

/** A portal with tables of its own on a shared engine: what publishes, what reads, and the function that answers. */
export interface TestPortal {
  readonly tables: TableNames;
  readonly store: Store;
  /** HEAD is read anew each time. */
  snapshot(): Promise<Snapshot>;
  /** Publishes releases one after the other, each as an importer of its own. */
  publish(...releases: readonly ReleaseFiles[]): Promise<Summary[]>;
  /** An importer on a connection of its own, whose calls go through `intercept`. */
  importer(intercept?: Intercept, options?: Partial<PublisherOptions>): Publisher;
  /** A client on a connection of its own. */
  client(intercept?: Intercept, config?: DynamoDBClientConfig): DynamoDBClient;
  readonly ask: Ask;
  close(): Promise<void>;
}

/** One call on its way to the engine: await `send` to let it through, or throw to make it fail. */
export type Intercept = (call: StoreCall, send: () => Promise<unknown>) => Promise<unknown>;

export interface StoreCall {
  /** As the SDK names it: `PutItemCommand`. */
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Sends a GraphQL operation to the function, as API Gateway would. */
export type Ask = <Data = Record<string, unknown>>(
  query: string,
  variables?: Record<string, unknown>,
  options?: AskOptions,
) => Promise<Answer<Data>>;

export interface AskOptions {
  /** What Lambda says that it has left. */
  readonly remainingMs?: number;
}

export interface Answer<Data> {
  readonly status: number;
  readonly requestId: string;
  readonly data: Data;
  readonly errors: readonly AnswerError[];
}

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly argument?: string; readonly requestId: string };
}

export async function openPortal({ endpoint }: Pick<RunningEngine, "endpoint">): Promise<TestPortal> {
  const tables = uniqueTableNames();
  const clients: DynamoDBClient[] = [];
  const client = (intercept?: Intercept, config: DynamoDBClientConfig = {}) => {
    const made = dynamoDbClient({ ...localClientConfig(endpoint), ...config });
    if (intercept) addIntercept(made, intercept);
    clients.push(made);
    return made;
  };
  const reader = client();
  await createTables(reader, tables);
  const store = new Store({ client: reader, tables });
  const portal = new Portal({ store, headMaxAgeMs: 0 });
  const importer = (intercept?: Intercept, options: Partial<PublisherOptions> = {}) =>
    new Publisher({ store: new Store({ client: client(intercept), tables }), owner: randomUUID(), ...options });
  const publisher = new Publisher({ store, owner: randomUUID() });
  return {
    tables,
    store,
    client,
    importer,
    snapshot: () => portal.snapshot(callScope()),
    publish: async (...releases) => {
      const summaries: Summary[] = [];
      for (const release of releases) summaries.push(await publisher.publish(release));
      return summaries;
    },
    ask: askOf(
      graphqlFunction({ client: reader, tables, cursorKeys: CURSOR_KEYS, headMaxAgeMs: 0, answerCacheBytes: 0 }),
    ),
    close: async () => {
      for (const each of clients) each.destroy();
    },
  };
}

/** Another function on the same tables, say with a client that fails. */
export function functionOn(
  options: Partial<GraphqlFunctionOptions> & Pick<GraphqlFunctionOptions, "client" | "tables">,
): Ask {
  return askOf(graphqlFunction({ cursorKeys: CURSOR_KEYS, headMaxAgeMs: 0, answerCacheBytes: 0, ...options }));
}

export function askOf(handler: GraphqlHandler): Ask {
  return async <Data>(query: string, variables: Record<string, unknown> = {}, { remainingMs }: AskOptions = {}) => {
    const request = new Request("http://localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const event = await toEvent(request, { routeKey: "POST /graphql" });
    const context = createLambdaContext("graphql");
    const deadline = Date.now() + (remainingMs ?? 0);
    const result = await handler(
      event,
      remainingMs === undefined ? context : { ...context, getRemainingTimeInMillis: () => deadline - Date.now() },
    );
    const { data, errors = [] } = JSON.parse(result.body ?? "") as Pick<Answer<Data>, "data"> & Partial<Answer<Data>>;
    const requestId = String(result.headers?.["x-request-id"]);
    return { status: result.statusCode ?? 200, requestId, data, errors };
  };
}

function addIntercept(client: DynamoDBClient, intercept: Intercept): void {
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) =>
        (await intercept({ command: commandName, input: args.input as StoreCall["input"] }, () =>
          next(args),
        )) as Awaited<ReturnType<typeof next>>,
    { step: "initialize", name: "intercept" },
  );
}
