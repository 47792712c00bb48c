import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { badInput } from "../errors.ts";

/** A 32-byte key with the id under which it is known. The first key seals; all of them open. */
export interface CursorKey {
  readonly id: string;
  readonly secret: Uint8Array;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Cursors are positions in a list, sealed with AES-256-GCM and bound to their list by its additional data: a cursor
 * of another list, filter or order, or one that was tampered with, does not open. The nonce is derived from what is
 * sealed, so that the same position always has the same cursor (answers can be cached byte for byte); no two
 * different plaintexts share a nonce but by collision of a 96-bit HMAC.
 */
export class CursorSeal {
  readonly #keys: readonly CursorKey[];

  /** @param keys at least one; ids are 1 to 8 characters without a dot. */
  constructor(keys: readonly CursorKey[]) {
    if (keys.length === 0) throw new Error("a cursor seal needs a key");
    for (const { id, secret } of keys) {
      if (!/^[A-Za-z0-9_-]{1,8}$/.test(id)) throw new Error(`cursor key id "${id}" is not 1 to 8 letters or digits`);
      if (secret.length !== 32) throw new Error(`cursor key "${id}" does not have 32 bytes`);
    }
    this.#keys = keys;
  }

  /** Id of the key that seals: a cursor of the same position is another one under another key. */
  get keyId(): string {
    return (this.#keys[0] as CursorKey).id;
  }

  seal(position: string, list: string): string {
    const { id, secret } = this.#keys[0] as CursorKey;
    const nonce = createHmac("sha256", secret).update(`${list}\n${position}`).digest().subarray(0, NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", secret, nonce).setAAD(Buffer.from(list));
    const sealed = Buffer.concat([nonce, cipher.update(position, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${id}.${sealed.toString("base64url")}`;
  }

  /** The position in a cursor of this list. Throws `BAD_USER_INPUT` that names the argument. */
  open(cursor: string, list: string, argument: string): string {
    const position = this.#tryOpen(cursor, list);
    if (position !== null) return position;
    throw badInput(argument, `${argument} is no cursor of this list with this filter and order`);
  }

  #tryOpen(cursor: string, list: string): string | null {
    const [id, sealed, ...rest] = cursor.split(".");
    const key = this.#keys.find((candidate) => candidate.id === id);
    if (!key || sealed === undefined || rest.length > 0) return null;
    const bytes = Buffer.from(sealed, "base64url");
    if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString("base64url") !== sealed) return null;
    const decipher = createDecipheriv("aes-256-gcm", key.secret, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(list)).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    } catch {
      // GCM's tag does not match: forged, cut, or sealed for another list.
      return null;
    }
  }
}
