import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { environmentNamed } from "../environments.ts";

/** Keys by id, all of them good: what `infra/constructs/origin-keys.ts` has made inside AWS. */
export type OriginKeySecret = Readonly<Record<string, string>>;

/**
 * The next value of the secret: the key that CloudFront sends now, and a new one that it is to send next. Every other
 * key is no longer good. Twice in a row does no harm: the key that is sent stays.
 */
export function rotate(
  secret: OriginKeySecret,
  sent: string,
  newKey = () => randomBytes(32).toString("base64url"),
): OriginKeySecret {
  const key = secret[sent];
  if (key === undefined) throw new Error(`the secret has no key "${sent}", which CloudFront sends`);
  const newest = Math.max(...Object.keys(secret).map(numberOf));
  return { [sent]: key, [`k${newest + 1}`]: newKey() };
}

function numberOf(id: string): number {
  const number = /^k([1-9]\d{0,5})$/.exec(id)?.[1];
  if (number === undefined) throw new Error(`"${id}" is no id of an origin key; they are k1, k2 and so on`);
  return Number(number);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { originKey } = environmentNamed(process.argv[2]);
  process.stdout.write(JSON.stringify(rotate(JSON.parse(await text(process.stdin)), originKey)));
}
