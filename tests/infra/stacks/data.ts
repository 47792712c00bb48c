import { describe, expect, test } from "vitest";
import { type EnvironmentSettings, environmentNamed, environments } from "../../../infra/environments.ts";
import { type TableDefinition, tables } from "../../../infra/tables.ts";
import {
  joined,
  onlyResource,
  type Resource,
  removalOf,
  resourcesOf,
  synthesize,
  synthesizedOnce,
} from "../synthesized.ts";

const GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable";

interface TableProperties {
  readonly TableName: string;
  readonly KeySchema: KeyElement[];
  readonly AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: { IndexName: string; KeySchema: KeyElement[]; Projection: unknown }[];
  readonly TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean };
  readonly Replicas: {
    Region: string;
    DeletionProtectionEnabled?: boolean;
    PointInTimeRecoverySpecification: unknown;
  }[];
}

interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

const propertiesOf = ({ Properties }: Resource) => Properties as unknown as TableProperties;

/** A table of a template in the form of `infra/tables.ts`. */
function definitionOf({ KeySchema, GlobalSecondaryIndexes = [], ...more }: TableProperties): TableDefinition {
  const key = (schema: KeyElement[]) => {
    const named = (type: string) => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
    const sort = named("RANGE");
    return { partition: named("HASH") ?? "", ...(sort === undefined ? {} : { sort }) };
  };
  const indexes = GlobalSecondaryIndexes.map(({ IndexName, KeySchema: schema }) => [IndexName, key(schema)]);
  const timeToLive = more.TimeToLiveSpecification?.AttributeName;
  return {
    key: key(KeySchema),
    indexes: Object.fromEntries(indexes),
    ...(timeToLive === undefined ? {} : { timeToLive }),
  };
}

describe.for(Object.keys(environments))("the data stack of %s", (name) => {
  const environment = environmentNamed(name);
  const { data } = synthesizedOnce(name).stacks;
  const found = resourcesOf(data, GLOBAL_TABLE).map(([, resource]) => resource);

  test("has the tables of infra/tables.ts: every key, every index, every expiry", () => {
    const byName = found.map((table) => [propertiesOf(table).TableName, definitionOf(propertiesOf(table))]);
    expect(Object.fromEntries(byName)).toEqual(
      Object.fromEntries(
        Object.entries(tables).map(([table, definition]) => [`gazetteer-${name}-${table}`, definition]),
      ),
    );
  });

  test("declares the attributes of the keys, as text, and no others; every index has the whole item", () => {
    for (const { KeySchema, GlobalSecondaryIndexes = [], AttributeDefinitions } of found.map(propertiesOf)) {
      const schemas = [KeySchema, ...GlobalSecondaryIndexes.map((index) => index.KeySchema)].flat();
      const keys = new Set(schemas.map(({ AttributeName }) => AttributeName));
      expect(new Map(AttributeDefinitions.map((a) => [a.AttributeName, a.AttributeType]))).toEqual(
        new Map([...keys].map((key) => [key, "S"])),
      );
      for (const { Projection } of GlobalSecondaryIndexes) expect(Projection).toEqual({ ProjectionType: "ALL" });
    }
  });

  test("keeps, copies and protects tables as the environment says", () => {
    const { pointInTimeRecoveryDays: days, deletionProtection, region, replicaRegions } = environment;
    for (const table of found) {
      const { Replicas, ...properties } = propertiesOf(table);
      expect(table).toMatchObject(removalOf(environment));
      expect(properties).toMatchObject({
        BillingMode: "PAY_PER_REQUEST",
        SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
      });
      expect(Replicas.map(({ Region }) => Region).sort()).toEqual([region, ...replicaRegions].sort());
      for (const replica of Replicas) {
        expect(replica.DeletionProtectionEnabled ?? false).toBe(deletionProtection);
        expect(replica.PointInTimeRecoverySpecification).toEqual(
          days === 0
            ? { PointInTimeRecoveryEnabled: false }
            : { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: days },
        );
      }
    }
    expect(data?.terminationProtection).toBe(deletionProtection);
  });

  test.for(["CursorKeys", "WebhookKeys"])("has the %s made in Secrets Manager, where nobody sees them", (id) => {
    const secrets = resourcesOf(data, "AWS::SecretsManager::Secret");
    const secret = secrets.find(([logicalId]) => logicalId.startsWith(id))?.[1] as Resource;
    expect(secret.Properties).toMatchObject({
      GenerateSecretString: {
        SecretStringTemplate: '{"seals":"k1"}',
        GenerateStringKey: "k1",
        PasswordLength: 43,
        ExcludePunctuation: true,
      },
      ...(environment.replicaRegions.length === 0
        ? {}
        : { ReplicaRegions: environment.replicaRegions.map((Region) => ({ Region })) }),
    });
    expect(secret.Properties).not.toHaveProperty("SecretString");
    expect(secret).toMatchObject(removalOf(environment));
  });
});

describe.for(Object.keys(environments))("the dumps of %s", (name) => {
  const environment = environmentNamed(name);
  const bucket = onlyResource(synthesizedOnce(name).stacks.data, "AWS::S3::Bucket");

  test("lie in a bucket that nobody outside reads, and stay", () => {
    expect(bucket).toMatchObject(removalOf(environment));
    expect(joined(bucket.Properties.BucketName)).toBe(`gazetteer-${name}-dumps-<AWS::AccountId>-${environment.region}`);
    expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    // What was begun and not finished goes; what was finished does not.
    expect(bucket.Properties.LifecycleConfiguration).toEqual({
      Rules: [{ Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
    });
  });
});

test("a table that functions no longer use stays", () => {
  const restored: EnvironmentSettings = {
    ...(environments.prod as EnvironmentSettings),
    existingTables: { series: "gazetteer-prod-series-restored" },
  };
  const { data } = synthesize(environmentNamed("prod", { prod: restored })).stacks;
  const names = resourcesOf(data, GLOBAL_TABLE).map(([, table]) => propertiesOf(table).TableName);
  expect(names).toEqual(Object.keys(tables).map((table) => `gazetteer-prod-${table}`));
});
