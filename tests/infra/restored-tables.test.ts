import { BatchWriteItemCommand, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoDbClient } from "../../functions/dynamodb-client.ts";
import {
  type Environment,
  type EnvironmentSettings,
  environmentNamed,
  environments,
} from "../../infra/environments.ts";
import { type LocalDynamoDb, startDynamoDb } from "../../local/dynamodb.ts";
import { createTables, type TableNames } from "../../local/tables.ts";
import { Publisher } from "../../portal/releases/publish.ts";
import { chunks } from "../../portal/store/requests.ts";
import { Store } from "../../portal/store/store.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { functionOn } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";
import { type SynthesizedStack, synthesize, variablesOf } from "./synthesized.ts";

/** docs/operations.md, "Restore a table to a point in time", on the embedded engine: a copy stands for the restore. */

const PROD = environmentNamed("prod");

const RESTORED: EnvironmentSettings = {
  ...(environments.prod as EnvironmentSettings),
  existingTables: { catalogue: "gazetteer-prod-catalogue-restored", series: "gazetteer-prod-series-restored" },
};

/** What functions are told to use: the same tables for who reads and who publishes. */
function tablesOf(environment: Environment): TableNames {
  const { api, publishing } = synthesize(environment).stacks;
  const told = (stack: SynthesizedStack | undefined, name: string) =>
    variablesOf(stack, name) as Readonly<Record<string, string>>;
  const reader = told(api, "graphql");
  for (const [stack, name] of [
    [api, "partner"],
    [publishing, "importer"],
    [publishing, "exporter"],
    [publishing, "webhooks"],
  ] as const) {
    expect(told(stack, name)).toMatchObject({
      CATALOGUE_TABLE: reader.CATALOGUE_TABLE,
      SERIES_TABLE: reader.SERIES_TABLE,
    });
  }
  const { CATALOGUE_TABLE = "", SERIES_TABLE = "", PARTNERS_TABLE = "" } = reader;
  return { catalogue: CATALOGUE_TABLE, series: SERIES_TABLE, partners: PARTNERS_TABLE };
}

const QUERY = `{
  release { number }
  series(metric: "data-volume", subject: "region:ZZ") { observations { timePeriod value } }
  platforms { nodes { id } }
}`;

const secondRelease = madeUp({ "observations.csv": [observation("2024", "18")] }, "2024-06-01", "Another year");

describe("a table restored to a point in time", () => {
  let database: LocalDynamoDb;
  let client: DynamoDBClient;
  const before = tablesOf(PROD);
  const after = tablesOf(environmentNamed("prod", { prod: RESTORED }));

  beforeAll(async () => {
    database = await startDynamoDb();
    client = dynamoDbClient(database.clientConfig);
  });

  afterAll(async () => {
    client.destroy();
    await database.close();
  });

  const publish = (tables: TableNames, release: typeof firstRelease) =>
    new Publisher({ store: new Store({ client, tables }), owner: "test" }).publish(release);
  const answerOf = async (tables: TableNames) => (await functionOn({ client, tables })(QUERY)).data;

  test("is what everybody uses once it is named, and publishing goes on from there", async () => {
    await createTables(client, before);
    await publish(before, firstRelease);
    const wanted = await answerOf(before);
    await createTables(client, after);
    for (const table of ["catalogue", "series"] as const) await copy(client, before[table], after[table]);

    await publish(before, secondRelease);
    const lost = await answerOf(before);
    await destroyBehindThePortalsBack(client, before.series);
    expect(await answerOf(before)).not.toEqual(lost);

    expect(await answerOf(after)).toEqual(wanted);
    await publish(after, secondRelease);
    expect(await answerOf(after)).toEqual(lost);
  });

  test("stands beside the tables of the environment, which stay, and whose partners keep their keys", () => {
    expect(after).toEqual({ ...RESTORED.existingTables, partners: before.partners });
  });
});

async function copy(client: DynamoDBClient, from: string, to: string): Promise<void> {
  for await (const { Items = [] } of paginateScan({ client }, { TableName: from })) {
    for (const batch of chunks(Items, 25)) {
      const requests = batch.map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [to]: requests } }));
    }
  }
}

async function destroyBehindThePortalsBack(client: DynamoDBClient, table: string): Promise<void> {
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) {
    for (const batch of chunks(Items, 25)) {
      const requests = batch.map(({ metricGroup, subjectFrequency }) => ({
        DeleteRequest: { Key: { metricGroup, subjectFrequency } as Record<string, { S: string }> },
      }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    }
  }
}
