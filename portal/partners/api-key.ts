import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * An API key: `gzt_`, 256 random bits, a checksum; 53 characters that a double click selects.
 *
 * The prefix tells secret scanners what they found. The checksum lets a mistyped or made-up key be refused without a
 * read; it is no secret and protects nothing else.
 */
export const API_KEY_PREFIX = "gzt_";

export const API_KEY_BYTES = 32;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62^43 is just above 2^256. */
const RANDOM_DIGITS = 43;
const CHECK_DIGITS = 6;
const SHAPE = new RegExp(`^${API_KEY_PREFIX}[0-9A-Za-z]{${RANDOM_DIGITS + CHECK_DIGITS}}$`);

/** @param random 32 bytes from a cryptographic source. */
export function apiKeyOf(random: Uint8Array): string {
  if (random.length !== API_KEY_BYTES) throw new Error(`an API key is made of ${API_KEY_BYTES} random bytes`);
  const stem = API_KEY_PREFIX + base62(BigInt(`0x${Buffer.from(random).toString("hex")}`), RANDOM_DIGITS);
  return stem + checksumOf(stem);
}

/** Whether a text can be a key at all. */
export function isApiKey(text: string): boolean {
  if (!SHAPE.test(text)) return false;
  return text.endsWith(checksumOf(text.slice(0, -CHECK_DIGITS)));
}

/**
 * What is stored of a key. A plain SHA-256 is right here, where for a password it would not be: nobody can try out
 * 2^256 keys, so there is nothing that a slow or salted hash would make harder; and the hash can be the item's key.
 */
export function hashOfApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

function checksumOf(stem: string): string {
  return base62(BigInt(crc32(stem)), CHECK_DIGITS);
}

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text;
  return text;
}
