import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { CursorKey } from "../portal/paging/cursor.ts";
import type { WebhookKey } from "../portal/partners/webhook-keys.ts";
import type { TableNames } from "../portal/store/store.ts";
import { OriginKeys } from "./http/origin.ts";

/** The environment of a function, read once when it starts. A missing variable stops the start with its name. */
export function requireVariable(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new Error(`the environment variable ${name} is not set`);
}

/** `true` or `false`; a switch that is left out stands as it is said here. Anything else is a mistake that would go unseen. */
export function readSwitch(env: NodeJS.ProcessEnv, name: string, unset: boolean): boolean {
  const value = env[name] || `${unset}`;
  if (value === "true" || value === "false") return value === "true";
  throw new Error(`the environment variable ${name} is "${value}" and has to be true or false`);
}

/** A whole number of milliseconds; undefined when it is left out. */
export function readMilliseconds(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const value = env[name];
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Error(`the environment variable ${name} is "${value}" and has to be a number of milliseconds`);
}

export function tableNames(env: NodeJS.ProcessEnv): TableNames {
  return { catalogue: requireVariable(env, "CATALOGUE_TABLE"), series: requireVariable(env, "SERIES_TABLE") };
}

/**
 * The cursor keys in the secret that `CURSOR_KEYS_SECRET` names. A function reads them once, when it starts: a key
 * that is to seal has to be in the secret for as long as functions live before it does.
 */
export async function cursorKeys(env: NodeJS.ProcessEnv): Promise<CursorKey[]> {
  return parseCursorKeys(await readSecret(requireVariable(env, "CURSOR_KEYS_SECRET")));
}

/** The keys in the secret that `ORIGIN_KEYS_SECRET` names, one of which CloudFront sends with every request. */
export function originKeys(env: NodeJS.ProcessEnv): Promise<OriginKeys> {
  const secretId = requireVariable(env, "ORIGIN_KEYS_SECRET");
  return new OriginKeys(async () => parseOriginKeys(await readSecret(secretId))).ready();
}

/**
 * The keys that webhooks' secrets are derived from, in the secret that `WEBHOOK_KEYS_SECRET` names: in the form of the
 * cursor keys, the one that `seals` first.
 */
export async function webhookKeys(env: NodeJS.ProcessEnv): Promise<WebhookKey[]> {
  return parseWebhookKeys(await readSecret(requireVariable(env, "WEBHOOK_KEYS_SECRET")));
}

async function readSecret(secretId: string): Promise<string> {
  secrets ??= new SecretsManagerClient({ requestHandler: { connectionTimeout: 1000, socketTimeout: 3000 } });
  const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
  return SecretString;
}

/** One for all secrets: to make one takes longer than to ask it, and a function waits for that when it starts. */
let secrets: SecretsManagerClient | undefined;

/**
 * `{"seals":"k2","k1":"…","k2":"…"}`: 32 bytes in base64url by id. The key that `seals` names comes first, so it
 * seals; all of them open.
 */
export function parseCursorKeys(secret: string): CursorKey[] {
  return parseSealingKeys(secret, "cursor keys");
}

/** In the same form. */
export function parseWebhookKeys(secret: string): WebhookKey[] {
  return parseSealingKeys(secret, "webhook keys");
}

function parseSealingKeys(secret: string, of: string): { id: string; secret: Buffer }[] {
  const { seals, ...keys } = parseObject(secret, of);
  const ids = Object.keys(keys).sort((a, b) => Number(b === seals) - Number(a === seals));
  if (seals === undefined || ids[0] !== seals) throw new Error(`the secret of the ${of} has no key that seals`);
  return ids.map((id) => ({ id, secret: Buffer.from(keys[id] ?? "", "base64url") }));
}

/** `{"k1":"…","k2":"…"}`: all of them count. */
export function parseOriginKeys(secret: string): string[] {
  const keys = Object.values(parseObject(secret, "origin keys"));
  if (keys.length > 0 && keys.every((key) => typeof key === "string" && key.length >= SHORTEST_KEY)) return keys;
  throw new Error("the secret of the origin keys holds something else than keys");
}

/** What is shorter could be guessed. */
const SHORTEST_KEY = 32;

/** What JSON.parse has to say of a text quotes it, and this one must not stand in a log. */
function parseObject(secret: string, of: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(secret);
  } catch {
    throw new Error(`the secret of the ${of} is not JSON`);
  }
}
