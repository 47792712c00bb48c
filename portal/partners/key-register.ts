import { PortalError } from "../errors.ts";
import type { CallScope } from "../store/calls.ts";
import { isConditionFailed } from "../store/calls.ts";
import type { Store } from "../store/store.ts";
import { API_KEY_BYTES, apiKeyOf, hashOfApiKey } from "./api-key.ts";
import { lastChargeOf } from "./bucket-items.ts";
import { type KeyRecord, keyItem, keyRecordOf, LISTING, stateOf } from "./key-items.ts";
import { PLANS, type PlanName, type Scope } from "./plans.ts";

export interface KeyRegisterOptions {
  readonly store: Store;
  /** The name of the table of partners. */
  readonly table: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** That many bytes from a cryptographic source. */
  readonly randomBytes: (size: number) => Uint8Array;
}

export interface NewKey {
  readonly name: string;
  readonly plan: PlanName;
  /** All that the plan allows when left out. */
  readonly scopes?: readonly Scope[];
  /** Milliseconds; null for a key that ends only when it is revoked. */
  readonly lifetimeMs: number | null;
}

/** A key that was just made: the only time that the key itself is seen. */
export interface IssuedKey {
  readonly key: string;
  readonly record: KeyRecord;
}

export interface ListedKey extends KeyRecord {
  /** ISO 8601; null when its bucket was not charged in the last days. */
  readonly lastChargedAt: string | null;
}

const MAX_NAME = 100;
const KEY_ID_BYTES = 6;

/** Makes, lists, rotates and revokes keys. For people who run a portal; no request of a client comes here. */
export class KeyRegister {
  readonly #options: KeyRegisterOptions;

  constructor(options: KeyRegisterOptions) {
    this.#options = options;
  }

  /** @throws PortalError `BAD_USER_INPUT` for a name that cannot be, or a scope that the plan does not have. */
  async create({ name, plan, scopes = PLANS[plan].scopes, lifetimeMs }: NewKey, scope: CallScope): Promise<IssuedKey> {
    if (name.trim() === "" || name.length > MAX_NAME) throw refused(`a name has 1 to ${MAX_NAME} characters`);
    const allowed: readonly Scope[] = PLANS[plan].scopes;
    const beyond = scopes.filter((each) => !allowed.includes(each));
    if (beyond.length > 0) throw refused(`the plan ${plan} has no scope ${beyond.join(", ")}`);
    if (scopes.length === 0) throw refused("a key without a scope would be good for nothing");
    const keyId = this.#newKeyId();
    return this.#issue({ keyId, name: name.trim(), plan, scopes, bucket: keyId }, lifetimeMs, scope);
  }

  /** All keys that are kept, those that are over for 90 days; in order of their names, then of their age. */
  async list(scope: CallScope): Promise<ListedKey[]> {
    const { store, table } = this.#options;
    const items = await store.queryAll(
      { table, index: "byListing", partition: { attribute: "listing", value: LISTING } },
      scope,
    );
    const records = items.map(keyRecordOf);
    const charges = await lastChargeOf(store, table, [...new Set(records.map(({ bucket }) => bucket))], scope);
    const keys = records.map((record) => ({ ...record, lastChargedAt: charges.get(record.bucket) ?? null }));
    const orderOf = ({ name, createdAt }: KeyRecord) => `${name}\n${createdAt}`;
    return keys.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  }

  /**
   * Makes a key like another, which itself ends after `overlapMs`: until then both are valid and one bucket pays for
   * both. The new key lives as long as the old one was meant to, unless said otherwise.
   */
  async rotate(
    keyId: string,
    { overlapMs, lifetimeMs }: { overlapMs: number; lifetimeMs?: number | null },
    scope: CallScope,
  ): Promise<IssuedKey & { readonly old: KeyRecord }> {
    const old = await this.#valid(keyId, scope);
    if (old.replacedBy !== null) throw refused(`key ${keyId} was rotated already, into ${old.replacedBy}`);
    const { name, plan, scopes, bucket } = old;
    const meant = old.validUntil === null ? null : Date.parse(old.validUntil) - Date.parse(old.createdAt);
    // The new key comes first: whoever is interrupted here has one key too many, never one too few.
    const issued = await this.#issue(
      { keyId: this.#newKeyId(), name, plan, scopes, bucket },
      lifetimeMs === undefined ? meant : lifetimeMs,
      scope,
    );
    const end = new Date(this.#options.now() + overlapMs).toISOString();
    const validUntil = old.validUntil !== null && old.validUntil < end ? old.validUntil : end;
    const ended = { ...old, validUntil, replacedBy: issued.record.keyId };
    await this.#replace(ended, scope);
    return { ...issued, old: ended };
  }

  /** Ends a key. Readers that know it learn of this when they next look, at most a minute later. */
  async revoke(keyId: string, scope: CallScope): Promise<KeyRecord> {
    const record = await this.#find(keyId, scope);
    if (record.revokedAt !== null) return record;
    const revoked = { ...record, revokedAt: new Date(this.#options.now()).toISOString() };
    await this.#replace(revoked, scope);
    return revoked;
  }

  #newKeyId(): string {
    return `key-${Buffer.from(this.#options.randomBytes(KEY_ID_BYTES)).toString("hex")}`;
  }

  async #issue(
    given: Pick<KeyRecord, "keyId" | "name" | "plan" | "scopes" | "bucket">,
    lifetimeMs: number | null,
    scope: CallScope,
  ): Promise<IssuedKey> {
    const { store, table, now, randomBytes } = this.#options;
    const key = apiKeyOf(randomBytes(API_KEY_BYTES));
    const at = now();
    const record: KeyRecord = {
      ...given,
      keyHash: hashOfApiKey(key),
      createdAt: new Date(at).toISOString(),
      validUntil: lifetimeMs === null ? null : new Date(at + lifetimeMs).toISOString(),
      revokedAt: null,
      replacedBy: null,
    };
    await store.put(table, keyItem(record), scope, { expression: "attribute_not_exists(keyHash)" });
    return { key, record };
  }

  async #valid(keyId: string, scope: CallScope): Promise<KeyRecord> {
    const record = await this.#find(keyId, scope);
    const state = stateOf(record, this.#options.now());
    if (state !== "VALID") throw refused(`key ${keyId} is ${state.toLowerCase()}; create a new one`);
    return record;
  }

  /** The index names the item; the item itself is read for certain. */
  async #find(keyId: string, scope: CallScope): Promise<KeyRecord> {
    const { store, table } = this.#options;
    const sort = { attribute: "keyId", from: keyId, to: keyId };
    const [found] = await store.queryAll(
      { table, index: "byListing", partition: { attribute: "listing", value: LISTING }, sort },
      scope,
    );
    const item = found?.keyHash && (await store.get(table, { keyHash: found.keyHash }, scope, true));
    if (!item) throw refused(`there is no key ${keyId}`);
    return keyRecordOf(item);
  }

  /** Replaces a record; one that was revoked meanwhile stays revoked. */
  async #replace(record: KeyRecord, scope: CallScope): Promise<void> {
    const { store, table } = this.#options;
    try {
      await store.put(table, keyItem(record), scope, {
        expression: "attribute_exists(keyHash) AND attribute_not_exists(revokedAt)",
      });
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      throw refused(`key ${record.keyId} was revoked by somebody else meanwhile`);
    }
  }
}

function refused(message: string): PortalError {
  return new PortalError("BAD_USER_INPUT", message);
}
