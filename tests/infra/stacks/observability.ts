import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type EnvironmentSettings, environmentNamed, environments } from "../../../infra/environments.ts";
import { tables } from "../../../infra/tables.ts";
import { onlyResource, resourcesOf, synthesize, synthesizedOnce, variablesOf } from "../synthesized.ts";

const OPERATIONS = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");

const settings = environments as Record<string, EnvironmentSettings>;

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: unknown[];
  readonly OKActions: unknown[];
  readonly TreatMissingData: string;
  readonly Period?: number;
  readonly DatapointsToAlarm: number;
  readonly EvaluationPeriods: number;
  /** Of an expression. */
  readonly Metrics?: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly MetricStat?: {
      readonly Period: number;
      readonly Metric: {
        readonly Namespace: string;
        readonly MetricName: string;
        readonly Dimensions: readonly { readonly Value: string }[];
      };
    };
  }[];
}

const watched = (called: string) =>
  ["errors", "logged-errors", "slow", "throttled"].map((symptom) => `${called}-${symptom}`);

/** What is said to break when a function fails. */
const IMPACTS = [
  ["graphql-", "nobody gets an answer"],
  ["partner-errors", "partners cannot pull"],
  ["importer-", "releases that agencies"],
  ["exporter-", "the dump of the last release is late"],
  ["webhooks-errors", "partners are told of releases late"],
] as const;

