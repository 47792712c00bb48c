import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Environment, FunctionName } from "../environments.ts";
import { metricNamespace, resourceName, tableNameIn } from "../names.ts";
import type { TableName } from "../tables.ts";

const PERIOD = Duration.minutes(5);

/** CloudFront and its firewall report to us-east-1 wherever they serve. */
const EDGE_REGION = "us-east-1";

/** What the dashboard shows, as CloudWatch knows it: sums over five minutes, unless said otherwise. */
export class DashboardMetrics {
  readonly #environment: Environment;
  readonly #apiId: string;
  readonly #distributionId: string;

  constructor(environment: Environment, ids: { readonly apiId: string; readonly distributionId: string }) {
    this.#environment = environment;
    this.#apiId = ids.apiId;
    this.#distributionId = ids.distributionId;
  }

  edge(metricName: string, label: string, statistic: string = Stats.SUM): Metric {
    const dimensions = { DistributionId: this.#distributionId, Region: "Global" };
    return metric("AWS/CloudFront", metricName, dimensions, label, statistic).with({ region: EDGE_REGION });
  }

  firewall(metricName: string, label: string): Metric {
    const dimensions = { WebACL: resourceName(this.#environment, "firewall"), Rule: "ALL" };
    return metric("AWS/WAFV2", metricName, dimensions, label).with({ region: EDGE_REGION });
  }

  api(metricName: string, label: string, statistic: string = Stats.SUM): Metric {
    return metric("AWS/ApiGateway", metricName, { ApiId: this.#apiId }, label, statistic);
  }

  function(name: FunctionName, metricName: string, label: string, statistic: string = Stats.SUM): Metric {
    return metric("AWS/Lambda", metricName, { FunctionName: resourceName(this.#environment, name) }, label, statistic);
  }

  /** What Lambda charges for: the time of a function, times its memory. */
  gigabyteSeconds(name: FunctionName): IMetric {
    const { memoryMb } = this.#environment.functions[name];
    return new MathExpression({
      expression: `${name} * ${memoryMb / 1024} / 1000`,
      usingMetrics: { [name]: this.function(name, "Duration", name) },
      label: name,
      period: PERIOD,
    });
  }

  table(table: TableName, metricName: string, label: string): Metric {
    return metric("AWS/DynamoDB", metricName, { TableName: tableNameIn(this.#environment, table) }, label);
  }

  queue(name: string, metricName: string, label: string): Metric {
    return metric("AWS/SQS", metricName, { QueueName: resourceName(this.#environment, name) }, label, Stats.MAXIMUM);
  }

  logBytes(logGroupName: string, label: string): Metric {
    return metric("AWS/Logs", "IncomingBytes", { LogGroupName: logGroupName }, label);
  }

  /** What a function says of itself: functions/http/metrics.ts. */
  reported(name: FunctionName, metricName: string, label: string, statistic: string = Stats.SUM): Metric {
    return metric(metricNamespace(this.#environment), metricName, { service: name }, label, statistic);
  }

  /** What is counted in logs. */
  counted(metricName: string, label: string): Metric {
    return metric(metricNamespace(this.#environment), metricName, {}, label);
  }
}

function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  label: string,
  statistic: string = Stats.SUM,
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, label, statistic, period: PERIOD });
}
