import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ScanCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { Publisher, type PublisherOptions } from "../../portal/releases/publish.ts";
import { chunks } from "../../portal/store/requests.ts";
import { Store } from "../../portal/store/store.ts";
import type { Intercept, TestPortal } from "./portal.ts";

/** The time of importers that come to grief, and of those who come after them: no lease of the first runs any more. */
export const EARLY = Date.parse("2024-06-01T00:00:00Z");
export const LATER = EARLY + 3_600_000;

export interface ImporterOptions extends Partial<Omit<PublisherOptions, "store">> {
  /** The engine, or what stands in front of it; the portal's own engine when left out. */
  readonly endpoint?: string;
  /** How often the SDK tries a call; with 1 a fault reaches the importer at once. The product's own number when left out. */
  readonly attempts?: number;
  readonly intercept?: Intercept;
}

/** An importer of its own, at `EARLY` unless told otherwise. */
export function importerOn(portal: Pick<TestPortal, "client" | "tables">, options: ImporterOptions = {}): Publisher {
  const { endpoint, attempts, intercept, ...rest } = options;
  const client = portal.client(intercept, {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(attempts === undefined ? {} : { maxAttempts: attempts }),
  });
  const store = new Store({ client, tables: portal.tables });
  return new Publisher({ store, owner: randomUUID(), now: () => EARLY, ...rest });
}

export type StoredItem = Record<string, AttributeValue>;
export type PublishedTable = "catalogue" | "series";

const KEYS = { catalogue: ["id"], series: ["metricGroup", "subjectFrequency"] } as const;
const TABLES = Object.keys(KEYS) as PublishedTable[];

/** Every item of a table, by its key. */
export async function itemsOf(portal: TestPortal, table: PublishedTable): Promise<Map<string, StoredItem>> {
  const reader = readerOf(portal);
  const items = new Map<string, StoredItem>();
  let startAfter: StoredItem | undefined;
  do {
    const page = await reader.send(
      new ScanCommand({
        TableName: portal.tables[table],
        ConsistentRead: true,
        ...(startAfter ? { ExclusiveStartKey: startAfter } : {}),
      }),
    );
    for (const item of page.Items ?? []) items.set(KEYS[table].map((key) => item[key]?.S).join(" "), item);
    startAfter = page.LastEvaluatedKey;
  } while (startAfter);
  return items;
}

/** Brings the tables of a portal to what was remembered. */
export type Restore = (portal: TestPortal) => Promise<void>;

/** Remembers what the tables of a portal hold. */
export async function keep(portal: TestPortal): Promise<Restore> {
  const kept = new Map(await Promise.all(TABLES.map(async (table) => [table, await itemsOf(portal, table)] as const)));
  return async (target) => {
    for (const [table, before] of kept) await bringBack(target, table, before);
  };
}

async function bringBack(portal: TestPortal, table: PublishedTable, before: Map<string, StoredItem>): Promise<void> {
  const now = await itemsOf(portal, table);
  const puts = [...before].filter(([key, item]) => textOf(now.get(key)) !== textOf(item));
  const deletions = [...now].filter(([key]) => !before.has(key));
  const requests: WriteRequest[] = [
    ...puts.map(([, Item]) => ({ PutRequest: { Item } })),
    ...deletions.map(([, item]) => ({ DeleteRequest: { Key: keyOf(table, item) } })),
  ];
  for (const batch of chunks(requests, 25)) {
    await readerOf(portal).send(new BatchWriteItemCommand({ RequestItems: { [portal.tables[table]]: batch } }));
  }
}

function keyOf(table: PublishedTable, item: StoredItem): StoredItem {
  return Object.fromEntries(KEYS[table].map((key) => [key, item[key] as AttributeValue]));
}

/** Attributes that say how often, when and by whom an item was written, and nothing of what was published. */
const OF_THE_WRITING = new Set(["revision", "stagedBy", "writtenBy", "committedAt"]);

/** Everything that the tables hold but for what tells one writing of it from another: equal texts, equal portals. */
export async function contentOf(portal: TestPortal): Promise<Record<string, string>> {
  const tables = await Promise.all(
    TABLES.map(async (table) =>
      [...(await itemsOf(portal, table))].map(([key, item]): [string, string] => {
        const said = Object.entries(item).filter(([name]) => !OF_THE_WRITING.has(name));
        return [`${table} ${key}`, withoutInstants(textOf(Object.fromEntries(said)))];
      }),
    ),
  );
  return Object.fromEntries(tables.flat().sort(([a], [b]) => (a < b ? -1 : 1)));
}

function textOf(item: StoredItem | undefined): string {
  const asText = (value: AttributeValue | undefined) => (value?.B ? Buffer.from(value.B).toString("base64") : value);
  return JSON.stringify(
    Object.keys(item ?? {})
      .sort()
      .map((name) => [name, asText(item?.[name])]),
  );
}

/** Instants of commits, within the versions of releases and the leftovers of HEAD. */
function withoutInstants(text: string): string {
  return text.replace(/committedAt\\":\\"[^"]*"/g, "").replace(/\\"at\\":\d+/g, "");
}

const readers = new WeakMap<TestPortal, DynamoDBClient>();

function readerOf(portal: TestPortal): DynamoDBClient {
  const reader = readers.get(portal) ?? portal.client();
  readers.set(portal, reader);
  return reader;
}
