import { Duration } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { bucketNameIn } from "../names.ts";
import { acknowledge } from "./acknowledge.ts";
import { PRIVATE_BUCKET } from "./private-bucket.ts";
import { removalPolicyOf } from "./removal-policy.ts";

/** The objects that are dumps: portal/export/manifest.ts. */
export const DUMPS = "dumps/*";

/** Where the exporter writes dumps. None ever expires: a release is cited by its dump for years. */
export class Dumps extends Construct {
  readonly bucketName: string;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    this.bucketName = bucketNameIn(environment, "dumps");
    const bucket = new Bucket(this, "Bucket", {
      ...PRIVATE_BUCKET,
      bucketName: this.bucketName,
      // Not versioned: a dump is written once, and can be written again from the tables.
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: removalPolicyOf(environment),
    });
    acknowledge(
      bucket,
      "AwsSolutions-S1",
      "What is in it is published for everybody; who was given a link, and when, stands in the log of the function that signed it.",
    );
  }
}
