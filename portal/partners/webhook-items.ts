import { type Item, numberOf, textOf } from "../store/requests.ts";
import type { SecretVersion } from "./webhook-keys.ts";

/** A webhook as it is stored; its secret is not. Instants are ISO 8601. */
export interface WebhookRecord {
  readonly id: string;
  /** Whose it is. */
  readonly name: string;
  readonly url: string;
  readonly createdAt: string;
  readonly signsWith: SecretVersion;
  /** The secret before the last rotation, for as long as it signs as well. */
  readonly alsoSignsWith: (SecretVersion & { readonly until: string }) | null;
  /** Releases that were told, the latest ones in ascending order. */
  readonly delivered: readonly number[];
  readonly deliveredAt: string | null;
  /** Attempts that failed since the last one that did not. */
  readonly failures: number;
  readonly failingSince: string | null;
  readonly lastFailure: string | null;
  /** Nothing is sent any more. */
  readonly disabledAt: string | null;
  readonly disabledBecause: string | null;
  /** Of the last write, at random: a writer states which one it has seen, and knows its own again. */
  readonly revision: string;
}

/** All webhooks are in one partition of the index `byListing`, beside that of keys. */
export const WEBHOOK_LISTING = "webhooks";

/** A message may come again weeks later, out of a queue of dead letters; numbers are small. */
const DELIVERED_KEPT = 100;

/** Webhooks lie in the table of keys, under what no hash can be. */
export function webhookItemKey(id: string): Item {
  return { keyHash: { S: `webhook:${id}` } };
}

export function webhookItem(record: WebhookRecord): Item {
  const { id, failures, revision, signsWith, alsoSignsWith, delivered, ...texts } = record;
  const { name, url, createdAt, deliveredAt, failingSince, lastFailure, disabledAt, disabledBecause } = texts;
  const optional = { deliveredAt, failingSince, lastFailure, disabledAt, disabledBecause };
  return {
    ...webhookItemKey(id),
    listing: { S: WEBHOOK_LISTING },
    keyId: { S: id },
    ...{ name: { S: name }, url: { S: url }, createdAt: { S: createdAt } },
    signsWith: { S: JSON.stringify(signsWith) },
    ...(alsoSignsWith ? { alsoSignsWith: { S: JSON.stringify(alsoSignsWith) } } : {}),
    delivered: { S: JSON.stringify(delivered) },
    failures: { N: `${failures}` },
    ...Object.fromEntries(
      Object.entries(optional).flatMap(([key, text]) => (text === null ? [] : [[key, { S: text }]])),
    ),
    revision: { S: revision },
  };
}

/** @throws an error for an item that this version did not write: nothing is sent because of it. */
export function webhookRecordOf(item: Item): WebhookRecord {
  const text = (attribute: string) => {
    const value = textOf(item, attribute);
    if (value === undefined) throw new Error(`a webhook has no ${attribute}`);
    return value;
  };
  return {
    ...{ id: text("keyId"), name: text("name"), url: text("url"), createdAt: text("createdAt") },
    signsWith: JSON.parse(text("signsWith")) as SecretVersion,
    alsoSignsWith: JSON.parse(textOf(item, "alsoSignsWith") ?? "null") as WebhookRecord["alsoSignsWith"],
    delivered: JSON.parse(text("delivered")) as number[],
    deliveredAt: textOf(item, "deliveredAt") ?? null,
    failures: numberOf(item, "failures") ?? 0,
    failingSince: textOf(item, "failingSince") ?? null,
    lastFailure: textOf(item, "lastFailure") ?? null,
    disabledAt: textOf(item, "disabledAt") ?? null,
    disabledBecause: textOf(item, "disabledBecause") ?? null,
    revision: text("revision"),
  };
}

/** The secrets that a message of this instant is signed with, the newest first. */
export function signingVersions({ signsWith, alsoSignsWith }: WebhookRecord, now: number): SecretVersion[] {
  return alsoSignsWith && now < Date.parse(alsoSignsWith.until) ? [signsWith, alsoSignsWith] : [signsWith];
}

/** Something arrived: what failed before no longer counts. */
export function afterDelivery(record: WebhookRecord, release: number | null, now: number): WebhookRecord {
  const known =
    release === null ? record.delivered : [...new Set([...record.delivered, release])].sort((a, b) => a - b);
  return {
    ...{ ...record, delivered: known.slice(-DELIVERED_KEPT), deliveredAt: new Date(now).toISOString() },
    ...{ failures: 0, failingSince: null, lastFailure: null },
  };
}

export function afterFailure(record: WebhookRecord, reason: string, now: number): WebhookRecord {
  const failingSince = record.failingSince ?? new Date(now).toISOString();
  return { ...record, failures: record.failures + 1, failingSince, lastFailure: reason };
}

export function disabled(record: WebhookRecord, because: string, now: number): WebhookRecord {
  return { ...record, disabledAt: new Date(now).toISOString(), disabledBecause: because };
}

export function enabled(record: WebhookRecord): WebhookRecord {
  return { ...record, disabledAt: null, disabledBecause: null };
}
