import { CfnOutput } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Dumps } from "../constructs/dumps.ts";
import { PortalTable } from "../constructs/portal-table.ts";
import { SealingKeys } from "../constructs/sealing-keys.ts";
import type { Environment } from "../environments.ts";
import { type TableName, tables } from "../tables.ts";
import { PortalStack } from "./portal-stack.ts";

/** What must survive everything else: tables, dumps, and the keys of cursors and webhooks. */
export class DataStack extends PortalStack {
  readonly cursorKeys: SealingKeys;
  readonly webhookKeys: SealingKeys;
  readonly dumps: Dumps;

  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, "data", "tables, dumps and keys");
    for (const table of Object.keys(tables) as TableName[]) {
      new PortalTable(this, table, environment);
    }
    this.dumps = new Dumps(this, "Dumps", environment);
    this.cursorKeys = new SealingKeys(this, "CursorKeys", {
      environment,
      purpose: "the keys that cursors are sealed with",
      rotation:
        "A cursor stays valid for as long as its key is kept, and partners may keep one for months: when to rotate is a decision about them. docs/operations.md, Rotate the cursor keys, says how, without downtime.",
    });
    this.webhookKeys = new SealingKeys(this, "WebhookKeys", {
      environment,
      purpose: "the keys that the secrets of webhooks are derived from",
      rotation:
        "Each partner holds a secret that is derived from them, and has to be given the next one: docs/operations.md, Rotate the secrets of webhooks, says how, without downtime.",
    });
    new CfnOutput(this, "CursorKeysSecret", { value: this.cursorKeys.secretName, description: "For rotation" });
    new CfnOutput(this, "WebhookKeysSecret", {
      value: this.webhookKeys.secretName,
      description: "For rotation, and for gazetteer webhooks",
    });
    new CfnOutput(this, "DumpBucket", { value: this.dumps.bucketName, description: "Where dumps are" });
  }
}
