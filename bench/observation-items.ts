import { CreateTableCommand, type DynamoDBClient, type KeySchemaElement } from "@aws-sdk/client-dynamodb";
import { type SeriesKey, seriesId } from "../portal/identifiers.ts";
import type { Claim } from "../portal/series/claims.ts";
import { formatTimePeriod } from "../portal/series/time-period.ts";
import type { CallScope } from "../portal/store/calls.ts";
import { type Item, numberOf, textOf } from "../portal/store/requests.ts";
import type { Store } from "../portal/store/store.ts";

/**
 * The design that tutorials teach, to measure beside ours: one item per observation, the series as partition key, the
 * time period as sort key. It keeps the latest value only, neither revisions nor rival sources.
 */
export const OBSERVATION_TABLE = "observations";

/** What profiles and panels need of that design: all of a subject, and all of a metric in a period. */
export const OBSERVATION_INDEXES = {
  bySubject: { partition: "subject", sort: "metricPeriod" },
  byMetric: { partition: "metricPeriod", sort: "subject" },
} as const;

/** What its reader gets. */
export interface PlainObservation {
  readonly period: string;
  readonly value: string | null;
  readonly status: string;
  readonly source: string;
  readonly publishedOn: string;
  readonly release: number;
  readonly note: string;
}

/** @param indexed with the indexes; reading one series needs none. */
export async function createObservationTable(client: DynamoDBClient, indexed = false): Promise<void> {
  const indexes = indexed ? Object.entries(OBSERVATION_INDEXES) : [];
  const attributes = ["series", "period", ...(indexed ? ["subject", "metricPeriod"] : [])];
  await client.send(
    new CreateTableCommand({
      TableName: OBSERVATION_TABLE,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: attributes.map((name) => ({ AttributeName: name, AttributeType: "S" })),
      KeySchema: keySchema("series", "period"),
      ...(indexed && {
        GlobalSecondaryIndexes: indexes.map(([name, { partition, sort }]) => ({
          IndexName: name,
          KeySchema: keySchema(partition, sort),
          Projection: { ProjectionType: "ALL" },
        })),
      }),
    }),
  );
}

function keySchema(partition: string, sort: string): KeySchemaElement[] {
  return [
    { AttributeName: partition, KeyType: "HASH" },
    { AttributeName: sort, KeyType: "RANGE" },
  ];
}

export function observationItem(key: SeriesKey, claim: Claim): Item {
  return {
    series: { S: seriesId(key) },
    period: { S: formatTimePeriod({ frequency: key.frequency, index: claim.period }) },
    value: { N: claim.value ?? "0" },
    status: { S: claim.status ?? "" },
    source: { S: claim.source },
    publishedOn: { S: claim.publishedOn },
    release: { N: String(claim.release) },
    note: { S: claim.note },
  };
}

/** All observations of a series: one Query per megabyte. */
export async function readObservationItems(
  store: Store,
  key: SeriesKey,
  scope: CallScope,
): Promise<PlainObservation[]> {
  const partition = { attribute: "series", value: seriesId(key) };
  const items = await store.queryAll({ table: OBSERVATION_TABLE, partition }, scope);
  return items.map((item) => ({
    period: textOf(item, "period") ?? "",
    value: item.value?.N ?? null,
    status: textOf(item, "status") ?? "",
    source: textOf(item, "source") ?? "",
    publishedOn: textOf(item, "publishedOn") ?? "",
    release: numberOf(item, "release") ?? 0,
    note: textOf(item, "note") ?? "",
  }));
}
