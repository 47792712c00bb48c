import {
  type Attribute,
  AttributeType,
  Billing,
  type ReplicaTableProps,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import type { Environment } from "../environments.ts";
import { resourceName } from "../names.ts";
import { type Key, type TableDefinition, type TableName, tables } from "../tables.ts";
import { removalPolicyOf } from "./removal-policy.ts";

/** A table of `infra/tables.ts`, protected and copied as the environment asks. */
export class PortalTable extends Construct {
  constructor(scope: Construct, name: TableName, environment: Environment) {
    super(scope, `${name[0]?.toUpperCase()}${name.slice(1)}Table`);
    const { key, indexes, timeToLive }: TableDefinition = tables[name];
    const { deletionProtection, replicaRegions } = environment;
    new TableV2(this, "Table", {
      // A name of its own makes CloudFormation refuse what it cannot change in place: the new table would need the name
      // that the old one still has.
      tableName: resourceName(environment, name),
      ...keyProps(key),
      globalSecondaryIndexes: Object.entries(indexes).map(([indexName, indexKey]) => ({
        indexName,
        ...keyProps(indexKey),
      })),
      ...(timeToLive === undefined ? {} : { timeToLiveAttribute: timeToLive }),
      billing: Billing.onDemand(),
      // AWS's key of the account, not one of ours: its use stands in the account's trail all the same, and what the
      // tables hold is published anyway. A key of ours would only add a way to lose every table: deleting the key.
      encryption: TableEncryptionV2.awsManagedKey(),
      ...recoveryProps(environment),
      deletionProtection,
      removalPolicy: removalPolicyOf(environment),
      replicas: replicaRegions.map(
        (region): ReplicaTableProps => ({ region, deletionProtection, ...recoveryProps(environment) }),
      ),
    });
  }
}

function recoveryProps({ pointInTimeRecoveryDays: days }: Environment) {
  return {
    pointInTimeRecoverySpecification:
      days === 0
        ? { pointInTimeRecoveryEnabled: false }
        : { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: days },
  };
}

function keyProps({ partition, sort }: Key): { partitionKey: Attribute; sortKey?: Attribute } {
  const attribute = (name: string): Attribute => ({ name, type: AttributeType.STRING });
  return { partitionKey: attribute(partition), ...(sort === undefined ? {} : { sortKey: attribute(sort) }) };
}
