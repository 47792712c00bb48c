import { randomBytes, randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../../../functions/dynamodb-client.ts";
import { localClientConfig } from "../../../local/dynamodb.ts";
import { createTables, type TableNames } from "../../../local/tables.ts";
import { type LocalWebhooks, type LocalWebhooksOptions, startWebhooks } from "../../../local/webhooks.ts";
import type { WebhookRecord } from "../../../portal/partners/webhook-items.ts";
import { WebhookKeys } from "../../../portal/partners/webhook-keys.ts";
import { WebhookRegister } from "../../../portal/partners/webhook-register.ts";
import { callScope } from "../../../portal/store/calls.ts";
import { Store } from "../../../portal/store/store.ts";
import { type RunningEngine, uniqueTableNames } from "../../support/engines.ts";
import { metrics, observation, regions, sources } from "../../support/made-up-world.ts";
import type { Intercept, StoreCall } from "../../support/portal.ts";
import { madeUp } from "../../support/releases.ts";

export const KEYS = new WebhookKeys([{ id: "k1", secret: new Uint8Array(32).fill(1) }]);

/** What an observation needs around it. */
const SMALL_WORLD = {
  "regions.csv": regions.slice(0, 1),
  "metrics.csv": metrics.slice(0, 1),
  "sources.csv": sources.slice(0, 1),
};

/** Three attempts, as fast as can be. */
export const SHORT_PAUSES = [1, 1];

/**
 * Tables, the register of webhooks in them, and the function with its queue. Nothing of what answers requests is loaded,
 * and what publishes only when something is published.
 */
export interface WebhookDesk {
  readonly tables: TableNames;
  readonly store: Store;
  readonly register: WebhookRegister;
  /** What the function logged, parsed. */
  readonly logged: Readonly<Record<string, unknown>>[];
  /** The function with a queue of its own. */
  start(options?: Partial<LocalWebhooksOptions>, intercept?: Intercept): LocalWebhooks;
  /** Registers a webhook; gives its id and its secret. */
  add(url: string, name?: string): Promise<{ readonly id: string; readonly secret: string }>;
  find(id: string): Promise<WebhookRecord>;
  /** Publishes one release that changes something; gives its number. */
  publish(): Promise<number>;
  /** The same, by an importer whose calls go through `intercept`. */
  publishVia(intercept: Intercept): Promise<number>;
  close(): Promise<void>;
}

export async function openWebhookDesk(engine: Pick<RunningEngine, "endpoint">): Promise<WebhookDesk> {
  const tables = uniqueTableNames();
  const clients: DynamoDBClient[] = [];
  const storeVia = (intercept?: Intercept) => {
    const client = dynamoDbClient({ ...localClientConfig(engine.endpoint), ...(intercept ? { maxAttempts: 1 } : {}) });
    if (intercept) addIntercept(client, intercept);
    clients.push(client);
    return new Store({ client, tables });
  };
  const store = storeVia();
  const [client] = clients;
  if (client) await createTables(client, tables);
  const table = tables.partners;
  const register = new WebhookRegister({ store, table, now: Date.now, randomBytes, allowLocal: true });
  const logged: Record<string, unknown>[] = [];
  const started: LocalWebhooks[] = [];
  let releases = 0;
  const publish = async (on: Store) => {
    const { Publisher } = await import("../../../portal/releases/publish.ts");
    releases += 1;
    const row = observation("2023", `${releases}`, { subject_id: "WORLD" });
    const files = madeUp(
      { ...(releases === 1 ? SMALL_WORLD : {}), "observations.csv": [row] },
      "2024-01-01",
      `Release no. ${releases}`,
    );
    return (await new Publisher({ store: on, owner: randomUUID() }).publish(files)).release ?? 0;
  };
  return {
    ...{ tables, store, register, logged },
    start: (options = {}, intercept) => {
      const webhooks = startWebhooks({
        store: intercept ? storeVia(intercept) : store,
        ...{ partners: table, keys: KEYS, sending: { allowLocal: true }, pauses: SHORT_PAUSES, redeliverAfterMs: 1 },
        portalUrl: "https://data.example.org",
        log: (line) => logged.push(JSON.parse(line)),
        ...options,
      });
      started.push(webhooks);
      return webhooks;
    },
    add: async (url, name = "Observatory") => {
      const record = await register.add({ name, url, key: KEYS.newest }, callScope());
      return { id: record.id, secret: KEYS.secretOf(record.id, record.signsWith) };
    },
    find: (id) => register.require(id, callScope()),
    publish: () => publish(store),
    publishVia: (intercept) => publish(storeVia(intercept)),
    close: async () => {
      await Promise.all(started.map((webhooks) => webhooks.close()));
      for (const each of clients) each.destroy();
    },
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