describe.for(Object.keys(environments))("what watches %s", (name) => {
  const environment = environmentNamed(name);
  const { stacks } = synthesizedOnce(name);
  const alarms = Object.values(stacks)
    .flatMap((stack) => resourcesOf(stack, "AWS::CloudWatch::Alarm"))
    .map(([, { Properties }]) => Properties as unknown as AlarmProperties);

  test("has an alarm for each symptom", () => {
    expect(alarms.map(({ AlarmName }) => AlarmName.slice(`gazetteer-${name}-`.length)).sort()).toEqual(
      [
        "api-failing",
        "api-failing-hourly",
        "api-refusing",
        "api-slow",
        "api-throttled",
        "catalogue-failing",
        "catalogue-throttled",
        "exporter-errors",
        "exporter-logged-errors",
        "exporter-not-called",
        "exporter-slow",
        ...watched("graphql"),
        ...watched("importer"),
        ...watched("partner"),
        "partners-failing",
        "partners-throttled",
        "partners-unmetered",
        ...(environment.releaseExpectedWithinDays === null ? [] : ["release-overdue"]),
        "partner-requests-unserved",
        "requests-unserved",
        "series-failing",
        "series-throttled",
        "uploads-dead-letters",
        "uploads-waiting",
        "webhooks-dead-letters",
        "webhooks-not-called",
        "webhooks-waiting",
        ...watched("webhooks"),
      ].sort(),
    );
  });

  test("says with each what happened, what breaks for whom, and where to read what to do", () => {
    for (const { AlarmName, AlarmDescription, TreatMissingData } of alarms) {
      const heading = AlarmName.slice(`gazetteer-${name}-`.length);
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
      expect(AlarmDescription).toMatch(
        new RegExp(`^[A-Z].+\\. [A-Z].+\\. What to do: docs/operations\\.md, ${heading}\\.$`),
      );
      expect(OPERATIONS).toContain(`\n### ${heading}\n`);
      expect(TreatMissingData).toBe(heading.endsWith("-not-called") ? "breaching" : "notBreaching");
      const [, impact] = IMPACTS.find(([called]) => heading.startsWith(called)) ?? [];
      if (impact) expect(AlarmDescription).toContain(`When it fails: ${impact}`);
    }
  });

  test("watches what functions say of themselves where they say it", () => {
    for (const [called, alarm] of [
      ["graphql", "requests-unserved"],
      ["partner", "partner-requests-unserved"],
    ] as const) {
      const variables = variablesOf(stacks.api, called);
      expect(variables).toMatchObject({
        POWERTOOLS_METRICS_NAMESPACE: `Gazetteer/${name}`,
        POWERTOOLS_SERVICE_NAME: called,
      });
      expect(reportedIn(alarm)).toEqual([
        [`Gazetteer/${name}`, "Errors", called],
        [`Gazetteer/${name}`, "Requests", called],
      ]);
    }
    expect(reportedIn("partners-unmetered")).toEqual([
      [`Gazetteer/${name}`, "BucketFailures", "graphql"],
      [`Gazetteer/${name}`, "BucketFailures", "partner"],
    ]);
    const dimensions = [{ Name: "service", Value: "graphql" }];
    const days = environment.releaseExpectedWithinDays;
    const overdue = alarms.find(({ AlarmName }) => AlarmName.endsWith("release-overdue"));
    expect(overdue?.AlarmName === undefined).toBe(days === null);
    if (days === null) return;
    expect(overdue).toMatchObject({ MetricName: "HeadAge", Dimensions: dimensions, Threshold: days * 86_400 });
  });

  test("adds metrics up so that one that has nothing to say does not silence the others", () => {
    // CloudWatch: a term without a data point leaves the sum without one, and DynamoDB reports failures only when it fails.
    const sums = alarms.flatMap(({ AlarmName, Metrics = [] }) =>
      Metrics.flatMap(({ Expression = "" }) => (Expression.includes("+") ? [{ AlarmName, Metrics, Expression }] : [])),
    );
    expect(sums.length).toBeGreaterThanOrEqual(2 * Object.keys(tables).length);
    for (const { AlarmName, Metrics, Expression } of sums) {
      const terms = Metrics.flatMap(({ Id, MetricStat }) => (MetricStat ? [`FILL(${Id}, 0)`] : []));
      expect(Expression.split(" + ").sort(), AlarmName).toEqual(terms.sort());
    }
  });

  test("tells requests that the API turned away from those that a function did", () => {
    const { Format } = onlyResource(stacks.api, "AWS::ApiGatewayV2::Stage").Properties.AccessLogSettings as {
      readonly Format: string;
    };
    expect(JSON.parse(Format)).toMatchObject({ status: "$context.status", functionMs: "$context.integrationLatency" });
    const filters = resourcesOf(stacks.api, "AWS::Logs::MetricFilter").map(([, { Properties }]) => [
      (Properties.MetricTransformations as { MetricName: string }[])[0]?.MetricName,
      Properties.FilterPattern,
    ]);
    expect(Object.fromEntries(filters)).toMatchObject({
      "api-throttled-lines": '{ ($.status = "429") && ($.functionMs = "-") }',
      "api-refused-lines": '{ $.status = "403" }',
    });
  });

  test("tells when most requests are refused, whichever function refuses them", () => {
    const refusing = alarms.find(({ AlarmName }) => AlarmName.endsWith("api-refusing"));
    expect(refusing).toMatchObject({ Threshold: 50, DatapointsToAlarm: 3, EvaluationPeriods: 5 });
    expect(refusing?.Metrics?.map(({ Expression }) => Expression).filter(Boolean)).toEqual([
      "IF(requests >= 20, 100 * FILL(refused, 0) / requests, 0)",
    ]);
  });

  /** Namespace, name and service of the metrics in an alarm's expression. */
  function reportedIn(alarm: string): unknown[] {
    const { Metrics = [] } = alarms.find(({ AlarmName }) => AlarmName === `gazetteer-${name}-${alarm}`) ?? {};
    return Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []))
      .map(({ Namespace, MetricName, Dimensions }) => [Namespace, MetricName, Dimensions[0]?.Value])
      .sort();
  }

  test.for([
    ["graphql", 60, "2 of 3"],
    ["partner", 60, "2 of 3"],
    ["importer", 900, "2 of 4"],
    ["webhooks", 900, "2 of 4"],
  ] as const)("tells of a failing %s as soon as it means something", ([called, seconds, datapoints]) => {
    const failing = alarms.filter(({ AlarmName }) =>
      ["errors", "logged-errors", "throttled"].some((what) => AlarmName === `gazetteer-${name}-${called}-${what}`),
    );
    expect(failing.map(({ Period }) => Period)).toEqual([seconds, seconds, seconds]);
    for (const { DatapointsToAlarm, EvaluationPeriods } of failing) {
      expect(`${DatapointsToAlarm} of ${EvaluationPeriods}`).toBe(datapoints);
    }
  });

  test.for([
    ["exporter", 3600],
    ["webhooks", 900],
  ] as const)("tells when the schedule of the %s does not ring for %i s", ([called, seconds]) => {
    expect(alarms.find(({ AlarmName }) => AlarmName === `gazetteer-${name}-${called}-not-called`)).toMatchObject({
      ...{ MetricName: "Invocations", Statistic: "Sum", Period: seconds, Threshold: 1 },
      ...{ ComparisonOperator: "LessThanThreshold", TreatMissingData: "breaching" },
    });
  });

  test("tells of failures where too few ask for a minute to say anything", () => {
    const hourly = alarms.find(({ AlarmName }) => AlarmName.endsWith("-api-failing-hourly"));
    const { Metrics = [] } = hourly ?? {};
    expect(hourly).toMatchObject({ Threshold: 5, DatapointsToAlarm: 1, EvaluationPeriods: 1 });
    expect(Metrics).toContainEqual(
      expect.objectContaining({ Expression: "IF(failed >= 3, 100 * failed / requests, 0)" }),
    );
    expect(Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Period] : []))).toEqual([3600, 3600]);
  });

  test("tells the topic when an alarm rings and when it stops", () => {
    const topic = onlyResource(stacks.observability, "AWS::SNS::Topic").Properties.TopicName;
    for (const { AlarmActions, OKActions } of alarms) {
      expect(OKActions).toEqual(AlarmActions);
      expect(JSON.stringify(AlarmActions)).toContain(`arn:aws:sns:${environment.region}:`);
      expect(JSON.stringify(AlarmActions)).toContain(`:${topic}"`);
    }
  });

  test("lets CloudWatch and the budget speak, of this account only and only over TLS", () => {
    const { PolicyDocument } = onlyResource(stacks.observability, "AWS::SNS::TopicPolicy").Properties;
    expect(PolicyDocument).toMatchObject({
      Statement: [
        { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
        {
          Effect: "Allow",
          Action: "sns:Publish",
          Principal: { Service: ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"] },
          Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
        },
      ],
    });
  });

  test("counts what the environment costs, and it alone", () => {
    expect(onlyResource(stacks.observability, "AWS::Budgets::Budget").Properties).toMatchObject({
      Budget: {
        BudgetLimit: { Amount: environment.monthlyBudgetUsd, Unit: "USD" },
        CostFilters: { TagKeyValue: [`user:portal$gazetteer-${name}`] },
      },
      NotificationsWithSubscribers: [
        { Notification: { NotificationType: "ACTUAL", Threshold: 80 } },
        { Notification: { NotificationType: "FORECASTED", Threshold: 100 } },
      ],
    });
  });

  test("has one dashboard that answers the questions", () => {
    const { DashboardBody, DashboardName } = onlyResource(
      stacks.observability,
      "AWS::CloudWatch::Dashboard",
    ).Properties;
    expect(DashboardName).toBe(`gazetteer-${name}-portal`);
    const body = JSON.stringify(DashboardBody);
    const titles = [...body.matchAll(/## ([^"\\]+)|title\\":\\"([^"\\]+)/g)].map(([, row, graph]) => row ?? graph);
    expect(titles).toEqual([
      ...["Are users served?", "Requests", "Failed", "Waiting for an answer, ms"],
      ...["Is data fresh?", "HEAD", "Uploads waiting", "Uploads dealt with", "Dumps", "Webhooks"],
      ...["What does it cost?", "Requests that are charged", "Functions, GB-seconds", "DynamoDB units"],
      ...["Bytes to clients", "Bytes of logs"],
    ]);
    for (const part of ["AWS/CloudFront", "5xx", "p99", "HeadAge", `gazetteer-${name}-uploads-dead-letters`]) {
      expect(body).toContain(part);
    }
    expect(body.includes("AWS/WAFV2")).toBe(environment.firewall);
    if (!environment.firewall) return;
    // The dimension of the firewall's metrics is the name that it gives them, not its own.
    const { VisibilityConfig } = onlyResource(stacks.edge, "AWS::WAFv2::WebACL").Properties;
    const { MetricName } = VisibilityConfig as { readonly MetricName: string };
    expect(MetricName).toBe(`gazetteer-${name}-firewall`);
    expect(body.replaceAll("\\", "")).toContain(`"BlockedRequests","Rule","ALL","WebACL","${MetricName}"`);
  });

  test("says at synthesis when nobody would hear an alarm", () => {
    const infos = (stacks.observability?.messages ?? []).map(({ text }) => text);
    expect(infos).toEqual([expect.stringContaining(`Environment ${name}: alarmAddresses is empty`)]);
  });
});

test("whoever is named hears the alarms", () => {
  const listening = { ...settings.prod, alarmAddresses: ["operations@example.org"] };
  const { observability } = synthesize(environmentNamed("test", { test: listening })).stacks;
  expect(onlyResource(observability, "AWS::SNS::Subscription").Properties).toMatchObject({
    Protocol: "email",
    Endpoint: "operations@example.org",
  });
  expect(observability?.messages).toEqual([]);
});
