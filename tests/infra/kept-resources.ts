import { isDeepStrictEqual } from "node:util";
import type { Resource, StackTemplate } from "./synthesized.ts";

/**
 * What holds data, with the properties that CloudFormation cannot change but by making a new one
 * (docs.aws.amazon.com/AWSCloudFormation, "Update requires: Replacement").
 */
const REPLACING_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  "AWS::DynamoDB::GlobalTable": ["TableName", "KeySchema", "LocalSecondaryIndexes"],
  "AWS::S3::Bucket": ["BucketName"],
  "AWS::SecretsManager::Secret": ["Name"],
};

/** By logical id: what makes the resource this one and no other. */
export type KeptResources = Readonly<Record<string, KeptResource>>;

interface KeptResource {
  readonly type: string;
  readonly identity: unknown;
  /** The keys of a table's indexes by their names: an index that is gone takes with it every query that it served. */
  readonly indexes?: Readonly<Record<string, unknown>>;
}

export function keptResourcesOf({ Resources }: StackTemplate): KeptResources {
  return Object.fromEntries(
    Object.entries(Resources)
      .filter(([, { Type }]) => Type in REPLACING_PROPERTIES)
      .map(([id, resource]) => [id, { type: resource.Type, identity: identityOf(resource), ...indexesOf(resource) }]),
  );
}

function indexesOf({ Type, Properties = {} }: Resource): Pick<KeptResource, "indexes"> {
  if (Type !== "AWS::DynamoDB::GlobalTable") return {};
  const indexes = (Properties.GlobalSecondaryIndexes ?? []) as { IndexName: string; KeySchema: unknown }[];
  return { indexes: Object.fromEntries(indexes.map(({ IndexName, KeySchema }) => [IndexName, KeySchema])) };
}

function identityOf({ Type, Properties = {} }: Resource): Record<string, unknown> {
  const names = REPLACING_PROPERTIES[Type] ?? [];
  return Object.fromEntries(names.filter((name) => name in Properties).map((name) => [name, Properties[name]]));
}

/** The second lets go of what a deploy made that then failed, and of nothing else. */
const RETAINING: ReadonlySet<string | undefined> = new Set(["Retain", "RetainExceptOnCreate"]);

/** What a deployment of this template would lose of what was there, and what it would not protect; nothing is good. */
export function* losses(before: KeptResources, template: StackTemplate): Generator<string> {
  const after = keptResourcesOf(template);
  for (const [id, { type, identity, indexes = {} }] of Object.entries(before)) {
    const now = after[id];
    if (now === undefined) yield `${id} (${type}) is gone`;
    else if (!isDeepStrictEqual(now.identity, identity)) yield `${id} (${type}) would be replaced`;
    else yield* lostIndexes(id, indexes, now.indexes ?? {});
  }
  for (const id of Object.keys(after)) {
    const { DeletionPolicy, UpdateReplacePolicy } = template.Resources[id] as Resource;
    if (!RETAINING.has(DeletionPolicy)) yield `${id} would be deleted with its stack`;
    if (UpdateReplacePolicy !== "Retain") yield `${id} would be deleted when it is replaced`;
    if (!(id in before)) yield `${id} is new: add it to the list of what is kept`;
  }
}

function* lostIndexes(
  id: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Generator<string> {
  for (const [name, key] of Object.entries(before)) {
    if (!(name in after)) yield `the index ${name} of ${id} is gone`;
    else if (!isDeepStrictEqual(after[name], key)) yield `the index ${name} of ${id} would be made anew`;
  }
  for (const name of Object.keys(after)) {
    if (!(name in before)) yield `the index ${name} of ${id} is new: add it to the list of what is kept`;
  }
}
