import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { parseWebhookKeys } from "../functions/environment.ts";
import { WebhookKeys } from "../portal/partners/webhook-keys.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The keys that webhooks' secrets are derived from: in Secrets Manager, where WEBHOOK_KEYS_SECRET says, or, for a portal
 * on this machine, in WEBHOOK_KEYS itself.
 *
 * @param region undefined takes that of the AWS settings.
 * @throws UsageError when neither is set.
 */
export async function readWebhookKeys(variables: NodeJS.ProcessEnv, region: string | undefined): Promise<WebhookKeys> {
  const { WEBHOOK_KEYS_SECRET: secretId, WEBHOOK_KEYS: keys } = variables;
  if (secretId) return new WebhookKeys(parseWebhookKeys(await readSecret(secretId, region)));
  if (keys) return new WebhookKeys(parseWebhookKeys(keys));
  throw new UsageError("Set WEBHOOK_KEYS_SECRET to the name of the secret that holds the keys of webhooks.");
}

async function readSecret(secretId: string, region: string | undefined): Promise<string> {
  const client = new SecretsManagerClient(region === undefined ? {} : { region });
  try {
    const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString;
  } finally {
    client.destroy();
  }
}
