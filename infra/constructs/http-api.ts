import { Duration } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { CorsHttpMethod, HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { type IMetric, MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { ALLOWED_HEADERS, EXPOSED_HEADERS, PREFLIGHT_MAX_AGE_SECONDS } from "../cors.ts";
import type { Environment } from "../environments.ts";
import { metricNamespace, resourceName } from "../names.ts";
import { acknowledge } from "./acknowledge.ts";
import { PortalAlarm } from "./portal-alarm.ts";
import type { PortalFunction } from "./portal-function.ts";
import { removalPolicyOf } from "./removal-policy.ts";

export interface PortalHttpApiProps {
  readonly environment: Environment;
  /** Functions by path; each decides itself which methods it takes. */
  readonly routes: Readonly<Record<`/${string}`, PortalFunction>>;
}

/** A minute with fewer requests than this says nothing about the share of them that failed. */
const TELLING_REQUESTS = 20;

/** The HTTP API in front of the functions: routes, throttling, preflights, access logs, alarms. */
export class PortalHttpApi extends Construct {
  readonly api: HttpApi;
  readonly accessLogs: LogGroup;
  /** Rings when too large a share of the requests is answered with a server error. */
  readonly failing: PortalAlarm;

  constructor(scope: Construct, id: string, { environment, routes }: PortalHttpApiProps) {
    super(scope, id);
    const { corsOrigins, limits } = environment;
    this.api = new HttpApi(this, "Api", {
      apiName: resourceName(environment, "api"),
      createDefaultStage: false,
      ...(corsOrigins.length === 0
        ? {}
        : {
            corsPreflight: {
              allowOrigins: [...corsOrigins],
              allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST],
              allowHeaders: [...ALLOWED_HEADERS],
              exposeHeaders: [...EXPOSED_HEADERS],
              maxAge: Duration.seconds(PREFLIGHT_MAX_AGE_SECONDS),
            },
          }),
    });
    this.accessLogs = new LogGroup(this, "AccessLogs", {
      retention: environment.logRetentionDays,
      removalPolicy: removalPolicyOf(environment),
    });
    new HttpStage(this, "Stage", {
      httpApi: this.api,
      autoDeploy: true,
      throttle: { rateLimit: limits.requestsPerSecond, burstLimit: limits.burst },
      accessLogSettings: { destination: new LogGroupLogDestination(this.accessLogs), format: ACCESS_LOG },
    });
    for (const [path, portalFunction] of Object.entries(routes)) this.#addRoute(path, portalFunction);
    this.#watch(environment, this.accessLogs);
    this.failing = this.#watchFailures(environment);
    this.#watchQuietFailures(environment);
  }

  #addRoute(path: string, { alias }: PortalFunction): void {
    const name = path
      .slice(1)
      .replaceAll(/[^\w-]+/g, "-")
      .replace(/-$/, "");
    const routes = this.api.addRoutes({
      path,
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration(`${name}-integration`, alias as IFunction),
    });
    for (const route of routes) {
      acknowledge(
        route,
        "AwsSolutions-APIG4",
        "What is published is for everybody. That requests come through CloudFront, and whose key they bring, the function checks itself, with no second function in the way of every answer.",
      );
    }
  }

  #watch(environment: Environment, logGroup: LogGroup): void {
    new PortalAlarm(this, "Slow", {
      environment,
      name: "api-slow",
      metric: this.api.metricLatency({ period: Duration.minutes(5), statistic: Stats.p(99) }),
      above: Duration.seconds(3).toMilliseconds(),
      periods: [3, 3],
      meaning: "One request in a hundred waits longer than 3 s for its answer.",
      impact: "Pages of client apps stay empty for seconds, and partners' downloads take hours instead of minutes.",
    });
    const throttled = new MetricFilter(this, "ThrottledLines", {
      logGroup,
      // One that a function answered itself is of a partner over its plan, and no limit of the environment.
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue("$.status", "=", "429"),
        FilterPattern.stringValue("$.functionMs", "=", NOT_CALLED),
      ),
      metricNamespace: metricNamespace(environment),
      metricName: "api-throttled-lines",
    });
    new PortalAlarm(this, "Throttled", {
      environment,
      name: "api-throttled",
      metric: throttled.metric({ period: Duration.minutes(1), statistic: Stats.SUM }),
      above: TELLING_REQUESTS,
      periods: [3, 5],
      meaning: "The API turns requests away: together they are more than the environment's limits let in.",
      impact: "Client apps and partners are told 429 Too Many Requests, whoever it is that asks too much.",
    });
    this.#watchRefusals(environment, logGroup);
  }

  /** A function that does not know CloudFront's key refuses before it reports anything: only the access log tells. */
  #watchRefusals(environment: Environment, logGroup: LogGroup): void {
    const period = Duration.minutes(1);
    const refused = new MetricFilter(this, "RefusedLines", {
      logGroup,
      filterPattern: FilterPattern.stringValue("$.status", "=", "403"),
      metricNamespace: metricNamespace(environment),
      metricName: "api-refused-lines",
    });
    new PortalAlarm(this, "Refusing", {
      environment,
      name: "api-refusing",
      metric: new MathExpression({
        label: "refused, % of requests",
        expression: `IF(requests >= ${TELLING_REQUESTS}, 100 * FILL(refused, 0) / requests, 0)`,
        usingMetrics: {
          refused: refused.metric({ period, statistic: Stats.SUM }),
          requests: this.api.metricCount({ period, statistic: Stats.SUM }),
        },
        period,
      }),
      above: 50,
      periods: [3, 5],
      meaning: "More than half of the requests that reached the API were refused with 403.",
      impact: "If the functions do not know the key of CloudFront, nobody is served but from its cache.",
    });
  }

  #watchFailures(environment: Environment): PortalAlarm {
    return new PortalAlarm(this, "Failing", {
      environment,
      name: "api-failing",
      metric: this.#failedShare(Duration.minutes(1), `requests >= ${TELLING_REQUESTS}`),
      above: 1,
      periods: [2, 3],
      meaning: "More than 1 % of the requests that reached the API were answered with a server error.",
      impact: "Client apps show errors in place of data, and partners' downloads break off.",
    });
  }

  /** Where few ask, no minute has enough requests to tell: what fails again and again is told within the hour. */
  #watchQuietFailures(environment: Environment): void {
    new PortalAlarm(this, "FailingQuietly", {
      environment,
      name: "api-failing-hourly",
      metric: this.#failedShare(Duration.hours(1), "failed >= 3"),
      above: 5,
      periods: [1, 1],
      meaning: "Three requests or more within an hour, and more than 5 % of all, were answered with a server error.",
      impact: "Client apps show errors in place of data, and partners' downloads break off.",
    });
  }

  #failedShare(period: Duration, telling: string): IMetric {
    return new MathExpression({
      label: "server errors, % of requests",
      expression: `IF(${telling}, 100 * failed / requests, 0)`,
      usingMetrics: {
        failed: this.api.metricServerError({ period, statistic: Stats.SUM }),
        requests: this.api.metricCount({ period, statistic: Stats.SUM }),
      },
      period,
    });
  }
}

/** What a field of the access log says where there is nothing to say: no function was called. */
const NOT_CALLED = "-";

/** One JSON object per request; neither query nor address of the caller, which are the caller's business. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    time: "$context.requestTime",
    requestId: "$context.requestId",
    route: "$context.routeKey",
    status: "$context.status",
    latencyMs: "$context.responseLatency",
    functionMs: "$context.integrationLatency",
    bytes: "$context.responseLength",
    error: "$context.error.message",
    functionError: "$context.integrationErrorMessage",
  }),
);
