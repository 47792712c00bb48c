import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { Store, type TableNames } from "../../portal/store/store.ts";
import type { DeadLetterBox } from "../dead-letters.ts";
import { readableStack } from "../stack.ts";
import { type ImportOptions, type ImportOutcome, importUpload } from "./import-upload.ts";
import { reportKey } from "./report.ts";
import { readMessage, UnreadableMessageError, type Upload } from "./uploads.ts";
import { comesAgain } from "./verdict.ts";

export interface ImporterFunctionOptions extends Omit<ImportOptions, "store"> {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  readonly deadLetters: DeadLetterBox;
  /** Takes one line of JSON per upload and per failure. Default: `console.log`. */
  readonly log?: (line: string) => void;
}

export type ImporterHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Kept back of an invocation's time: to write the report and to answer. */
const RESERVE_MS = 15_000;
/** An upload is not begun with less than this; another invocation takes it up. */
const MIN_START_MS = 120_000;

/**
 * The importer with everything that it depends on passed in. Its messages come from a queue that S3 notifies; each of
 * them is answered for by itself, so that one that fails does not bring back the others (ReportBatchItemFailures).
 */
export function importerFunction(options: ImporterFunctionOptions): ImporterHandler {
  const { client, tables, deadLetters, log = console.log, ...rest } = options;
  const importing: ImportOptions = { ...rest, store: new Store({ client, tables }) };
  return async (event, context) => {
    const failed: string[] = [];
    for (const record of event.Records) {
      const say = (fields: object) =>
        log(JSON.stringify({ ...fields, messageId: record.messageId, requestId: context.awsRequestId }));
      try {
        if (await handleMessage(importing, deadLetters, record, context, say)) continue;
      } catch (error) {
        say({ level: "ERROR", message: "a message failed unexpectedly", error: describe(error) });
      }
      failed.push(record.messageId);
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

type Say = (fields: object) => void;

/** @returns whether the message is dealt with; it comes again otherwise. */
async function handleMessage(
  importing: ImportOptions,
  deadLetters: DeadLetterBox,
  record: SQSRecord,
  context: Context,
  say: Say,
): Promise<boolean> {
  let uploads: readonly Upload[];
  try {
    const message = readMessage(record.body, importing.bucket);
    for (const reason of message.ignored) say({ level: "INFO", message: "ignored", reason });
    uploads = message.uploads;
  } catch (error) {
    if (!(error instanceof UnreadableMessageError)) throw error;
    say({ level: "ERROR", message: "dead letter", reason: error.message });
    await deadLetters({ body: record.body, reason: error.message });
    return true;
  }
  let dealtWith = true;
  for (const upload of uploads) {
    const outcome = await handleUpload(importing, upload, record, context, say);
    if (outcome?.status === "REJECTED") await deadLetters(letterOf(upload, outcome, importing.bucket));
    if (!outcome || comesAgain(outcome)) dealtWith = false;
  }
  return dealtWith;
}

async function handleUpload(
  importing: ImportOptions,
  upload: Upload,
  record: SQSRecord,
  context: Context,
  say: Say,
): Promise<ImportOutcome | undefined> {
  const { key, notification } = upload;
  if (context.getRemainingTimeInMillis() < MIN_START_MS) {
    say({ level: "INFO", message: "too little time is left to begin", key });
    return undefined;
  }
  const receives = Number(record.attributes.ApproximateReceiveCount);
  const began = importing.now();
  const outcome = await importUpload(importing, {
    upload,
    receives,
    owner: `importer/${context.awsRequestId}/${record.messageId}`,
    requestId: context.awsRequestId,
    remainingMs: () => context.getRemainingTimeInMillis() - RESERVE_MS,
    onError: (error) => say({ level: "ERROR", message: "an import failed", key, error: describe(error) }),
  });
  const seconds = (importing.now() - began) / 1000;
  const by = {
    principal: notification.userIdentity?.principalId,
    from: notification.requestParameters?.sourceIPAddress,
  };
  say({ level: "INFO", message: outcome.message, status: outcome.status, key, by, receives, seconds });
  return outcome;
}

function letterOf({ key, notification }: Upload, { message }: ImportOutcome, bucket: string) {
  const body = JSON.stringify({ Records: [notification] });
  return { body, reason: message, report: `s3://${bucket}/${reportKey(key)}` };
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return { name, message, stack: readableStack(stack ?? ""), ...(cause === undefined ? {} : { cause: String(cause) }) };
}
