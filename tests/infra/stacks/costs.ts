import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { environmentNamed, environments } from "../../../infra/environments.ts";
import { type DeployedQuantities, quantitiesOf } from "../../../scripts/costs/deployed.ts";
import { withTable } from "../../../scripts/costs/docs.ts";
import { billOf } from "../../../scripts/costs/lines.ts";
import { costIn, PRICES } from "../../../scripts/costs/prices.ts";
import { costTable } from "../../../scripts/costs/table.ts";
import { synthesizedOnce } from "../synthesized.ts";

const synthesized = Object.keys(environments).map((name) => ({
  environment: environmentNamed(name),
  templates: Object.values(synthesizedOnce(name).stacks).map(({ template }) => template),
}));

test("docs/operations.md has the costs as they are computed now: npm run costs -- --write", () => {
  const page = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
  expect(page).toBe(withTable(page, costTable(synthesized)));
});

describe("what is counted", () => {
  test("is what the templates hold", () => {
    const prod = synthesized.find(({ environment }) => environment.name === "prod");
    if (!prod) throw new Error("there is no prod");
    const counted = quantitiesOf(prod.environment, prod.templates);
    const { functions } = prod.environment;
    expect(counted).toMatchObject({ webAcls: 1, webAclRules: 4, dashboards: 1, replicas: 1, recovery: true });
    expect(counted.warmGb).toBeCloseTo((functions.graphql.provisionedConcurrency * functions.graphql.memoryMb) / 1024);
    expect(counted.scheduledCalls).toEqual({ exporter: 8760, webhooks: 43_800 });
    expect(counted.functions.importer).toEqual({ memoryMb: functions.importer.memoryMb, extraDiskGb: 9.5 });
  });

  test("an alarm on an expression counts with every metric in it", () => {
    const metrics = [{ Expression: "a / b" }, { MetricStat: {} }, { MetricStat: {} }];
    const alarms = [{ Metrics: metrics }, { MetricName: "Errors" }];
    const table = { Type: "AWS::DynamoDB::GlobalTable", Properties: { Replicas: [{}] } };
    const Resources = Object.fromEntries(
      alarms.map((Properties, i) => [`Alarm${i}`, { Type: "AWS::CloudWatch::Alarm", Properties }]),
    );
    const counted = quantitiesOf(environmentNamed("dev"), [{ Resources: { ...Resources, table } }]);
    expect(counted).toMatchObject({ alarmMetrics: 3, recovery: false, replicas: 0 });
  });
});

describe("the bill", () => {
  const nothing: DeployedQuantities = {
    ...{ alarmMetrics: 0, dashboards: 0, secrets: 0, webAcls: 0, webAclRules: 0, metricFilters: 0, polledQueues: 0 },
    scheduledCalls: {},
    ...{ warmGb: 0, replicas: 0, recovery: false, functions: { graphql: { memoryMb: 1769, extraDiskGb: 0 } } },
  };
  const usd = (deployed: DeployedQuantities, name: string) =>
    billOf(deployed, costIn("us-east-1")).find((line) => line.name.startsWith(name))?.usd;

  test("is nothing in a month in which nothing is there", () => {
    expect(usd(nothing, "a month in which nobody asks")).toBe(0);
  });

  test("adds up what there is", () => {
    const some = { ...nothing, alarmMetrics: 10, dashboards: 1, secrets: 2, webAcls: 1, webAclRules: 4, warmGb: 2 };
    // 10 × 0.10 + 3 + 2 × 0.40 + 5 + 4 × 1 + 2 GB × 730 h × 3,600 s × 0.0000033334
    expect(usd(some, "a month in which nobody asks")).toBeCloseTo(1 + 3 + 0.8 + 9 + 17.52, 2);
  });

  test("charges each copy of a table for what is written", () => {
    const once = usd(nothing, "writing") ?? 0;
    // 268,425 units for 5,300,000 rows, at 0.625 a million units.
    expect(once).toBeCloseTo(((268_425 / 5.3) * 0.625) / 1_000_000, 6);
    expect(usd({ ...nothing, replicas: 2 }, "writing")).toBeCloseTo(3 * once, 9);
  });

  test("grows with the way that a query goes", () => {
    const [edge, cached, executed] = ["a million queries", "a million that the function", "a million that are"].map(
      (name) => usd(nothing, name) ?? 0,
    ) as [number, number, number];
    expect(edge).toBeGreaterThan(1);
    expect(cached).toBeGreaterThan(edge + 1.2);
    expect(executed).toBeGreaterThan(cached);
  });
});

describe("a price", () => {
  test.for(PRICES)("$price of $region has a page and says where it is from", ({ usd, per, page, basis }) => {
    expect(Number(usd)).toBeGreaterThan(0);
    expect(Number(per)).toBeGreaterThan(0);
    expect(page).toMatch(/^https:\/\/aws\.amazon\.com\/[\w-]+\/pricing\//);
    expect(["page", "quoted", "memory"]).toContain(basis);
  });

  test("of a region that has none of its own is the reference region's", () => {
    expect(costIn("ap-southeast-1")("cloudFront.transfer", 1e9)).toBe(0.12);
    expect(costIn("ap-southeast-1")("lambda.requests", 1e6)).toBe(0.2);
    expect(() => costIn("us-east-1")("nothing", 1)).toThrow("has no price nothing");
  });
});
