import { describe, expect, test } from "vitest";
import { dumpShelf } from "../../../functions/dumps/environment.ts";
import { exporterSettings } from "../../../functions/exporter/environment.ts";
import { importerSettings } from "../../../functions/importer/environment.ts";
import { webhooksSettings } from "../../../functions/webhooks/environment.ts";
import { type Environment, environmentNamed, environments, type FunctionName } from "../../../infra/environments.ts";
import { grantsOf, namelessIn, templatesOf } from "../grants.ts";
import { functionIn, joined, type Resource, resourcesOf, synthesizedOnce } from "../synthesized.ts";

interface Expected {
  readonly stack: "api" | "publishing";
  /** Seconds. */
  readonly timeout: number;
  readonly properties?: object;
  /** What it is told beside what every function is, without what tells one environment from another. */
  readonly variables: (environment: Environment) => Readonly<Record<string, string>>;
  /** What it may do beside what every function may. */
  readonly may: readonly string[];
}

const secret = (stack: string, id: string) =>
  expect.stringMatching(new RegExp(`^arn:aws:secretsmanager:<region>:<account>:secret:<portal>-${stack}-${id}`));
const queue = (name: string) => `https://sqs/<account>/<portal>-${name}`;
const bucket = (name: string) => `<portal>-${name}-<account>-<region>`;

const ANSWERING = {
  CURSOR_KEYS_SECRET: secret("data", "CursorKeys"),
  ORIGIN_KEYS_SECRET: secret("api", "OriginKeys"),
  PARTNERS_TABLE: "<portal>-partners",
};
const INDEXED = ["byKind", "byName", "byParent", "byRegion"].map(
  (index) => `dynamodb:Query table/<portal>-catalogue/index/${index}`,
);
const READING = ["BatchGetItem", "GetItem"].map((action) => `dynamodb:${action} table/<portal>-catalogue`);
const KNOWING_CALLERS = [
  "dynamodb:GetItem table/<portal>-partners",
  "dynamodb:UpdateItem table/<portal>-partners",
  ...["api-OriginKeys", "data-CursorKeys"].map((id) => `secretsmanager:GetSecretValue secret:<portal>-${id}`),
];
const WRITING = ["BatchGetItem", "GetItem", "PutItem", "BatchWriteItem", "DeleteItem"];

const FUNCTIONS: Readonly<Record<FunctionName, Expected>> = {
  graphql: {
    stack: "api",
    timeout: 15,
    variables: (environment) => ({
      ...ANSWERING,
      HEAD_MAX_AGE_MS: `${environment.headMaxAgeMs}`,
      INTROSPECTION: `${environment.introspection}`,
      TRUSTED_DOCUMENTS_ONLY: `${environment.trustedDocumentsOnly}`,
    }),
    may: [
      ...READING,
      ...INDEXED,
      "dynamodb:Query table/<portal>-series",
      ...["byPlace", "bySubject", "byTopic"].map((index) => `dynamodb:Query table/<portal>-series/index/${index}`),
      ...KNOWING_CALLERS,
    ],
  },
  partner: {
    stack: "api",
    timeout: 15,
    variables: ({ headMaxAgeMs }) => ({
      ...ANSWERING,
      HEAD_MAX_AGE_MS: `${headMaxAgeMs}`,
      DUMP_BUCKET: bucket("dumps"),
      PORTAL_URL: expect.stringMatching(/^https:\/\/[\w.<>-]+\.cloudfront\.net$/),
    }),
    may: [
      ...READING,
      ...INDEXED,
      ...["byPlace", "bySubject"].map((index) => `dynamodb:Query table/<portal>-series/index/${index}`),
      `s3:GetObject ${bucket("dumps")}/dumps/*`,
      `s3:ListBucket ${bucket("dumps")}`,
      ...KNOWING_CALLERS,
    ],
  },
  importer: {
    stack: "publishing",
    timeout: 900,
    properties: { EphemeralStorage: { Size: 10_240 } },
    variables: () => ({
      UPLOAD_BUCKET: bucket("uploads"),
      DEAD_LETTER_QUEUE_URL: queue("uploads-dead-letters"),
      MAX_RECEIVES: "20",
      MAX_UPLOAD_BYTES: `${2 ** 30}`,
    }),
    may: [
      ...WRITING.flatMap((action) =>
        ["catalogue", "series"].map((table) => `dynamodb:${action} table/<portal>-${table}`),
      ),
      "dynamodb:Query table/<portal>-series",
      ...["catalogue/index/byParent", "catalogue/index/byRegion", "series/index/byPlace", "series/index/bySubject"].map(
        (index) => `dynamodb:Query table/<portal>-${index}`,
      ),
      `s3:GetObject ${bucket("uploads")}/*.zip`,
      `s3:GetObject ${bucket("uploads")}/*.zip.report.json`,
      `s3:PutObject ${bucket("uploads")}/*.zip.report.json`,
      `s3:ListBucket ${bucket("uploads")}`,
      "sqs:SendMessage <portal>-uploads-dead-letters",
      ...takesFrom("uploads"),
    ],
  },
  exporter: {
    stack: "publishing",
    timeout: 900,
    variables: () => ({ DUMP_BUCKET: bucket("dumps") }),
    may: [
      ...READING,
      "dynamodb:Query table/<portal>-catalogue/index/byRegion",
      "dynamodb:Query table/<portal>-series/index/byPlace",
      ...["GetObject", "PutObject", "AbortMultipartUpload"].map((action) => `s3:${action} ${bucket("dumps")}/dumps/*`),
      `s3:ListBucket ${bucket("dumps")}`,
    ],
  },
  webhooks: {
    stack: "publishing",
    timeout: 30,
    variables: () => ({
      PARTNERS_TABLE: "<portal>-partners",
      WEBHOOK_KEYS_SECRET: secret("data", "WebhookKeys"),
      WEBHOOK_QUEUE_URL: queue("webhooks"),
      DEAD_LETTER_QUEUE_URL: queue("webhooks-dead-letters"),
      PORTAL_URL: expect.stringMatching(/^https:\/\/[\w.<>-]+\.cloudfront\.net$/),
    }),
    may: [
      ...READING,
      "dynamodb:GetItem table/<portal>-partners",
      "dynamodb:PutItem table/<portal>-partners",
      "dynamodb:Query table/<portal>-partners/index/byListing",
      "secretsmanager:GetSecretValue secret:<portal>-data-WebhookKeys",
      "sqs:ChangeMessageVisibility <portal>-webhooks",
      "sqs:SendMessage <portal>-webhooks",
      "sqs:SendMessage <portal>-webhooks-dead-letters",
      ...takesFrom("webhooks"),
    ],
  },
};

