import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type KeptResources, keptResourcesOf, losses } from "../kept-resources.ts";
import { type Resource, type StackTemplate, synthesizedOnce } from "../synthesized.ts";

/** What production holds. Taking a line out of this list is the decision to leave that resource behind. */
const KEPT: Readonly<Record<string, { region: string; resources: KeptResources }>> = JSON.parse(
  readFileSync(new URL("../kept-resources.json", import.meta.url), "utf8"),
);

const { stacks } = synthesizedOnce("prod");

test.for(Object.keys(stacks))("a deployment of production loses no table, bucket or key of its %s stack", (part) => {
  const template = stacks[part]?.template as StackTemplate;
  const { region, resources } = KEPT[part] ?? { region: stacks[part]?.region, resources: {} };
  expect([...losses(resources, template)], JSON.stringify(keptResourcesOf(template))).toEqual([]);
  expect(stacks[part]?.region, "a stack in another region is another stack, and empty").toBe(region);
  expect(stacks[part]?.terminationProtection).toBe(true);
});

test("CloudFormation itself is told to refuse the same", () => {
  const policy = JSON.parse(readFileSync(new URL("../../../infra/stack-policy.json", import.meta.url), "utf8"));
  const [, deny] = policy.Statement;
  expect(deny).toMatchObject({ Effect: "Deny", Action: ["Update:Replace", "Update:Delete"], Resource: "*" });
  const kept = Object.values(KEPT).flatMap(({ resources }) => Object.values(resources).map(({ type }) => type));
  expect(deny.Condition.StringEquals.ResourceType).toEqual(expect.arrayContaining([...new Set(kept)]));
});

describe("a change that would lose something is refused", () => {
  const template = stacks.data?.template as StackTemplate;
  const before = keptResourcesOf(template);
  const [id, table] = Object.entries(template.Resources).find(([, { Type }]) => Type.endsWith("Table")) as [
    string,
    Resource,
  ];
  const changed = (change: Partial<Resource>): StackTemplate => ({
    Resources: { ...template.Resources, [id]: { ...table, ...change } },
  });

  test("another key", () => {
    const KeySchema = [{ AttributeName: "code", KeyType: "HASH" }];
    const other = changed({ Properties: { ...table.Properties, KeySchema } });
    expect([...losses(before, other)]).toEqual([`${id} (AWS::DynamoDB::GlobalTable) would be replaced`]);
  });

  test("another name", () => {
    const other = changed({ Properties: { ...table.Properties, TableName: "gazetteer-prod-other" } });
    expect([...losses(before, other)]).toEqual([`${id} (AWS::DynamoDB::GlobalTable) would be replaced`]);
  });

  test("another logical id, which is how a construct that moves in the tree shows", () => {
    const { [id]: moved, ...others } = template.Resources;
    const other = { Resources: { ...others, Moved: moved as Resource } };
    expect([...losses(before, other)]).toEqual([
      `${id} (AWS::DynamoDB::GlobalTable) is gone`,
      "Moved is new: add it to the list of what is kept",
    ]);
  });

  test("but not one that lets go of what a failed deploy has just made", () => {
    expect(table.DeletionPolicy).toBe("RetainExceptOnCreate");
    expect([...losses(before, template)]).toEqual([]);
    expect([...losses(before, changed({ DeletionPolicy: "Retain" }))]).toEqual([]);
  });

  test("a policy that deletes", () => {
    expect([...losses(before, changed({ DeletionPolicy: "Delete" }))]).toEqual([
      `${id} would be deleted with its stack`,
    ]);
    expect([...losses(before, changed({ UpdateReplacePolicy: "Delete" }))]).toEqual([
      `${id} would be deleted when it is replaced`,
    ]);
  });

  test("an index that is gone, has another key, or is not in the list", () => {
    const indexes = table.Properties.GlobalSecondaryIndexes as { IndexName: string; KeySchema: unknown }[];
    const [first, ...others] = indexes as [(typeof indexes)[number], ...typeof indexes];
    const withIndexes = (GlobalSecondaryIndexes: unknown) =>
      losses(before, changed({ Properties: { ...table.Properties, GlobalSecondaryIndexes } }));
    expect([...withIndexes(others)]).toEqual([`the index ${first.IndexName} of ${id} is gone`]);
    expect([...withIndexes([{ ...first, KeySchema: [] }, ...others])]).toEqual([
      `the index ${first.IndexName} of ${id} would be made anew`,
    ]);
    expect([...withIndexes([...indexes, { ...first, IndexName: "byAge" }])]).toEqual([
      `the index byAge of ${id} is new: add it to the list of what is kept`,
    ]);
  });
});
