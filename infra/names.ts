import { Aws } from "aws-cdk-lib";
import type { Environment } from "./environments.ts";
import type { TableName } from "./tables.ts";

/**
 * The names of resources that people and other stacks call by name, distinct per environment, so that several can
 * live in one account: `gazetteer-prod-graphql`.
 */
export function resourceName({ name }: Pick<Environment, "name">, part: string): string {
  return `gazetteer-${name}-${part}`;
}

/** Names of buckets are distinct in all of AWS. */
export function bucketNameIn(environment: Pick<Environment, "name" | "region">, part: string): string {
  return `${resourceName(environment, part)}-${Aws.ACCOUNT_ID}-${environment.region}`;
}

/** Where functions and logs of the environment put their own metrics. */
export function metricNamespace({ name }: Pick<Environment, "name">): string {
  return `Gazetteer/${name}`;
}

/** What every resource of the environment is tagged with as `portal`. */
export function portalTag({ name }: Pick<Environment, "name">): string {
  return `gazetteer-${name}`;
}

/** The name of the table that functions use: the environment's own, or the one that they are to use instead. */
export function tableNameIn(environment: Environment, table: TableName): string {
  return environment.existingTables[table] ?? resourceName(environment, table);
}
