import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DefaultStackSynthesizer } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { environmentNamed, environments } from "../../infra/environments.ts";
import { type Manifest, protectedStacks } from "../../infra/protected-stacks.ts";
import { synthesizedOnce } from "./synthesized.ts";

const ROOT = new URL("../../", import.meta.url);
const WORKFLOWS = new URL(".github/workflows/", ROOT);
const textOf = (name: string) => readFileSync(new URL(name, WORKFLOWS), "utf8");

describe("workflows", () => {
  test.for(readdirSync(WORKFLOWS))("%s uses actions of a version, and no secret", (name) => {
    const uses = [...textOf(name).matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    for (const action of uses) expect(action).toMatch(/^(\.\/\.github\/|[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$)/);
    expect(textOf(name)).not.toMatch(/secrets\.|access-key|pull_request_target/);
    expect(textOf(name)).toContain("\npermissions:\n  contents: read\n");
  });

  test("only deploys may ask for credentials, and from AWS they get them for a token", () => {
    expect(textOf("check.yml")).not.toContain("id-token");
    expect(textOf("deploy-environment.yml")).toContain("id-token: write");
    expect(textOf("deploy-environment.yml")).toContain(`environment: \${{ inputs.environment }}`);
  });

  test("every environment is checked, and deployed after the one before it", () => {
    const names = Object.keys(environments);
    expect(textOf("check.yml")).toContain(`for env in ${names.join(" ")};`);
    const jobs = [...textOf("deploy.yml").matchAll(/^ {2}(\w+):\n {4}needs: (\w+)$/gm)].map(([, job, needs]) => [
      job,
      needs,
    ]);
    expect(jobs).toEqual(names.map((name, index) => [name, names[index - 1] ?? "check"]));
    expect(textOf("deploy-environment.yml")).toContain(`options: [${names.join(", ")}]`);
  });
});

describe("stacks that refuse to be deleted", () => {
  test("are told from the others by what was synthesized, each with its region", () => {
    const manifest = (name: string): Manifest =>
      JSON.parse(readFileSync(join(synthesizedOnce(name).directory, "manifest.json"), "utf8"));
    expect(protectedStacks(manifest("dev"))).toEqual([]);
    const { region } = environmentNamed("prod");
    expect(protectedStacks(manifest("prod")).sort()).toEqual(
      [
        ...["api", "data", "observability", "publishing"].map((part) => `${region} gazetteer-prod-${part}`),
        "us-east-1 gazetteer-prod-edge",
      ].sort(),
    );
  });

  test("are held to the stack policy before a deploy and after it, whichever environment they are of", () => {
    const [before = "", after = ""] = textOf("deploy-environment.yml").split("cdk deploy --all");
    for (const part of [before, after]) {
      expect(part).toContain("npx node infra/protected-stacks.ts | while");
      expect(part).toContain("aws cloudformation set-stack-policy");
    }
    expect(before).toContain("cdk synth");
    expect(textOf("deploy-environment.yml")).not.toMatch(/== '\w+'/);
  });
});

describe("docs/operations.md", () => {
  const operations = readFileSync(new URL("docs/operations.md", ROOT), "utf8");

  test("names every setting", () => {
    const settings = Object.values(environments).flatMap(Object.keys);
    expect(settings.filter((setting) => !operations.includes(`\`${setting}\``))).toEqual([]);
  });

  test("lets a deploy take the roles of cdk bootstrap and no others of that beginning", () => {
    const [, ...roles] = operations.split('"Action": "sts:AssumeRole", "Resource": "');
    expect(roles.map((role) => role.split('"')[0])).toEqual([
      `arn:aws:iam::<account>:role/cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-*`,
    ]);
  });

  test("links to headings that it has", () => {
    const headings = [...operations.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    const links = [...operations.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.filter((anchor) => !headings.includes(anchor ?? ""))).toEqual([]);
  });
});
