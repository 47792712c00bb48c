import { SQSClient } from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { afterEach, describe, expect, test, vi } from "vitest";
import { deadLetterQueue } from "../../functions/dead-letters.ts";
import { importerSettings } from "../../functions/importer/environment.ts";
import { createLambdaContext } from "../../local/events.ts";

const ENVIRONMENT = {
  UPLOAD_BUCKET: "uploads",
  DEAD_LETTER_QUEUE_URL: "https://sqs.test/dead",
  MAX_RECEIVES: "20",
};

function sqsEvent(body: string): SQSEvent {
  const attributes = { ApproximateReceiveCount: "1", SentTimestamp: "0", SenderId: "S3" };
  const record = {
    ...{ messageId: "m1", receiptHandle: "r1", body, messageAttributes: {}, md5OfBody: "" },
    attributes: { ...attributes, ApproximateFirstReceiveTimestamp: "0" },
    ...{ eventSource: "aws:sqs", eventSourceARN: "arn:aws:sqs:eu-central-1:1:uploads", awsRegion: "eu-central-1" },
  };
  return { Records: [record] };
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

describe("the importer's environment", () => {
  test("says all that is not said has a default", () => {
    expect(importerSettings(ENVIRONMENT)).toMatchObject({
      bucket: "uploads",
      deadLetterQueueUrl: "https://sqs.test/dead",
      maxReceives: 20,
      maxUploadBytes: 2 ** 30,
      settleMs: 5000,
    });
    const more = { MAX_UPLOAD_BYTES: "1000", SETTLE_MS: "0" };
    expect(importerSettings({ ...ENVIRONMENT, ...more })).toMatchObject({ maxUploadBytes: 1000, settleMs: 0 });
  });

  test.for(Object.keys(ENVIRONMENT))("without %s stops the start with its name", (name) => {
    expect(() => importerSettings({ ...ENVIRONMENT, [name]: "" })).toThrow(`${name} is not set`);
  });

  test.for(["MAX_RECEIVES", "MAX_UPLOAD_BYTES", "SETTLE_MS"])("with a strange %s stops the start, too", (name) => {
    expect(() => importerSettings({ ...ENVIRONMENT, [name]: "1 GB" })).toThrow(`${name} is to be a whole number`);
  });
});

describe("the handler", () => {
  test("starts in its environment and answers a test event of S3", async () => {
    const names = { ...ENVIRONMENT, CATALOGUE_TABLE: "c", SERIES_TABLE: "s", AWS_REGION: "eu-central-1" };
    for (const [name, value] of Object.entries(names)) vi.stubEnv(name, value);
    const log = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const { handler } = await import("../../functions/importer/handler.ts");
    const event = sqsEvent(JSON.stringify({ Event: "s3:TestEvent" }));
    expect(await handler(event, createLambdaContext("importer"))).toEqual({ batchItemFailures: [] });
    expect(JSON.parse(String(log.mock.calls[0]?.[0]))).toMatchObject({ message: "ignored", messageId: "m1" });
    log.mockRestore();
  });

  test("does not start without its tables", async () => {
    for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
    vi.stubEnv("CATALOGUE_TABLE", "");
    await expect(import("../../functions/importer/handler.ts")).rejects.toThrow("CATALOGUE_TABLE is not set");
  });
});

describe("a dead letter", () => {
  test("goes to its queue as it came, with the reason and the report's place beside it", async () => {
    const sent: unknown[] = [];
    const client = new SQSClient({ region: "eu-central-1" });
    // There is no SQS to be had on one machine: the request is looked at where it would be sent.
    client.middlewareStack.add(
      () => async (args) => {
        sent.push(args.input);
        return { output: { $metadata: {} }, response: {} };
      },
      { step: "initialize" },
    );
    const box = deadLetterQueue(client, "https://sqs.test/dead");
    await box({ body: "{}", reason: "r".repeat(2000), report: "s3://uploads/a.zip.report.json" });
    await box({ body: "hello", reason: "no JSON" });
    expect(sent).toEqual([
      {
        QueueUrl: "https://sqs.test/dead",
        MessageBody: "{}",
        MessageAttributes: {
          reason: { DataType: "String", StringValue: "r".repeat(1000) },
          report: { DataType: "String", StringValue: "s3://uploads/a.zip.report.json" },
        },
      },
      {
        QueueUrl: "https://sqs.test/dead",
        MessageBody: "hello",
        MessageAttributes: { reason: { DataType: "String", StringValue: "no JSON" } },
      },
    ]);
    client.destroy();
  });
});
