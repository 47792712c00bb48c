import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import type { DeployedPortal } from "../../support/deployed.ts";
import { covers } from "../../support/deployed-policies.ts";
import { ACCOUNT } from "../../support/deployed-templates.ts";

/** Grants that no suite makes use of, by function and action, and why they are there all the same. */
const UNUSED: Readonly<Record<string, string>> = {
  "gazetteer-staging-exporter: s3:AbortMultipartUpload":
    "a file of more than 8 MB whose upload fails is abandoned, or its parts would stay for a day",
};

export function describePermissions(portal: () => DeployedPortal): void {
  test("let every function do what it does", () => {
    expect(portal().acts.length).toBeGreaterThan(100);
    const refused = portal().acts.filter(({ allowed }) => !allowed);
    expect([...new Set(refused.map((act) => `${act.function}: ${act.action} ${act.resource}`))]).toEqual([]);
  });

  test("let nobody do what is not granted: it is refused, and told", async () => {
    const credentials = { accessKeyId: "gazetteer-staging-nobody", secretAccessKey: "secret" };
    const nobody = new DynamoDBClient({ endpoint: portal().awsEndpoint, region: "ap-southeast-1", credentials });
    const table = "gazetteer-staging-catalogue";
    await expect(nobody.send(new GetItemCommand({ TableName: table, Key: { id: { S: "head" } } }))).rejects.toThrow(
      expect.objectContaining({ name: "AccessDeniedException" }),
    );
    nobody.destroy();
    const [region, account] = ["ap-southeast-1", ACCOUNT];
    expect(portal().acts.at(-1)).toEqual({
      function: "gazetteer-staging-nobody",
      action: "dynamodb:GetItem",
      resource: `arn:aws:dynamodb:${region}:${account}:table/${table}`,
      allowed: false,
    });
  });

  test("grant nothing that is never used", () => {
    const unused = [...portal().grants].flatMap(([name, grants]) => {
      const acts = portal().acts.filter((act) => act.function === name);
      return grants
        .filter((grant) => !acts.some((act) => covers(grant, act)))
        .map(({ action, resource }) => ({ what: `${name}: ${action}`, resource }));
    });
    expect(unused.filter(({ what }) => !(what in UNUSED))).toEqual([]);
    expect(Object.keys(UNUSED).filter((what) => !unused.some((each) => each.what === what))).toEqual([]);
  });

  test("are those of functions that were all called", () => {
    expect(
      portal()
        .functions.filter(({ invocations }) => invocations === 0)
        .map(({ name }) => name),
    ).toEqual([]);
  });
}
