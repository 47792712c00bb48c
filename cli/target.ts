import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { dynamoDbClient } from "../functions/dynamodb-client.ts";
import { AWS_GRACE_MS, AWS_SETTLE_MS, LEASE_MS } from "../functions/importer/waits.ts";
import { EnvironmentError } from "../infra/environment-checks.ts";
import { type Environment, environmentNamed } from "../infra/environments.ts";
import type { WebhookKeys } from "../portal/partners/webhook-keys.ts";
import { Publisher } from "../portal/releases/publish.ts";
import { Store, type TableNames } from "../portal/store/store.ts";
import type { TargetArguments } from "./arguments.ts";
import { UsageError } from "./usage-error.ts";

/** The portal that a command works on. */
export interface Target {
  /** For people: where the tables are. */
  readonly name: string;
  readonly store: Store;
  /** The name of the table of keys. */
  readonly partners: string;
  /** @param settleMs how long commits wait; as the portal needs it when left out. */
  publisher(settleMs?: number): Publisher;
  /** What secrets of webhooks are derived from. */
  webhookKeys(): Promise<WebhookKeys>;
  close(): void;
}

/** @throws UsageError when it is not clear which portal is meant. */
export function openTarget(
  { endpoint: given, env, tables: prefix }: TargetArguments,
  variables: NodeJS.ProcessEnv,
): Target {
  const endpoint = given ?? (variables.AWS_ENDPOINT_URL_DYNAMODB || undefined);
  if (endpoint === undefined && env === undefined) {
    throw new UsageError(
      "Say which portal: --env dev, staging or prod, or --endpoint and the URL that npm start prints.",
    );
  }
  const environment = env === undefined ? undefined : findEnvironment(env);
  const tables = tableNames(environment, prefix);
  const local = endpoint !== undefined && isLocal(endpoint);
  const client = dynamoDbClient(clientConfig(endpoint, local, environment));
  const store = new Store({ client, tables });
  return {
    name: `${tables.catalogue} and ${tables.series} at ${endpoint ?? environment?.region}`,
    store,
    partners: tables.partners,
    publisher: (settleMs) => {
      const owner = `gazetteer/${hostname()}/${process.pid}/${randomUUID()}`;
      // An engine on this machine has neither replicas nor indexes that lag.
      const waits = local ? { settleMs: 0, graceMs: 0 } : { settleMs: AWS_SETTLE_MS, graceMs: AWS_GRACE_MS };
      const wanted = settleMs === undefined ? {} : { settleMs };
      return new Publisher({ store, owner, leaseMs: LEASE_MS, ...waits, ...wanted });
    },
    // The client of Secrets Manager is for those who need it.
    webhookKeys: async () => (await import("./webhook-keys.ts")).readWebhookKeys(variables, environment?.region),
    close: () => client.destroy(),
  };
}

function findEnvironment(name: string): Environment {
  try {
    return environmentNamed(name);
  } catch (error) {
    if (error instanceof EnvironmentError) throw new UsageError(error.message);
    throw error;
  }
}

/** As `infra/names.ts` calls them. */
function tableNames(
  environment: Environment | undefined,
  prefix: string | undefined,
): TableNames & { readonly partners: string } {
  if (prefix !== undefined && !/^[\w.-]{1,200}$/.test(prefix)) {
    throw new UsageError("--tables has to be letters, digits, dots, dashes and underscores.");
  }
  const stem = prefix ?? (environment ? `gazetteer-${environment.name}` : "gazetteer");
  const existing = prefix === undefined ? environment?.existingTables : undefined;
  return {
    catalogue: existing?.catalogue ?? `${stem}-catalogue`,
    series: existing?.series ?? `${stem}-series`,
    partners: existing?.partners ?? `${stem}-partners`,
  };
}

function clientConfig(
  endpoint: string | undefined,
  local: boolean,
  environment: Environment | undefined,
): DynamoDBClientConfig {
  const region = environment ? { region: environment.region } : {};
  if (endpoint === undefined) return region;
  // Engines on this machine know no accounts, but keep the tables of different ones apart.
  const anybody = { region: "local", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
  return local ? { endpoint, ...anybody } : { endpoint, ...region };
}

function isLocal(endpoint: string): boolean {
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--endpoint has to be an http or https URL, not "${endpoint}".`);
  }
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}
