import { CfnOutput, Duration, Size } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { DUMPS } from "../constructs/dumps.ts";
import { Messages } from "../constructs/messages.ts";
import { PortalFunction } from "../constructs/portal-function.ts";
import { UploadOutcomes } from "../constructs/upload-outcomes.ts";
import { MAX_RECEIVES, RELEASE_SUFFIX, REPORT_SUFFIX, Uploads } from "../constructs/uploads.ts";
import type { Environment } from "../environments.ts";
import type { DataStack } from "./data.ts";
import { PortalStack } from "./portal-stack.ts";

export interface PublishingStackProps {
  readonly data: DataStack;
  /** The address that clients use. */
  readonly portalUrl: string;
}

/**
 * The largest release archive, in bytes. It is brought to disk whole, and the rows of a large release are parted on
 * disk; an archive inflates to 8 GiB at most.
 */
const MAX_UPLOAD_BYTES = 2 ** 30;

/** The most that Lambda has to give: the archive and 8 GiB of rows fit. What is not used costs a fraction of a cent. */
const DISK = Size.mebibytes(10_240);

/** The function gives a message up by itself before this; what remains are messages that it cannot read. */
const WEBHOOK_RECEIVES = 20;

/** What turns files into releases, and what is done because of a release: dumps are written, partners are told. */
export class PublishingStack extends PortalStack {
  readonly uploads: Uploads;
  /** Names of log groups, by what writes there. */
  readonly logs: Readonly<Record<string, string>>;

  constructor(scope: Construct, environment: Environment, { data, portalUrl }: PublishingStackProps) {
    super(scope, environment, "publishing", "upload bucket, queues, functions");
    this.uploads = new Uploads(this, "Uploads", environment);
    const importer = this.#addImporter(environment);
    new UploadOutcomes(this, "Outcomes", environment, importer.logGroup);
    const exporter = this.#addExporter(environment, data);
    const webhooks = this.#addWebhooks(environment, data, portalUrl);
    this.logs = {
      importer: importer.logGroup.logGroupName,
      exporter: exporter.logGroup.logGroupName,
      webhooks: webhooks.logGroup.logGroupName,
    };
    const { bucketName, deadLetters, queue } = this.uploads;
    new CfnOutput(this, "UploadBucket", { value: bucketName, description: "Where releases are dropped" });
    new CfnOutput(this, "UploadQueue", { value: queue.queueUrl, description: "What is to be published" });
    new CfnOutput(this, "DeadLetters", { value: deadLetters.queueUrl, description: "What could not be published" });
    for (const [id, { logGroup }] of Object.entries({ Importer: importer, Exporter: exporter, Webhook: webhooks })) {
      new CfnOutput(this, `${id}Logs`, { value: logGroup.logGroupName, description: "For aws logs tail" });
    }
  }

  #addImporter(environment: Environment): PortalFunction {
    const { bucketName, deadLetters, queue } = this.uploads;
    const importer = new PortalFunction(this, "Importer", {
      environment,
      name: "importer",
      entry: "functions/importer/handler.ts",
      errorImpact: "releases that agencies dropped are published late or not at all; readers keep the release before.",
      pace: "now and then",
      timeout: Duration.minutes(15),
      slowAfter: Duration.minutes(12),
      ephemeralStorage: DISK,
      variables: { MAX_RECEIVES: `${MAX_RECEIVES}`, MAX_UPLOAD_BYTES: `${MAX_UPLOAD_BYTES}` },
    });
    importer.bindTable({
      table: "catalogue",
      actions: [
        ...(["dynamodb:GetItem", "dynamodb:BatchGetItem"] as const),
        ...(["dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem"] as const),
      ],
      indexes: ["byRegion", "byParent"],
    });
    importer.bindTable({
      table: "series",
      actions: [
        ...(["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"] as const),
        ...(["dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem"] as const),
      ],
      indexes: ["bySubject", "byPlace"],
    });
    importer.bindBucket({
      variable: "UPLOAD_BUCKET",
      bucketName,
      reads: [`*${RELEASE_SUFFIX}`, `*${REPORT_SUFFIX}`],
      writes: [`*${REPORT_SUFFIX}`],
      reason: "Whoever drops a file there chooses its name; of it no more is known than its end.",
    });
    importer.bindQueue({ variable: "DEAD_LETTER_QUEUE_URL", queue: deadLetters, actions: ["sqs:SendMessage"] });
    // One publication at a time is all that there is; the second instance finds that out and gives way.
    importer.takeFrom(queue, { batch: 1, concurrency: 2 });
    return importer;
  }

  #addExporter(environment: Environment, { dumps }: DataStack): PortalFunction {
    const exporter = new PortalFunction(this, "Exporter", {
      environment,
      name: "exporter",
      entry: "functions/exporter/handler.ts",
      errorImpact: "the dump of the last release is late; partners find the one before, whole.",
      pace: "alone",
      // A dump that takes longer goes on, behind the tables that are finished.
      timeout: Duration.minutes(15),
      slowAfter: Duration.minutes(14),
    });
    exporter.bindTable({
      table: "catalogue",
      actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
      indexes: ["byRegion"],
    });
    exporter.bindTable({ table: "series", actions: [], indexes: ["byPlace"] });
    exporter.bindBucket({
      variable: "DUMP_BUCKET",
      bucketName: dumps.bucketName,
      reads: [DUMPS],
      writes: [DUMPS],
      inParts: true,
      reason: "Each release brings a dump under its own number.",
    });
    // While it runs, for 15 minutes at most, calls are turned away and do not count.
    exporter.callEvery(Duration.minutes(5), Duration.hours(1));
    return exporter;
  }

  #addWebhooks(environment: Environment, { webhookKeys }: DataStack, portalUrl: string): PortalFunction {
    const timeout = Duration.seconds(30);
    const { queue, deadLetters } = new Messages(this, "WebhookMessages", {
      environment,
      name: "webhooks",
      outOfSight: Duration.seconds(6 * timeout.toSeconds()),
      maxReceives: WEBHOOK_RECEIVES,
      waitsAtMost: Duration.days(3),
      givenUp: "A partner did not take a message in two days of attempts, or a message cannot be read.",
      late: "A message has been waiting for three days: after two it should have been given up.",
      impact: "A partner is not told of releases, and finds out when it next asks.",
    });
    const webhooks = new PortalFunction(this, "Webhooks", {
      environment,
      name: "webhooks",
      entry: "functions/webhooks/handler.ts",
      errorImpact: "partners are told of releases late; whoever asks for what changed is served.",
      pace: "now and then",
      timeout,
      // Receivers are given five seconds each, ten at a time.
      slowAfter: Duration.seconds(25),
      variables: { PORTAL_URL: portalUrl },
    });
    webhooks.bindTable({ table: "catalogue", actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem"] });
    webhooks.bindTable({ table: "series", actions: [] });
    webhooks.bindTable({
      table: "partners",
      actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
      indexes: ["byListing"],
    });
    webhooks.bindSecret({ variable: "WEBHOOK_KEYS_SECRET", secretArn: webhookKeys.secretArn });
    const actions = ["sqs:SendMessage", "sqs:ChangeMessageVisibility"] as const;
    webhooks.bindQueue({ variable: "WEBHOOK_QUEUE_URL", queue, actions });
    webhooks.bindQueue({ variable: "DEAD_LETTER_QUEUE_URL", queue: deadLetters, actions: ["sqs:SendMessage"] });
    webhooks.takeFrom(queue, { batch: 10, concurrency: 2 });
    webhooks.callEvery(Duration.minutes(1), Duration.minutes(15));
    return webhooks;
  }
}
