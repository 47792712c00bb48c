import { Duration } from "aws-cdk-lib";
import { MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { metricNamespace } from "../names.ts";
import { PortalAlarm } from "./portal-alarm.ts";

/** A minute with fewer requests than this says nothing about the share of them that failed. */
const TELLING_REQUESTS = 20;

/** The functions that answer requests. */
type Answering = "graphql" | "partner";

/** What functions themselves say of the requests that they answered: functions/http/metrics.ts. */
export class ServiceAlarms extends Construct {
  readonly #environment: Environment;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    this.#environment = environment;
    this.#watchAnswers("graphql", {
      id: "Unserved",
      name: "requests-unserved",
      impact: "Client apps show errors in place of data.",
    });
    this.#watchAnswers("partner", {
      id: "PartnerUnserved",
      name: "partner-requests-unserved",
      impact: "Partners have to ask again, and mirrors fall behind.",
    });
    this.#watchCharging();
    if (environment.releaseExpectedWithinDays !== null) this.#watchHead(environment.releaseExpectedWithinDays);
  }

  #watchAnswers(by: Answering, { id, name, impact }: { id: string; name: string; impact: string }): void {
    const period = Duration.minutes(1);
    new PortalAlarm(this, id, {
      ...{ environment: this.#environment, name, impact },
      metric: new MathExpression({
        label: "answers that lack something, % of requests",
        expression: `IF(requests >= ${TELLING_REQUESTS}, 100 * failed / requests, 0)`,
        usingMetrics: { failed: this.#metric(by, "Errors", period), requests: this.#metric(by, "Requests", period) },
        period,
      }),
      above: 1,
      periods: [3, 5],
      meaning: "More than 1 % of the answers lack something, because the store did not answer or because of a bug.",
    });
  }

  #watchCharging(): void {
    const period = Duration.minutes(1);
    new PortalAlarm(this, "Unmetered", {
      environment: this.#environment,
      name: "partners-unmetered",
      metric: new MathExpression({
        label: "requests charged to nobody",
        expression: "FILL(graphql, 0) + FILL(partner, 0)",
        usingMetrics: {
          graphql: this.#metric("graphql", "BucketFailures", period),
          partner: this.#metric("partner", "BucketFailures", period),
        },
        period,
      }),
      above: 0,
      periods: [3, 5],
      meaning: "The partners table does not answer, so requests are served and charged to nobody.",
      impact: "No partner is held to a plan: one who asks too much slows down everybody else.",
    });
  }

  #watchHead(days: number): void {
    new PortalAlarm(this, "Overdue", {
      environment: this.#environment,
      name: "release-overdue",
      metric: this.#metric("graphql", "HeadAge", Duration.hours(1), Stats.MINIMUM),
      above: Duration.days(days).toSeconds(),
      periods: [1, 1],
      meaning: `Nothing has been published for ${days} days.`,
      impact: "Everybody is served, with data that grows old.",
    });
  }

  #metric(service: Answering, metricName: string, period: Duration, statistic: string = Stats.SUM): Metric {
    return new Metric({
      namespace: metricNamespace(this.#environment),
      metricName,
      dimensionsMap: { service },
      period,
      statistic,
    });
  }
}
