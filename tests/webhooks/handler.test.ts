import { hash } from "node:crypto";
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { WebhooksHandler } from "../../functions/webhooks/function.ts";
import { startDynamoDb } from "../../local/dynamodb.ts";
import { createLambdaContext } from "../../local/events.ts";
import { type Answer, type Receiver, startReceiver, verified } from "./support/receiver.ts";
import { openWebhookDesk, type WebhookDesk } from "./support/webhook-desk.ts";

const SECRET = JSON.stringify({ seals: "k1", k1: Buffer.alloc(32, 1).toString("base64url") });
const OK: Answer = { status: 200, body: '{"Successful":[],"Failed":[]}' };

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
let desk: WebhookDesk;
let partner: Receiver;
/** Stands for Secrets Manager and SQS. */
let aws: Receiver;
let queueUrl: string;
let deadLetterQueueUrl: string;
let variables: Readonly<Record<string, string>>;
beforeAll(async () => {
  engine = await startDynamoDb();
  desk = await openWebhookDesk(engine);
  [partner, aws] = await Promise.all([startReceiver(), startReceiver()]);
  const endpoint = `http://127.0.0.1:${aws.port}`;
  queueUrl = `${endpoint}/000000000000/webhooks`;
  deadLetterQueueUrl = `${endpoint}/000000000000/dead-letters`;
  variables = {
    ...{ AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" },
    ...{ AWS_ENDPOINT_URL_SQS: endpoint, AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint },
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    ...{ CATALOGUE_TABLE: desk.tables.catalogue, SERIES_TABLE: desk.tables.series },
    ...{ PARTNERS_TABLE: desk.tables.partners, WEBHOOK_KEYS_SECRET: "webhook-keys" },
    ...{
      WEBHOOK_QUEUE_URL: queueUrl,
      DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
      PORTAL_URL: "https://data.example.org/",
    },
  };
});
afterAll(async () => {
  await desk.close();
  await Promise.all([partner.close(), aws.close()]);
  await engine.close();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.resetModules();
});

async function load(changed: Readonly<Record<string, string>> = {}): Promise<WebhooksHandler> {
  for (const [name, value] of Object.entries({ ...variables, ...changed })) vi.stubEnv(name, value);
  aws.behave({ status: 200, body: JSON.stringify({ SecretString: SECRET }) });
  return (await import("../../functions/webhooks/handler.ts")).handler;
}

const context = { ...createLambdaContext("webhooks"), getRemainingTimeInMillis: () => 30_000 };

/** What SQS was asked, by operation. */
function asked(operation: string): Record<string, unknown>[] {
  const calls = aws.received.filter(({ headers }) => headers["x-amz-target"] === `AmazonSQS.${operation}`);
  return calls.map(({ body }) => JSON.parse(body));
}

function recordOf(body: string, receives: number): SQSRecord {
  const attributes = { ApproximateReceiveCount: `${receives}` } as SQSRecord["attributes"];
  return { messageId: "1", receiptHandle: "handle", body, attributes } as SQSRecord;
}

test("as it is deployed it announces, sends, postpones and gives up", async () => {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const handler = await load({ WEBHOOKS_ALLOW_LOCAL: "true" });
  await handler({ source: "aws.events" }, context);
  const hooks = [];
  for (let n = 1; n <= 11; n += 1) hooks.push(await desk.add(`${partner.url}/${n}`, `Partner no. ${n}`));
  await desk.publish();
  aws.behave(OK, OK);
  expect(await handler({ source: "aws.events" }, context)).toMatchObject({ status: "ANNOUNCED", messages: 11 });
  const batches = asked("SendMessageBatch") as { QueueUrl: string; Entries: { MessageBody: string }[] }[];
  expect(batches.map(({ QueueUrl, Entries }) => [QueueUrl, Entries.length])).toEqual([
    [queueUrl, 10],
    [queueUrl, 1],
  ]);

  const [message = ""] = batches.flatMap(({ Entries }) => Entries.map(({ MessageBody }) => MessageBody));
  const { webhook } = JSON.parse(message) as { webhook: string };
  const { secret = "" } = hooks.find(({ id }) => id === webhook) ?? {};
  const failed = { batchItemFailures: [{ itemIdentifier: "1" }] } satisfies SQSBatchResponse;
  partner.behave(500, 500);
  // The client compares what it sent with what arrived.
  const sent = JSON.stringify({ MessageId: "1", MD5OfMessageBody: hash("md5", message, "hex") });
  aws.behave({ status: 200, body: "{}" }, { status: 200, body: sent });
  expect(await handler({ Records: [recordOf(message, 2)] }, context)).toEqual(failed);
  const [postponed] = asked("ChangeMessageVisibility");
  expect(postponed).toMatchObject({ QueueUrl: queueUrl, ReceiptHandle: "handle" });
  expect(postponed?.VisibilityTimeout).toBeGreaterThanOrEqual(300);
  expect(postponed?.VisibilityTimeout).toBeLessThanOrEqual(330);

  expect(await handler({ Records: [recordOf(message, 10)] }, context)).toEqual({ batchItemFailures: [] });
  expect(asked("SendMessage")).toMatchObject([{ QueueUrl: deadLetterQueueUrl, MessageBody: message }]);

  expect(await handler({ Records: [recordOf(message, 1)] }, context)).toEqual({ batchItemFailures: [] });
  const last = partner.received.at(-1);
  if (!last) throw new Error("nothing arrived");
  expect(verified(secret, last)).toMatchObject({
    data: { release: 1, links: { changes: "https://data.example.org/v1/changes" } },
  });
  // Nothing secret, and nothing of what a receiver says, is in the log.
  const log = written.mock.calls.map(([line]) => String(line)).join("");
  expect(log).toContain('"message":"not sent"');
  expect(log).not.toMatch(/whsec_|v1,/);
});

test("a queue that refuses messages makes the announcement fail: the next one goes on", async () => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const handler = await load({ WEBHOOKS_ALLOW_LOCAL: "true" });
  await desk.publish();
  const Failed = [{ Id: "0", Code: "Throttled", SenderFault: false }];
  aws.behave({ status: 200, body: JSON.stringify({ Successful: [], Failed }) });
  await expect(handler({}, context)).rejects.toThrow("the queue refused 1 messages: Throttled");
});

test("without the switch it sends to nobody on its own machine", async () => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const handler = await load();
  const { id } = await desk.add(`${partner.url}/local`);
  const before = partner.received.length;
  aws.behave({ status: 200, body: "{}" });
  const body = JSON.stringify({ webhook: id, release: 1, id: "1", body: "{}" });
  await handler({ Records: [recordOf(body, 1)] }, context);
  expect(partner.received).toHaveLength(before);
  expect((await desk.find(id)).lastFailure).toContain("only https is sent to");
});

test.for(["PARTNERS_TABLE", "WEBHOOK_QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "WEBHOOK_KEYS_SECRET", "CATALOGUE_TABLE"])(
  "does not start without %s",
  async (name) => {
    await expect(load({ [name]: "" })).rejects.toThrow(`the environment variable ${name} is not set`);
  },
);

test("does not start with a switch that is neither on nor off", async () => {
  await expect(load({ WEBHOOKS_ALLOW_LOCAL: "yes" })).rejects.toThrow("WEBHOOKS_ALLOW_LOCAL");
});
