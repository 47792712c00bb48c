import { Duration } from "aws-cdk-lib";
import { MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Operation } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { tableNameIn } from "../names.ts";
import type { TableName } from "../tables.ts";
import { PortalAlarm } from "./portal-alarm.ts";

export interface TableAlarmsProps {
  readonly environment: Environment;
  readonly table: TableName;
  /** What is done to the table. */
  readonly operations: readonly Operation[];
  /** What breaks for whom when the table does not answer, as a sentence. */
  readonly impact: string;
}

const PERIOD = Duration.minutes(1);

/** The two ways in which DynamoDB does not do what it is asked. Readers are told UNAVAILABLE, which is no server error. */
export class TableAlarms extends Construct {
  constructor(scope: Construct, id: string, props: TableAlarmsProps) {
    super(scope, id);
    const { environment, table, impact } = props;
    new PortalAlarm(this, "Throttled", {
      environment,
      name: `${table}-throttled`,
      metric: overOperations("ThrottledRequests", props),
      above: 0,
      periods: [3, 5],
      meaning: `DynamoDB throttles requests to the ${table} table.`,
      impact,
    });
    new PortalAlarm(this, "Failing", {
      environment,
      name: `${table}-failing`,
      metric: overOperations("SystemErrors", props),
      above: 0,
      periods: [3, 5],
      meaning: `DynamoDB answers requests to the ${table} table with errors of its own.`,
      impact,
    });
  }
}

/**
 * The sum over all operations. DynamoDB reports an operation only in minutes in which it failed, and the CDK's own sum has
 * no value in a minute in which one of its terms has none: it would ring only when all operations fail at once.
 */
function overOperations(metricName: string, { environment, table, operations }: TableAlarmsProps): MathExpression {
  const ids = operations.map((operation) => operation.toLowerCase());
  const metrics = operations.map((Operation) => {
    const dimensionsMap = { TableName: tableNameIn(environment, table), Operation };
    return new Metric({ namespace: "AWS/DynamoDB", metricName, dimensionsMap, period: PERIOD, statistic: Stats.SUM });
  });
  return new MathExpression({
    label: `${metricName} of all operations`,
    expression: ids.map((id) => `FILL(${id}, 0)`).join(" + "),
    usingMetrics: Object.fromEntries(ids.map((id, index) => [id, metrics[index] as Metric])),
    period: PERIOD,
  });
}
