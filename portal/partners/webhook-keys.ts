import { createHmac } from "node:crypto";

/** 32 bytes from a cryptographic source, and what they are called by. */
export interface WebhookKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

/** What makes a registration's secret again: a key of the portal, and how many times the secret was rotated. */
export interface SecretVersion {
  readonly key: string;
  readonly version: number;
}

const KEY_BYTES = 32;
/** As the Standard Webhooks specification marks symmetric secrets. */
const SECRET_PREFIX = "whsec_";

/**
 * The keys that the secrets of webhooks are derived from, so that none of these is stored: who can read the table cannot
 * sign. New secrets are made from the first key; the others make again what was made from them.
 */
export class WebhookKeys {
  readonly newest: string;
  readonly #keys: ReadonlyMap<string, Uint8Array>;

  constructor(keys: readonly WebhookKey[]) {
    const [newest] = keys;
    if (!newest) throw new Error("there is no key to derive the secrets of webhooks from");
    const short = keys.find(({ secret }) => secret.length < KEY_BYTES);
    if (short) throw new Error(`the key ${short.id} of webhooks has less than ${KEY_BYTES} bytes`);
    this.newest = newest.id;
    this.#keys = new Map(keys.map(({ id, secret }) => [id, secret]));
  }

  /**
   * The secret of a registration, as its receiver is told it: `whsec_` and 32 bytes in base64.
   * @throws Error when the key that it was made from is gone.
   */
  secretOf(registration: string, version: SecretVersion): string {
    return SECRET_PREFIX + this.#derive(registration, version).toString("base64");
  }

  /** `v1,…` for each version, the newest first: the header webhook-signature of a message that is sent now. */
  sign({ registration, versions, id, timestamp, body }: SigningRequest): string {
    return versions
      .map((version) => {
        const mac = createHmac("sha256", this.#derive(registration, version));
        return `v1,${mac.update(`${id}.${timestamp}.${body}`).digest("base64")}`;
      })
      .join(" ");
  }

  #derive(registration: string, { key, version }: SecretVersion): Buffer {
    const secret = this.#keys.get(key);
    if (!secret) throw new Error(`the key ${key}, which the secret of ${registration} is made from, is gone`);
    return createHmac("sha256", secret).update(`gazetteer webhook\n${registration}\n${version}`).digest();
  }
}

export interface SigningRequest {
  readonly registration: string;
  readonly versions: readonly SecretVersion[];
  /** The header webhook-id. */
  readonly id: string;
  /** Epoch seconds: the header webhook-timestamp. */
  readonly timestamp: number;
  readonly body: string;
}
