import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentNamed } from "../../infra/environments.ts";
import { resourcesOf, type StackTemplate, synthesize } from "./synthesized.ts";

/** docs.aws.amazon.com/AWSCloudFormation, "CloudFormation quotas"; Lambda's and API Gateway's beside them. */
const LIMITS = {
  resources: 500,
  outputs: 200,
  bytes: 1024 ** 2,
  /** AWS Lambda, "Quotas": all environment variables of a function together. */
  variableBytes: 4 * 1024,
  /** IAM: all inline policies of a role together, in characters without white space. */
  policyCharacters: 10_240,
} as const;

const { stacks, directory } = synthesize(environmentNamed("prod"));

test.for(Object.keys(stacks))("the %s template of production is the one that was reviewed", async (part) => {
  const template = stacks[part]?.template as StackTemplate;
  await expect(reviewable(template)).toMatchFileSnapshot(`templates/prod-${part}.snap`);
});

test("production is far from every limit of CloudFormation and of Lambda", () => {
  const used = Object.entries(stacks).map(([part, stack]) => {
    const sizes = (type: string, property: string) =>
      resourcesOf(stack, type).map(([, { Properties }]) => JSON.stringify(Properties[property] ?? {}).length);
    return {
      stack: part,
      resources: Object.keys(stack.template.Resources).length,
      outputs: Object.keys(stack.template.Outputs ?? {}).length,
      bytes: statSync(join(directory, `${stack.name}.template.json`)).size,
      variableBytes: Math.max(0, ...sizes("AWS::Lambda::Function", "Environment")),
      policyCharacters: Math.max(0, ...sizes("AWS::IAM::Policy", "PolicyDocument")),
    };
  });
  const lines = used.map(({ stack, ...sizes }) => {
    const shares = (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).map(
      (limit) => `${limit} ${sizes[limit]} (${((100 * sizes[limit]) / LIMITS[limit]).toFixed(1)} %)`,
    );
    return `${stack.padEnd(14)}${shares.join(", ")}`;
  });
  console.log(lines.join("\n"));
  for (const { stack: _, ...sizes } of used) {
    for (const [limit, size] of Object.entries(sizes)) {
      expect(size, limit).toBeLessThan(LIMITS[limit as keyof typeof LIMITS] / 2);
    }
  }
});

/** A template without what changes with every line of code, and without what only the CDK reads. */
function reviewable({ Resources, Outputs }: StackTemplate): string {
  const readable = Object.entries(Resources).map(([id, resource]) => {
    const { Metadata: _, ...properties } = resource as typeof resource & { Metadata?: unknown };
    return [id, properties];
  });
  const text = JSON.stringify({ Resources: Object.fromEntries(readable), Outputs }, null, 1);
  return `${text.replaceAll(/\b[0-9a-f]{64}\b/g, "<asset>").replaceAll(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, "$1<hash>")}\n`;
}
