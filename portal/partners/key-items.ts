import type { Item } from "../store/requests.ts";
import { textOf } from "../store/requests.ts";
import { isPlanName, isScope, type PlanName, type Scope } from "./plans.ts";

/** A key as it is stored; the key itself is not. Instants are ISO 8601. */
export interface KeyRecord {
  /** SHA-256 of the key, in hexadecimal. */
  readonly keyHash: string;
  /** What people call the key by; no secret. */
  readonly keyId: string;
  /** Whose it is. */
  readonly name: string;
  readonly plan: PlanName;
  readonly scopes: readonly Scope[];
  readonly bucket: string;
  readonly createdAt: string;
  /** null: until it is revoked. */
  readonly validUntil: string | null;
  readonly revokedAt: string | null;
  /** The key that it was rotated into. */
  readonly replacedBy: string | null;
}

export type KeyState = "VALID" | "REVOKED" | "EXPIRED";

/** All keys are in one partition of the index `byListing`; buckets are in none. */
export const LISTING = "keys";

const DAY_MS = 86_400_000;
/** How long a key that is over stays in the list. */
const KEPT_DAYS = 90;

/** Expiry is told by time: DynamoDB deletes what is over days late, and these items on purpose months late. */
export function stateOf({ revokedAt, validUntil }: KeyRecord, now: number): KeyState {
  if (revokedAt !== null) return "REVOKED";
  return validUntil !== null && Date.parse(validUntil) <= now ? "EXPIRED" : "VALID";
}

export function keyItem(record: KeyRecord): Item {
  const { validUntil, revokedAt, replacedBy } = record;
  const over = [validUntil, revokedAt].filter((instant) => instant !== null).sort()[0];
  return {
    keyHash: { S: record.keyHash },
    listing: { S: LISTING },
    keyId: { S: record.keyId },
    name: { S: record.name },
    plan: { S: record.plan },
    scopes: { S: record.scopes.join(" ") },
    bucket: { S: record.bucket },
    createdAt: { S: record.createdAt },
    ...(validUntil === null ? {} : { validUntil: { S: validUntil } }),
    ...(revokedAt === null ? {} : { revokedAt: { S: revokedAt } }),
    ...(replacedBy === null ? {} : { replacedBy: { S: replacedBy } }),
    ...(over === undefined ? {} : { expiresAt: { N: `${removalOf(over)}` } }),
  };
}

/** Epoch seconds at which DynamoDB may delete the record of a key that was over at that instant. */
function removalOf(instant: string): number {
  return Math.ceil((Date.parse(instant) + KEPT_DAYS * DAY_MS) / 1000);
}

/** @throws an error for an item that this version did not write: nobody gets in by it. */
export function keyRecordOf(item: Item): KeyRecord {
  const text = (attribute: string) => {
    const value = textOf(item, attribute);
    if (value === undefined) throw new Error(`a key has no ${attribute}`);
    return value;
  };
  const plan = text("plan");
  if (!isPlanName(plan)) throw new Error(`key ${text("keyId")} has the unknown plan ${plan}`);
  return {
    keyHash: text("keyHash"),
    keyId: text("keyId"),
    name: text("name"),
    plan,
    scopes: text("scopes").split(" ").filter(isScope),
    bucket: text("bucket"),
    createdAt: text("createdAt"),
    validUntil: textOf(item, "validUntil") ?? null,
    revokedAt: textOf(item, "revokedAt") ?? null,
    replacedBy: textOf(item, "replacedBy") ?? null,
  };
}
