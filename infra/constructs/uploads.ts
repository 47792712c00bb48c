import { Aws, Duration } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Bucket, type CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { bucketNameIn } from "../names.ts";
import { acknowledge } from "./acknowledge.ts";
import { bucketArn } from "./arns.ts";
import { Messages } from "./messages.ts";
import { PRIVATE_BUCKET } from "./private-bucket.ts";
import { removalPolicyOf } from "./removal-policy.ts";

/** What is published, by the end of its name, as S3 notifies of it. */
export const RELEASE_SUFFIX = ".zip";
/** What the importer writes beside a release. */
export const REPORT_SUFFIX = ".zip.report.json";

/** How often a release is taken up before it is given up: five hours of waiting for others, or of failing. */
export const MAX_RECEIVES = 20;

/** Lambda gives an invocation 15 minutes; a message that is taken has to stay out of sight for longer. */
const OUT_OF_SIGHT = Duration.seconds(960);

/** Where releases are dropped, the queue that S3 tells of each, and where messages go that no attempt will help. */
export class Uploads extends Messages {
  readonly bucketName: string;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id, {
      environment,
      name: "uploads",
      outOfSight: OUT_OF_SIGHT,
      maxReceives: MAX_RECEIVES,
      waitsAtMost: Duration.hours(1),
      givenUp: "A release was refused, or was given up after the last attempt.",
      late: "A release has been waiting for more than an hour to be published.",
      impact:
        "Releases that agencies dropped are not published; readers keep seeing the release before, whole and unchanged.",
    });
    // By name, as the bucket's ARN cannot stand in the policy of a queue that has to be there before the bucket is.
    this.bucketName = bucketNameIn(environment, "uploads");
    this.#notify(this.#makeBucket(environment));
  }

  #makeBucket(environment: Environment): Bucket {
    const days = environment.pointInTimeRecoveryDays;
    const bucket = new Bucket(this, "Bucket", {
      ...PRIVATE_BUCKET,
      bucketName: this.bucketName,
      // What was overwritten or deleted can be had back for as long as a table can be restored.
      versioned: days > 0,
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          ...(days > 0 ? { noncurrentVersionExpiration: Duration.days(days) } : {}),
        },
      ],
      removalPolicy: removalPolicyOf(environment),
    });
    acknowledge(
      bucket,
      "AwsSolutions-S1",
      "S3's notification of each upload says who put it there and from where; the importer's log keeps that with what became of it, and nobody else reads here.",
    );
    return bucket;
  }

  /**
   * In the bucket's own properties: `addEventNotification` of the CDK would bring a function of its own, with rights
   * over every bucket, to say this. S3 tries the queue when it is told of it, so the policy has to be there first.
   */
  #notify(bucket: Bucket): void {
    const sent = this.queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("s3.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [this.queue.queueArn],
        conditions: {
          ArnEquals: { "aws:SourceArn": bucketArn(this, this.bucketName) },
          StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID },
        },
      }),
    );
    const resource = bucket.node.defaultChild as CfnBucket;
    resource.notificationConfiguration = {
      queueConfigurations: [
        {
          event: "s3:ObjectCreated:*",
          queue: this.queue.queueArn,
          filter: { s3Key: { rules: [{ name: "suffix", value: RELEASE_SUFFIX }] } },
        },
      ],
    };
    if (sent.policyDependable) resource.node.addDependency(sent.policyDependable);
  }
}
