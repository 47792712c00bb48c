import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

/** Keys by id, and the id of the one that seals: what `infra/constructs/sealing-keys.ts` has made inside AWS. */
export type CursorKeySecret = Readonly<Record<string, string>>;

/**
 * The next value of the secret. A key is known to all functions for a whole rotation before it seals, so no function
 * ever meets a cursor whose key it has not read yet; and it opens for a whole rotation after another one seals:
 *
 *     seals k1            k1
 *     seals k1   →        k1, k2
 *     seals k2   →        k1, k2, k3
 *     seals k3   →            k2, k3, k4
 */
export function rotate(secret: CursorKeySecret, newKey = () => randomBytes(32).toString("base64url")): CursorKeySecret {
  const { seals = "", ...keys } = secret;
  const numbers = Object.keys(keys).map(numberOf);
  const sealing = numberOf(seals);
  if (!numbers.includes(sealing)) throw new Error(`the secret has no key "${seals}", which is to seal`);
  const newest = Math.max(...numbers);
  const next = Math.min(sealing + 1, newest);
  const kept = Object.entries(keys).filter(([id]) => numberOf(id) >= next - 1);
  return { seals: idOf(next), ...Object.fromEntries(kept), [idOf(newest + 1)]: newKey() };
}

function idOf(number: number): string {
  return `k${number}`;
}

function numberOf(id: string): number {
  const number = /^k([1-9]\d{0,5})$/.exec(id)?.[1];
  if (number === undefined) throw new Error(`"${id}" is no id of a cursor key; they are k1, k2 and so on`);
  return Number(number);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.stdout.write(JSON.stringify(rotate(JSON.parse(await text(process.stdin)))));
}
