import { FilterPattern, type LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { metricNamespace } from "../names.ts";

/** How the importer's log line about an upload says that it is over, as far as somebody wants to see it counted. */
export const UPLOAD_OUTCOMES = ["PUBLISHED", "UNCHANGED", "REJECTED"] as const;

/** Counts what became of uploads: `uploads-published`, and so on. */
export class UploadOutcomes extends Construct {
  constructor(scope: Construct, id: string, environment: Environment, logGroup: LogGroup) {
    super(scope, id);
    for (const status of UPLOAD_OUTCOMES) {
      new MetricFilter(this, status, {
        logGroup,
        filterPattern: FilterPattern.stringValue("$.status", "=", status),
        metricNamespace: metricNamespace(environment),
        metricName: `uploads-${status.toLowerCase()}`,
      });
    }
  }
}
