import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { resourceName, tableNameIn } from "../names.ts";
import type { TableName } from "../tables.ts";

/** Stacks name tables rather than refer to each other's, so that a table can be replaced by a restored one. */
export function tableArn(scope: Construct, environment: Environment, table: TableName): string {
  return Stack.of(scope).formatArn({
    service: "dynamodb",
    resource: "table",
    resourceName: tableNameIn(environment, table),
  });
}

/** Objects of a bucket: a pattern of their keys, like `dumps/*`. Without one, the bucket itself. */
export function bucketArn(scope: Construct, bucketName: string, objects?: string): string {
  const resource = objects === undefined ? bucketName : `${bucketName}/${objects}`;
  return Stack.of(scope).formatArn({ service: "s3", region: "", account: "", resource });
}

/** The topic that alarms go to. By name: the stacks that raise alarms are there before the one that watches them. */
export function alarmTopicArn(scope: Construct, environment: Environment): string {
  return Stack.of(scope).formatArn({ service: "sns", resource: resourceName(environment, "alarms") });
}
