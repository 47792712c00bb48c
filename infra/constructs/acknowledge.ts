import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Sets a rule of cdk-nag aside for one construct, with the reason that an auditor reads. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: rule, reason });
}

/** How findings of cdk-nag write an ARN: `arn:<AWS::Partition>:s3:::…`. */
export function arnInFindings(arn: string): string {
  return arn.replaceAll(/\$\{Token\[AWS[.:]+(\w+)\.\d+\]\}/g, "<AWS::$1>");
}
