import { Duration } from "aws-cdk-lib";
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  PeriodOverride,
  Stats,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Environment, FunctionName } from "../environments.ts";
import { resourceName } from "../names.ts";
import { type TableName, tables } from "../tables.ts";
import { DashboardMetrics } from "./dashboard-metrics.ts";
import { UPLOAD_OUTCOMES } from "./upload-outcomes.ts";

export interface PortalDashboardProps {
  readonly environment: Environment;
  readonly apiId: string;
  readonly distributionId: string;
  /** Names of log groups, by what writes there. */
  readonly logs: Readonly<Record<string, string>>;
}

/** The functions that answer requests. */
const ANSWERING = ["graphql", "partner"] as const satisfies readonly FunctionName[];

/** One dashboard that answers three questions: are users served, is data fresh, what does it cost. */
export class PortalDashboard extends Construct {
  readonly #environment: Environment;
  readonly #metrics: DashboardMetrics;
  readonly #logs: PortalDashboardProps["logs"];

  constructor(scope: Construct, id: string, { environment, logs, ...ids }: PortalDashboardProps) {
    super(scope, id);
    this.#environment = environment;
    this.#metrics = new DashboardMetrics(environment, ids);
    this.#logs = logs;
    const dashboard = new Dashboard(this, "Dashboard", {
      dashboardName: resourceName(environment, "portal"),
      defaultInterval: Duration.hours(12),
      periodOverride: PeriodOverride.AUTO,
    });
    for (const [text, widgets] of [
      ["Are users served?", this.#served()],
      ["Is data fresh?", this.#fresh()],
      ["What does it cost?", this.#cost()],
    ] as const) {
      dashboard.addWidgets(new TextWidget({ markdown: `## ${text}`, width: 24, height: 1 }));
      dashboard.addWidgets(...widgets);
    }
  }

  #served(): IWidget[] {
    const of = this.#metrics;
    return [
      graph("Requests", [
        of.edge("Requests", "at the edge"),
        of.api("Count", "of these reached the API"),
        ...(this.#environment.firewall ? [of.firewall("BlockedRequests", "blocked by the firewall")] : []),
        ...ANSWERING.map((name) => of.reported(name, "Throttles", `over their plan, ${name}`)),
      ]),
      graph("Failed", [
        of.edge("5xxErrorRate", "server errors at the edge, %", Stats.AVERAGE),
        of.api("5xx", "server errors of the API"),
        ...ANSWERING.flatMap((name) => [
          of.function(name, "Errors", `crashes and time-outs, ${name}`),
          of.function(name, "Throttles", `for want of instances, ${name}`),
          of.reported(name, "Errors", `answers that lack something, ${name}`),
        ]),
      ]),
      graph("Waiting for an answer, ms", [
        of.api("Latency", "half of all", Stats.p(50)),
        of.api("Latency", "99 of 100", Stats.p(99)),
        ...ANSWERING.map((name) => of.function(name, "Duration", `99 of 100, in ${name}`, Stats.p(99))),
      ]),
    ];
  }

  #fresh(): IWidget[] {
    const of = this.#metrics;
    const headAge = new MathExpression({
      expression: "age / 86400",
      usingMetrics: { age: of.reported("graphql", "HeadAge", "age", Stats.MINIMUM) },
      label: "days since the last release",
      period: Duration.minutes(5),
    });
    return [
      graph("HEAD", [headAge]),
      graph("Uploads waiting", [
        of.queue("uploads", "ApproximateNumberOfMessagesVisible", "in the queue"),
        of.queue("uploads", "ApproximateNumberOfMessagesNotVisible", "taken up"),
        of.queue("uploads-dead-letters", "ApproximateNumberOfMessagesVisible", "dead letters"),
      ]),
      graph("Uploads dealt with", [
        ...UPLOAD_OUTCOMES.map((status) => of.counted(`uploads-${status.toLowerCase()}`, status.toLowerCase())),
        of.function("importer", "Errors", "crashes and time-outs"),
      ]),
      graph("Dumps", [
        of.function("exporter", "Duration", "the longest call, ms", Stats.MAXIMUM),
        of.function("exporter", "Errors", "crashes and time-outs"),
      ]),
      graph("Webhooks", [
        of.queue("webhooks", "ApproximateNumberOfMessagesVisible", "due"),
        of.queue("webhooks", "ApproximateNumberOfMessagesNotVisible", "under way, or to be tried again"),
        of.queue("webhooks-dead-letters", "ApproximateNumberOfMessagesVisible", "dead letters"),
        of.function("webhooks", "Errors", "crashes and time-outs"),
      ]),
    ];
  }

  #cost(): IWidget[] {
    const of = this.#metrics;
    const functions = Object.keys(this.#environment.functions) as FunctionName[];
    const units = (metricName: string, what: string) =>
      (Object.keys(tables) as TableName[]).map((table) => of.table(table, metricName, `${table}, ${what}`));
    return [
      graph("Requests that are charged", [
        of.edge("Requests", "CloudFront"),
        of.api("Count", "API Gateway"),
        ...functions.map((name) => of.function(name, "Invocations", `Lambda, ${name}`)),
        ...ANSWERING.map((name) => of.reported(name, "CacheHits", `answered from the cache of ${name}`)),
      ]),
      graph(
        "Functions, GB-seconds",
        functions.map((name) => of.gigabyteSeconds(name)),
      ),
      graph("DynamoDB units", [
        ...units("ConsumedReadCapacityUnits", "read"),
        ...units("ConsumedWriteCapacityUnits", "written"),
      ]),
      graph("Bytes to clients", [of.edge("BytesDownloaded", "bytes")]),
      graph(
        "Bytes of logs",
        Object.entries(this.#logs).map(([what, logGroup]) => of.logBytes(logGroup, what)),
      ),
    ];
  }
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8, height: 6, liveData: true });
}
