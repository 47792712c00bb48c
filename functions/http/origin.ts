import { createHash } from "node:crypto";
import type { HttpFunction } from "./log.ts";

/** The header in which CloudFront proves that a request came through it; a client's own is overwritten there. */
export const ORIGIN_KEY_HEADER = "x-origin-key";

/** A key that is not known may be a new one; whoever guesses makes a function look no more often than this. */
const REREAD_AFTER_MS = 60_000;

/**
 * The keys that CloudFront may send: all that are in the secret, so that one follows the other without a request
 * refused. Keys of a new rotation are learned when the first request comes with one.
 */
export class OriginKeys {
  readonly #read: () => Promise<readonly string[]>;
  readonly #now: () => number;
  #digests: Promise<ReadonlySet<string>>;
  #readAt: number;

  constructor(read: () => Promise<readonly string[]>, now: () => number = Date.now) {
    this.#read = read;
    this.#now = now;
    this.#readAt = now();
    this.#digests = this.#readDigests();
  }

  /** Resolves once the keys are there; rejects where they cannot be read. */
  async ready(): Promise<this> {
    await this.#digests;
    return this;
  }

  async admits(key: string | undefined): Promise<boolean> {
    if (!key) return false;
    // Digests are compared, so how long it takes tells nothing of how much of a key was right.
    const digest = digestOf(key);
    if ((await this.#digests).has(digest)) return true;
    if (this.#now() - this.#readAt < REREAD_AFTER_MS) return false;
    this.#readAt = this.#now();
    const before = this.#digests;
    // What was known stays good when the secret cannot be read right now.
    this.#digests = this.#readDigests().catch(() => before);
    return (await this.#digests).has(digest);
  }

  async #readDigests(): Promise<ReadonlySet<string>> {
    return new Set((await this.#read()).map(digestOf));
  }
}

/**
 * The function for those who come through CloudFront, and thereby past its firewall and its limits; the others are told
 * what API Gateway tells whom it refuses itself.
 */
export function behindEdge(answer: HttpFunction, keys: OriginKeys): HttpFunction {
  return async (event, lambdaContext) => {
    if (await keys.admits(event.headers[ORIGIN_KEY_HEADER])) return answer(event, lambdaContext);
    return {
      statusCode: 403,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
      body: JSON.stringify({ message: "Forbidden" }),
      isBase64Encoded: false,
    };
  };
}

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("base64");
}
