import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

/** Keys by id, and the id of the one that new secrets are made from, in the form of the cursor keys. */
export type WebhookKeySecret = Readonly<Record<string, string>>;

/**
 * The next value of the secret. As with cursor keys, a key is known to all functions for a whole rotation before
 * anything is made from it. No key goes by itself: the secrets of webhooks are made from it again each time that
 * something is sent, so it stays until it is said to be dropped.
 *
 *     seals k1            k1
 *     seals k1   →        k1, k2
 *     seals k2   →        k1, k2, k3
 *
 * @param dropped ids of keys that no webhook's secret is made from any more.
 */
export function rotate(
  secret: WebhookKeySecret,
  dropped: readonly string[] = [],
  newKey = () => randomBytes(32).toString("base64url"),
): WebhookKeySecret {
  const { seals = "", ...keys } = secret;
  const newest = Math.max(...Object.keys(keys).map(numberOf));
  if (keys[seals] === undefined) throw new Error(`the secret has no key "${seals}", which is to seal`);
  const next = `k${Math.min(numberOf(seals) + 1, newest)}`;
  for (const id of dropped) {
    if (keys[id] === undefined) throw new Error(`the secret has no key "${id}" to be dropped`);
    if (id === next) throw new Error(`the key "${id}" cannot be dropped: new secrets are to be made from it`);
  }
  const kept = Object.entries(keys).filter(([id]) => !dropped.includes(id));
  return { seals: next, ...Object.fromEntries(kept), [`k${newest + 1}`]: newKey() };
}

function numberOf(id: string): number {
  const number = /^k([1-9]\d{0,5})$/.exec(id)?.[1];
  if (number === undefined) throw new Error(`"${id}" is no id of a webhook key; they are k1, k2 and so on`);
  return Number(number);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.stdout.write(JSON.stringify(rotate(JSON.parse(await text(process.stdin)), process.argv.slice(2))));
}