function takesFrom(name: string): string[] {
  return ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((action) => `sqs:${action} <portal>-${name}`);
}

describe.for(Object.keys(environments))("the functions of %s", (name) => {
  const environment = environmentNamed(name);
  const { stacks } = synthesizedOnce(name);

  test("are all described here", () => {
    const deployed = Object.values(stacks).flatMap((stack) => resourcesOf(stack, "AWS::Lambda::Function"));
    const names = deployed.map(([, { Properties }]) => String(Properties.FunctionName));
    expect(names.sort()).toEqual(
      Object.keys(FUNCTIONS)
        .map((each) => `gazetteer-${name}-${each}`)
        .sort(),
    );
  });

  describe.for(Object.keys(FUNCTIONS) as FunctionName[])("%s", (called) => {
    const { stack, timeout, properties = {}, variables, may } = FUNCTIONS[called];
    const { memoryMb, reservedConcurrency, provisionedConcurrency } = environment.functions[called];
    const [id, { Properties }] = functionIn(stacks[stack], called);

    test("runs as every function runs, as large as the environment says", () => {
      expect(Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Handler: "handler.handler",
        MemorySize: memoryMb,
        Timeout: timeout,
        TracingConfig: { Mode: "Active" },
        LoggingConfig: { LogFormat: "JSON" },
        ...properties,
      });
      expect(Properties.ReservedConcurrentExecutions ?? null).toBe(reservedConcurrency);
      const { LogGroup } = Properties.LoggingConfig as { LogGroup: { Ref: string } };
      expect(stacks[stack]?.template.Resources[LogGroup.Ref]?.Properties.RetentionInDays).toBe(
        environment.logRetentionDays,
      );
    });

    test("is called as the version that is live, and every version stays", () => {
      const ofIt = (type: string) =>
        resourcesOf(stacks[stack], type).find(([, each]) => joined(each.Properties.FunctionName) === `<${id}>`);
      const [, alias] = ofIt("AWS::Lambda::Alias") as [string, Resource];
      expect(alias.Properties.Name).toBe("live");
      expect(alias.Properties.ProvisionedConcurrencyConfig).toEqual(
        provisionedConcurrency === 0 ? undefined : { ProvisionedConcurrentExecutions: provisionedConcurrency },
      );
      expect(ofIt("AWS::Lambda::Version")?.[1].DeletionPolicy).toBe("Retain");
    });

    test("is told what it needs, and nothing else", () => {
      expect(toldTo(environment, called)).toEqual({
        CATALOGUE_TABLE: "<portal>-catalogue",
        SERIES_TABLE: "<portal>-series",
        POWERTOOLS_SERVICE_NAME: called,
        POWERTOOLS_METRICS_NAMESPACE: `Gazetteer/${name}`,
        ...variables(environment),
      });
    });

    test("may do what it does, and nothing else", () => {
      const granted = grantsOf(environment)[`<portal>-${called}`]?.map((grant) =>
        grant.replace(/(secret:.*?Keys)Secret.*$/, "$1").replace(/ log-group:.*$/, " its log"),
      );
      expect(granted).toEqual(
        [
          ...may,
          "logs:CreateLogStream its log",
          "logs:PutLogEvents its log",
          "xray:PutTelemetryRecords *",
          "xray:PutTraceSegments *",
        ].sort(),
      );
    });
  });

  test("are told as they want to be told", () => {
    expect(importerSettings(toldTo(environment, "importer"))).toMatchObject({ maxReceives: 20, settleMs: 5000 });
    expect(exporterSettings(toldTo(environment, "exporter")).bucket).toBe(bucket("dumps"));
    expect(dumpShelf(toldTo(environment, "partner"))).toHaveProperty("dumps");
    expect(webhooksSettings(toldTo(environment, "webhooks"))).toMatchObject({ allowLocal: false });
  });
});

function toldTo(environment: Environment, called: FunctionName): Record<string, string> {
  const resource = templatesOf(environment)
    .resources("AWS::Lambda::Function")
    .find(({ ref }) => ref === `gazetteer-${environment.name}-${called}`);
  const variables = resource?.property("Environment", "Variables") as Readonly<Record<string, string>>;
  return Object.fromEntries(
    Object.entries(variables).map(([variable, value]) => [variable, namelessIn(environment, value)]),
  );
}
