import { Duration } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { acknowledge } from "./acknowledge.ts";
import { removalPolicyOf } from "./removal-policy.ts";

/** Where CloudFront writes its access logs. */
export class EdgeLogs extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const bucket = new Bucket(this, "Bucket", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // CloudFront's log delivery writes with an access control list.
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
      lifecycleRules: [{ expiration: Duration.days(environment.edgeLogRetentionDays ?? 0) }],
      removalPolicy: removalPolicyOf(environment),
    });
    acknowledge(bucket, "AwsSolutions-S1", "It holds access logs; a log of its own reads would have to go elsewhere.");
    // Under exactOptionalPropertyTypes the CDK's classes do not fit its own interfaces.
    this.bucket = bucket as IBucket;
  }
}
