import { describe, expect, test } from "vitest";
import { environmentNamed, environments } from "../../../infra/environments.ts";
import {
  functionIn,
  joined,
  onlyResource,
  type Resource,
  removalOf,
  resourcesOf,
  synthesizedOnce,
} from "../synthesized.ts";

describe.for(Object.keys(environments))("the publishing stack of %s", (name) => {
  const environment = environmentNamed(name);
  const { publishing } = synthesizedOnce(name).stacks;
  const queues = resourcesOf(publishing, "AWS::SQS::Queue");
  const queueOf = (part: string) =>
    queues.find(([, { Properties }]) => Properties.QueueName === `gazetteer-${name}-${part}`) as [string, Resource];
  const bucket = onlyResource(publishing, "AWS::S3::Bucket");
  const bucketName = `gazetteer-${name}-uploads-<AWS::AccountId>-${environment.region}`;

  test("has a bucket for releases that nobody outside reads, in clear or at all", () => {
    expect(joined(bucket.Properties.BucketName)).toBe(bucketName);
    expect(bucketName.replace("<AWS::AccountId>", "123456789012").length).toBeLessThanOrEqual(63);
    expect(bucket.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    const { PolicyDocument } = onlyResource(publishing, "AWS::S3::BucketPolicy").Properties;
    expect(PolicyDocument).toMatchObject({
      Statement: [
        { Effect: "Deny", Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
        { Effect: "Deny", Action: "s3:*", Condition: { NumericLessThan: { "s3:TlsVersion": 1.2 } } },
      ],
    });
  });

  test("keeps what was dropped, and what it replaced for as long as a table can be restored", () => {
    expect(bucket).toMatchObject(removalOf(environment));
    const days = environment.pointInTimeRecoveryDays;
    expect(bucket.Properties.VersioningConfiguration).toEqual(days > 0 ? { Status: "Enabled" } : undefined);
    expect(bucket.Properties.LifecycleConfiguration).toEqual({
      Rules: [
        {
          Status: "Enabled",
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          ...(days > 0 ? { NoncurrentVersionExpiration: { NoncurrentDays: days } } : {}),
        },
      ],
    });
    expect(publishing?.terminationProtection).toBe(environment.deletionProtection);
  });

  test("has S3 tell the queue of every .zip, which nobody else may", () => {
    const [queueId] = queueOf("uploads");
    expect(bucket.Properties.NotificationConfiguration).toEqual({
      QueueConfigurations: [
        {
          Event: "s3:ObjectCreated:*",
          Queue: { "Fn::GetAtt": [queueId, "Arn"] },
          Filter: { S3Key: { Rules: [{ Name: "suffix", Value: ".zip" }] } },
        },
      ],
    });
    const policies = resourcesOf(publishing, "AWS::SQS::QueuePolicy");
    const [policyId, policy] =
      policies.find(([, { Properties }]) => JSON.stringify(Properties.Queues).includes(queueId)) ?? [];
    const { Statement } = (policy as Resource).Properties.PolicyDocument as { Statement: Record<string, unknown>[] };
    const [allowed, ...more] = Statement.filter(({ Effect }) => Effect === "Allow");
    expect(more).toEqual([]);
    expect(allowed).toMatchObject({
      Action: "sqs:SendMessage",
      Principal: { Service: "s3.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
    });
    const { ArnEquals } = (allowed as { Condition: { ArnEquals: Record<string, unknown> } }).Condition;
    expect(joined(ArnEquals["aws:SourceArn"])).toBe(`arn:aws:s3:::${bucketName}`);
    // S3 tries the queue when it is told of it.
    expect((bucket as { DependsOn?: unknown }).DependsOn).toContain(policyId);
  });

  test.for([
    ["uploads", 960],
    ["webhooks", 180],
  ] as const)(
    "keeps messages of %s encrypted and over TLS, out of sight for %i s, and gives up after twenty times",
    ([called, outOfSight]) => {
      const [, queue] = queueOf(called);
      const [deadLetters, dead] = queueOf(`${called}-dead-letters`);
      for (const { Properties } of [queue, dead]) {
        expect(Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 });
      }
      expect(queue.Properties).toMatchObject({
        VisibilityTimeout: outOfSight,
        RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": [deadLetters, "Arn"] }, maxReceiveCount: 20 },
      });
      const denied = resourcesOf(publishing, "AWS::SQS::QueuePolicy").map(
        ([, { Properties }]) => Properties.PolicyDocument,
      );
      expect(denied).toHaveLength(queues.length);
      for (const document of denied) {
        expect(document).toMatchObject({
          Statement: expect.arrayContaining([
            expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
          ]),
        });
      }
    },
  );

  test.for([
    ["importer", "uploads", 1],
    ["webhooks", "webhooks", 10],
  ] as const)(
    "runs the %s for messages of the queue %s, %i at a time, each answered for by itself",
    ([called, queue, batch]) => {
      const [id] = functionIn(publishing, called);
      const alias = aliasOf(id);
      const mapping = resourcesOf(publishing, "AWS::Lambda::EventSourceMapping")
        .map(([, { Properties }]) => Properties)
        .find(({ FunctionName }) => joined(FunctionName).includes(`"${alias}"`));
      // The name of the function out of the alias's ARN, and the alias.
      expect(joined(mapping?.FunctionName)).toBe(`{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${alias}"}]}]}:live`);
      expect(mapping).toMatchObject({
        EventSourceArn: { "Fn::GetAtt": [queueOf(queue)[0], "Arn"] },
        BatchSize: batch,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ScalingConfig: { MaximumConcurrency: 2 },
      });
    },
  );

  test.for([
    ["exporter", "rate(5 minutes)", 300],
    ["webhooks", "rate(1 minute)", 60],
  ] as const)("has EventBridge call the %s at a %s, and not again when a call fails", ([called, rate, seconds]) => {
    const [id] = functionIn(publishing, called);
    const alias = aliasOf(id);
    const rules = resourcesOf(publishing, "AWS::Events::Rule");
    const [ruleId, rule] = rules.find(([, { Properties }]) => joined(Properties.Name).endsWith(`-${called}`)) as [
      string,
      Resource,
    ];
    expect(rule.Properties).toMatchObject({ ScheduleExpression: rate, State: "ENABLED" });
    expect(rule.Properties.Targets).toEqual([
      {
        Arn: { Ref: alias },
        Id: "Target0",
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: seconds },
      },
    ]);
    const [, invocation] = resourcesOf(publishing, "AWS::Lambda::EventInvokeConfig").find(([, { Properties }]) =>
      // The alias out of its ARN.
      joined(Properties.Qualifier).includes(`"${alias}"`),
    ) as [string, Resource];
    expect(invocation.Properties).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: seconds,
    });
    const permitted = resourcesOf(publishing, "AWS::Lambda::Permission").map(([, { Properties }]) => Properties);
    expect(permitted).toContainEqual({
      Action: "lambda:InvokeFunction",
      FunctionName: { Ref: alias },
      Principal: "events.amazonaws.com",
      SourceArn: { "Fn::GetAtt": [ruleId, "Arn"] },
    });
  });

  function aliasOf(functionId: string): string {
    const aliases = resourcesOf(publishing, "AWS::Lambda::Alias");
    return aliases.find(([, { Properties }]) => joined(Properties.FunctionName) === `<${functionId}>`)?.[0] ?? "";
  }
});
