import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { CallScope } from "../store/calls.ts";
import { type Item, numberOf, textOf } from "../store/requests.ts";
import type { Store } from "../store/store.ts";
import { type BucketState, drainTime, EMPTY, fullestBefore, WINDOWS, type Window } from "./leaky-bucket.ts";
import type { PartnerPlan } from "./plans.ts";

/** An item that nobody charged for this long is deleted by DynamoDB; its bucket has been empty for a day by then. */
const KEPT_SECONDS = 2 * 86_400;

const ATTRIBUTES: Readonly<Record<Window, string>> = { minute: "minuteDrainedAt", day: "dayDrainedAt" };

/** Buckets lie in the table of keys, under what no hash can be. */
export function bucketKey(bucket: string): Item {
  return { keyHash: { S: `bucket:${bucket}` } };
}

export function bucketStateOf(item: Item | undefined): BucketState {
  if (!item) return EMPTY;
  return { minute: numberOf(item, ATTRIBUTES.minute) ?? 0, day: numberOf(item, ATTRIBUTES.day) ?? 0 };
}

/**
 * Pours `cost` into both windows, if there is room in both.
 *
 *     drained at      now                                        now + window
 *     ─────┴───────────┼───────────────────────┴──────────────────────┼──────▶
 *      empty: starts from now         filling: goes on from there     full: refused
 *
 * DynamoDB can add but not take the larger of two numbers, so the request says of each window which of the two cases
 * it takes it for. A bucket only ever gets fuller: one that is known to be filling is; one that was empty when it was
 * last seen may not be empty any more, and then the condition does not hold.
 */
export function chargeRequest(
  table: string,
  bucket: string,
  { plan, cost, known, now }: { plan: PartnerPlan; cost: number; known: BucketState; now: number },
): Omit<UpdateItemCommandInput, "ReturnValues"> {
  const sets: string[] = ["expiresAt = :expiresAt", "chargedAt = :chargedAt"];
  const conditions: string[] = [];
  const values: Item = {
    ":expiresAt": { N: `${Math.ceil(now / 1_000_000) + KEPT_SECONDS}` },
    ":chargedAt": { S: new Date(now / 1000).toISOString() },
    ":now": { N: `${now}` },
  };
  for (const window of WINDOWS) {
    const attribute = ATTRIBUTES[window];
    const poured = drainTime(plan, window, cost);
    if (known[window] < now) {
      sets.push(`${attribute} = :${window}`);
      values[`:${window}`] = { N: `${now + poured}` };
      conditions.push(`(attribute_not_exists(${attribute}) OR ${attribute} < :now)`);
    } else {
      sets.push(`${attribute} = ${attribute} + :${window}`);
      values[`:${window}`] = { N: `${poured}` };
      values[`:${window}Fullest`] = { N: `${fullestBefore(plan, window, cost, now)}` };
      conditions.push(`${attribute} BETWEEN :now AND :${window}Fullest`);
    }
  }
  return {
    TableName: table,
    Key: bucketKey(bucket),
    UpdateExpression: `SET ${sets.join(", ")}`,
    ConditionExpression: conditions.join(" AND "),
    ExpressionAttributeValues: values,
  };
}

/** When buckets were last charged, as ISO 8601; those that were not for days are left out. */
export async function lastChargeOf(
  store: Store,
  table: string,
  buckets: readonly string[],
  scope: CallScope,
): Promise<Map<string, string>> {
  const items = await store.getMany(table, buckets.map(bucketKey), scope);
  const charged = items.map((item) => [
    (textOf(item, "keyHash") ?? "").replace(/^bucket:/, ""),
    textOf(item, "chargedAt") ?? "",
  ]);
  return new Map(charged as [string, string][]);
}
