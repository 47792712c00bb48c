import { Duration } from "aws-cdk-lib";
import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, type LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { metricNamespace } from "../names.ts";
import { PortalAlarm, type PortalAlarmProps } from "./portal-alarm.ts";

export interface FunctionAlarmsProps {
  readonly environment: Environment;
  readonly name: string;
  readonly alias: Alias;
  readonly logGroup: LogGroup;
  readonly errorImpact: string;
  readonly pace: Pace;
  readonly timeout: Duration;
  readonly slowAfter: Duration;
}

/**
 * How often a function is called: what is often called fails for many within minutes, what rarely is comes again. One
 * that runs alone is turned away while it runs, which is as it should be.
 */
export type Pace = "all the time" | "now and then" | "alone";

interface Window {
  readonly period: Duration;
  readonly periods: readonly [breaching: number, of: number];
}

const RARELY = {
  failing: { period: Duration.minutes(15), periods: [2, 4] },
  slow: { period: Duration.minutes(15), periods: [2, 4] },
} as const;

/** How long something has to go on before somebody is told. */
const WINDOWS: Readonly<Record<Pace, { readonly failing: Window; readonly slow: Window }>> = {
  "all the time": {
    failing: { period: Duration.minutes(1), periods: [2, 3] },
    slow: { period: Duration.minutes(5), periods: [3, 3] },
  },
  "now and then": RARELY,
  alone: RARELY,
};

/** What every function is watched for. The first two mean that a new version is bad. */
export class FunctionAlarms extends Construct {
  readonly errors: PortalAlarm;
  readonly loggedErrors: PortalAlarm;
  readonly #props: FunctionAlarmsProps;

  constructor(scope: Construct, id: string, props: FunctionAlarmsProps) {
    super(scope, id);
    this.#props = props;
    const { environment, name, alias, logGroup, pace, slowAfter, timeout } = props;
    const { failing, slow } = WINDOWS[pace];
    const counted = { period: failing.period, statistic: Stats.SUM };
    const logged = new MetricFilter(this, "ErrorLines", {
      logGroup,
      filterPattern: FilterPattern.stringValue("$.level", "=", "ERROR"),
      metricNamespace: metricNamespace(environment),
      metricName: `${name}-error-lines`,
    });

    this.errors = this.#alarm("Errors", props, {
      name: `${name}-errors`,
      metric: alias.metricErrors(counted),
      above: 0,
      periods: failing.periods,
      meaning: "The function crashed, ran out of memory or timed out.",
    });
    this.loggedErrors = this.#alarm("LoggedErrors", props, {
      name: `${name}-logged-errors`,
      metric: logged.metric(counted),
      above: 0,
      periods: failing.periods,
      meaning: "The function met errors that nobody foresaw; its log has them.",
    });
    this.#alarm("Slow", props, {
      name: `${name}-slow`,
      metric: alias.metricDuration({ period: slow.period, statistic: Stats.p(99) }),
      above: slowAfter.toMilliseconds(),
      periods: slow.periods,
      meaning: `One call in a hundred takes the function longer than ${slowAfter.toSeconds()} s; at ${timeout.toSeconds()} s it is cut off.`,
    });
    if (pace === "alone") return;
    this.#alarm("Throttled", props, {
      name: `${name}-throttled`,
      metric: alias.metricThrottles(counted),
      above: 0,
      periods: failing.periods,
      meaning: "Lambda turned calls away: the function has as many instances as it may have.",
    });
  }

  /** Nothing else tells of a schedule that does not ring: no call, no error. */
  watchCalls(period: Duration): void {
    const { name, alias } = this.#props;
    this.#alarm("NotCalled", this.#props, {
      name: `${name}-not-called`,
      metric: alias.metricInvocations({ period, statistic: Stats.SUM }),
      above: "silent",
      periods: [1, 1],
      meaning: `The function was not called for ${period.toMinutes()} minutes, though its schedule should have.`,
    });
  }

  #alarm(
    id: string,
    { environment, errorImpact }: FunctionAlarmsProps,
    props: Omit<PortalAlarmProps, "environment" | "impact">,
  ): PortalAlarm {
    return new PortalAlarm(this, id, { environment, impact: `When it fails: ${errorImpact}`, ...props });
  }
}
