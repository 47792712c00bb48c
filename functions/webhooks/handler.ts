import { randomBytes } from "node:crypto";
import { SQSClient } from "@aws-sdk/client-sqs";
import { WebhookKeys } from "../../portal/partners/webhook-keys.ts";
import { Store } from "../../portal/store/store.ts";
import { deadLetterQueue } from "../dead-letters.ts";
import { dynamoDbClient } from "../dynamodb-client.ts";
import { tableNames, webhookKeys } from "../environment.ts";
import { webhooksSettings } from "./environment.ts";
import { webhooksFunction } from "./function.ts";
import { sqsQueue } from "./queue.ts";

const { partners, queueUrl, deadLetterQueueUrl, portalUrl, allowLocal } = webhooksSettings(process.env);
const sqs = new SQSClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, socketTimeout: 4000 } });

/** The Lambda function that tells partners of releases: called by a schedule, and with the messages of its queue. */
export const handler = webhooksFunction({
  ...{ partners, portalUrl },
  store: new Store({ client: dynamoDbClient(), tables: tableNames(process.env) }),
  keys: new WebhookKeys(await webhookKeys(process.env)),
  queue: sqsQueue(sqs, queueUrl),
  deadLetters: deadLetterQueue(sqs, deadLetterQueueUrl),
  sending: { allowLocal },
  now: Date.now,
  random: Math.random,
  randomBytes,
  // Past Lambda's console, which would make a text of the line in a line of its own, whose level is always INFO.
  log: (line) => process.stdout.write(`${line}\n`),
});
