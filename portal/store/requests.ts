import type { AttributeValue, QueryCommandInput } from "@aws-sdk/client-dynamodb";

/** Requests to DynamoDB as values, built by pure functions; `store.ts` sends them. */

export type Item = Record<string, AttributeValue>;

export interface QuerySpec {
  readonly table: string;
  readonly index?: string;
  readonly partition: { readonly attribute: string; readonly value: string };
  /** Bounds of the sort key, both included; `prefix` and a bound may be given together. */
  readonly sort?: SortRange & { readonly attribute: string };
  readonly descending?: boolean;
  readonly limit?: number;
  readonly startAfter?: Item;
  /** Tables only: indexes are always eventually consistent. */
  readonly consistent?: boolean;
}

export interface SortRange {
  readonly prefix?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Above every character that a key can hold, in the UTF-8 order that DynamoDB compares by. */
const LAST = "\u{10FFFF}";
/** Below every character that a key can hold. */
const FIRST = " ";

export function queryInput(spec: QuerySpec): QueryCommandInput {
  const names: Record<string, string> = { "#p": spec.partition.attribute };
  const values: Item = { ":p": { S: spec.partition.value } };
  const range = spec.sort && sortBounds(spec.sort);
  if (spec.sort && range) {
    names["#s"] = spec.sort.attribute;
    values[":from"] = { S: range.from };
    values[":to"] = { S: range.to };
  }
  return {
    TableName: spec.table,
    ...(spec.index ? { IndexName: spec.index } : {}),
    KeyConditionExpression: range ? "#p = :p AND #s BETWEEN :from AND :to" : "#p = :p",
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ScanIndexForward: !spec.descending,
    ReturnConsumedCapacity: "TOTAL",
    ...(spec.consistent ? { ConsistentRead: true } : {}),
    ...(spec.limit ? { Limit: spec.limit } : {}),
    ...(spec.startAfter ? { ExclusiveStartKey: spec.startAfter } : {}),
  };
}

/** The bounds that hold both for the prefix and for the range; null where neither is given. */
function sortBounds({ prefix, from, to }: SortRange): { from: string; to: string } | null {
  if (prefix === undefined && from === undefined && to === undefined) return null;
  return { from: from ?? prefix ?? FIRST, to: to ?? `${prefix ?? ""}${LAST}` };
}

/** Splits into groups of at most `size`, in order. */
export function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}

export function textOf(item: Item, attribute: string): string | undefined {
  return item[attribute]?.S;
}

export function numberOf(item: Item, attribute: string): number | undefined {
  const text = item[attribute]?.N;
  return text === undefined ? undefined : Number(text);
}

/** Orders keys as DynamoDB does, by their UTF-8 bytes; JavaScript's own order differs outside the basic plane. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
