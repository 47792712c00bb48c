import { CfnResource, Stack, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import { describe, expect, test } from "vitest";
import { environments } from "../../../infra/environments.ts";
import { joined, type Resource, type Synthesized, synthesizedOnce } from "../synthesized.ts";

interface Finding {
  readonly rule: string;
  readonly path: string;
}

interface Suppression extends Finding {
  readonly construct: IConstruct;
  readonly reason: string;
}

/** What cdk-nag finds, in every construct or also where a suppression stands. */
function findings({ app }: Synthesized, suppressed: "hidden" | "shown"): Finding[] {
  const checks = new AwsSolutionsChecks(app);
  if (suppressed === "shown") Object.defineProperty(checks, "isAcknowledged", { value: () => false });
  return checks
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = "" }) => ({ rule: ruleName, path: constructPath })),
    );
}

function suppressions({ app }: Synthesized): Suppression[] {
  const recorded = app.node
    .findAll()
    .flatMap((construct) => construct.node.metadata.map(({ type, data }) => ({ construct, type, data })));
  return recorded
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ construct, data }) =>
      Object.entries(data as Record<string, string>).map(([rule, reason]) => ({
        construct,
        path: construct.node.path,
        rule: rule.replace(/^annotation::/i, ""),
        reason,
      })),
    );
}

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | string[];
  readonly Resource?: unknown;
}

/** Every statement that allows something, whichever resource it is written in. */
function allowed(resources: Readonly<Record<string, Resource>>): Statement[] {
  const statements: Statement[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("Effect" in value && "Action" in value && value.Effect === "Allow") statements.push(value as Statement);
    Object.values(value).forEach(visit);
  };
  visit(resources);
  return statements;
}

/** ARNs of buckets without account and region. */
function shortened(resource: unknown): string {
  return [resource]
    .flat()
    .map((one) => joined(one).replace(/^arn:aws:s3:::gazetteer-[a-z0-9]+-(\w+)-[^/]*/, "$1"))
    .join(" ");
}

const hasWildcard = (value: unknown) => JSON.stringify(value ?? "").includes("*");

describe.for(Object.keys(environments))("the rules, in %s", (name) => {
  const synthesized = synthesizedOnce(name);
  const stacks = Object.values(synthesized.stacks);

  test("cdk-nag's AwsSolutions find nothing", () => {
    expect(findings(synthesized, "hidden")).toEqual([]);
  });

  test("each suppression is for one construct, is needed, and gives a reason", () => {
    const found = findings(synthesized, "shown");
    const given = suppressions(synthesized);
    for (const { construct, rule, path, reason } of given) {
      expect(Stack.isStack(construct) || construct.node.scope === undefined, `${rule} at ${path} is too wide`).toBe(
        false,
      );
      const needed = found.some((finding) => finding.rule === rule && finding.path.startsWith(`${path}/`));
      expect(needed, `${rule} at ${path} suppresses nothing`).toBe(true);
      expect(reason.length, `${rule} at ${path}: ${reason}`).toBeGreaterThan(40);
    }
    expect(given.length).toBeGreaterThan(0);
  });

  test("CloudFormation's schemas find nothing, and the CDK warns of nothing", () => {
    expect(synthesized.violations).toEqual([]);
    expect(stacks.flatMap(({ messages }) => messages).filter(({ level }) => level !== "info")).toEqual([]);
  });

  test("no action is allowed by a wildcard, and on any resource only what knows none", () => {
    const statements = stacks.flatMap(({ template }) => allowed(template.Resources));
    expect(statements.filter(({ Action }) => hasWildcard(Action))).toEqual([]);
    const anyResource = statements.filter(({ Resource }) => hasWildcard(Resource));
    const rights = anyResource.map(({ Action, Resource }) => `${[Action].flat().join(" ")} ${shortened(Resource)}`);
    expect([...new Set(rights)].sort()).toEqual([
      "s3:AbortMultipartUpload s3:GetObject s3:PutObject dumps/dumps/*",
      "s3:GetObject dumps/dumps/*",
      "s3:GetObject uploads/*.zip uploads/*.zip.report.json",
      "s3:PutObject uploads/*.zip.report.json",
      "xray:PutTelemetryRecords xray:PutTraceSegments *",
    ]);
  });

  test("no other policy of AWS is used than the one that CodeDeploy needs", () => {
    const managed = JSON.stringify(stacks.map(({ template }) => template)).match(/iam::aws:policy\/[\w/-]+/g);
    expect([...new Set(managed)]).toEqual(["iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"]);
  });

  test("every resource that can carry the environment's tag does", () => {
    const untagged = synthesized.app.node
      .findAll()
      .filter((construct): construct is CfnResource => CfnResource.isCfnResource(construct))
      .filter((resource) => "tags" in resource)
      .map((resource) => synthesized.stacks[partOf(resource)]?.template.Resources[logicalIdOf(resource)])
      .filter((resource) => !JSON.stringify(resource).includes(`gazetteer-${name}`));
    expect(untagged).toEqual([]);
  });

  function partOf(resource: CfnResource): string {
    return Stack.of(resource).stackName.slice(`gazetteer-${name}-`.length);
  }

  function logicalIdOf(resource: CfnResource): string {
    return Stack.of(resource).getLogicalId(resource);
  }
});

test("a policy with a wildcard would be found", () => {
  const statement = { Effect: "Allow", Action: "dynamodb:*", Resource: { "Fn::Sub": "arn:aws:dynamodb:*" } } as const;
  const policy = { Type: "AWS::IAM::Policy", Properties: { PolicyDocument: { Statement: [statement] } } };
  const [found] = allowed({ policy });
  expect([hasWildcard(found?.Action), hasWildcard(found?.Resource)]).toEqual([true, true]);
});
