import { PortalError } from "../errors.ts";
import { type CallScope, isConditionFailed } from "../store/calls.ts";
import type { Store } from "../store/store.ts";
import { WEBHOOK_LISTING, type WebhookRecord, webhookItem, webhookItemKey, webhookRecordOf } from "./webhook-items.ts";
import { webhookUrl } from "./webhook-url.ts";

export interface WebhookRegisterOptions {
  readonly store: Store;
  /** The name of the table of partners. */
  readonly table: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** That many bytes from a cryptographic source. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** Whether webhooks of this machine are taken: `WebhookUrlRules`. */
  readonly allowLocal: boolean;
}

const MAX_NAME = 100;
const ID_BYTES = 6;
/** Of a change that others get ahead of; each means that somebody else's went through. */
const MAX_ATTEMPTS = 8;

/** Keeps the addresses that partners want to be told of releases at, and how telling them went. */
export class WebhookRegister {
  readonly #options: WebhookRegisterOptions;

  constructor(options: WebhookRegisterOptions) {
    this.#options = options;
  }

  /**
   * @param key the id of the key that the secret is made from.
   * @throws PortalError `BAD_USER_INPUT` for a name or URL that cannot be, or that is registered already.
   */
  async add(
    { name, url, key }: { readonly name: string; readonly url: string; readonly key: string },
    scope: CallScope,
  ): Promise<WebhookRecord> {
    const { store, table, now, allowLocal } = this.#options;
    if (name.trim() === "" || name.length > MAX_NAME) throw refused(`a name has 1 to ${MAX_NAME} characters`);
    const { href } = webhookUrl(url, { allowLocal });
    const same = (await this.list(scope)).find((other) => other.url === href);
    if (same) throw refused(`this URL is registered already, as ${same.id} of ${same.name}`);
    const record: WebhookRecord = {
      id: `hook-${this.#random()}`,
      ...{ name: name.trim(), url: href, createdAt: new Date(now()).toISOString() },
      ...{ signsWith: { key, version: 1 }, alsoSignsWith: null },
      ...{ delivered: [], deliveredAt: null, failures: 0, failingSince: null, lastFailure: null },
      ...{ disabledAt: null, disabledBecause: null, revision: this.#random() },
    };
    await store.put(table, webhookItem(record), scope, { expression: "attribute_not_exists(keyHash)" });
    return record;
  }

  /** All of them, in order of their names, then of their age. */
  async list(scope: CallScope): Promise<WebhookRecord[]> {
    const { store, table } = this.#options;
    const partition = { attribute: "listing", value: WEBHOOK_LISTING };
    const items = await store.queryAll({ table, index: "byListing", partition }, scope);
    const orderOf = ({ name, createdAt, id }: WebhookRecord) => `${name}\n${createdAt}\n${id}`;
    return items.map(webhookRecordOf).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  }

  async find(id: string, scope: CallScope): Promise<WebhookRecord | undefined> {
    const { store, table } = this.#options;
    const item = await store.get(table, webhookItemKey(id), scope, true);
    return item && webhookRecordOf(item);
  }

  /** @throws PortalError `BAD_USER_INPUT` when there is none of this id. */
  async require(id: string, scope: CallScope): Promise<WebhookRecord> {
    const record = await this.find(id, scope);
    if (!record) throw refused(`there is no webhook ${id}`);
    return record;
  }

  async remove(id: string, scope: CallScope): Promise<WebhookRecord> {
    const { store, table } = this.#options;
    const record = await this.require(id, scope);
    await store.delete(table, webhookItemKey(id), scope);
    return record;
  }

  /**
   * Gives a webhook a new secret. For `overlapMs` the one before signs as well; one that was still signing beside that
   * one stops.
   */
  async rotate(
    id: string,
    { key, overlapMs }: { readonly key: string; readonly overlapMs: number },
    scope: CallScope,
  ): Promise<WebhookRecord> {
    const until = new Date(this.#options.now() + overlapMs).toISOString();
    const rotated = await this.change(id, scope, (record) => ({
      ...record,
      signsWith: { key, version: record.signsWith.version + 1 },
      alsoSignsWith: { ...record.signsWith, until },
    }));
    if (!rotated) throw refused(`there is no webhook ${id}`);
    return rotated;
  }

  /**
   * Replaces a record by what becomes of it, on the condition that nobody else did so meanwhile; read again then.
   * @returns undefined when there is no such webhook (any more).
   */
  async change(
    id: string,
    scope: CallScope,
    next: (record: WebhookRecord) => WebhookRecord,
  ): Promise<WebhookRecord | undefined> {
    const { store, table } = this.#options;
    const revision = this.#random();
    for (let attempt = 1; ; attempt += 1) {
      const record = await this.find(id, scope);
      // A write whose answer was lost is tried again by the client, and then refused for what it did itself.
      if (!record || record.revision === revision) return record;
      const changed = { ...next(record), revision };
      try {
        await store.put(table, webhookItem(changed), scope, {
          expression: "revision = :seen",
          values: { ":seen": { S: record.revision } },
        });
        return changed;
      } catch (error) {
        if (!isConditionFailed(error) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  #random(): string {
    return Buffer.from(this.#options.randomBytes(ID_BYTES)).toString("hex");
  }
}

function refused(message: string): PortalError {
  return new PortalError("BAD_USER_INPUT", message);
}
