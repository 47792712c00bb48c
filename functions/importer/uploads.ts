import type { S3EventRecord } from "aws-lambda";

/** A file that was dropped in the upload bucket, as S3 notified of it. */
export interface Upload {
  readonly key: string;
  /** Of the content that the notification speaks of. */
  readonly eTag: string;
  readonly size: number;
  /** Orders the notifications of one key; with the eTag it tells one drop from another. */
  readonly sequencer: string;
  readonly notification: S3EventRecord;
}

/** What a message of the queue asks for. */
export interface UploadMessage {
  readonly uploads: readonly Upload[];
  /** Notifications that ask for nothing, and why; for the log. */
  readonly ignored: readonly string[];
}

/** A message that no S3 notification can be read from. */
export class UnreadableMessageError extends Error {
  override readonly name = "UnreadableMessageError";
}

/**
 * Reads an S3 event notification as the queue delivers it.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 *
 * @throws UnreadableMessageError for anything else.
 */
export function readMessage(body: string, bucket: string): UploadMessage {
  const message = parse(body);
  // Sent once when the notification is set up.
  if (message.Event === "s3:TestEvent") return { uploads: [], ignored: ["a test event of S3"] };
  if (!Array.isArray(message.Records)) throw new UnreadableMessageError("the message is no S3 event notification");
  const uploads: Upload[] = [];
  const ignored: string[] = [];
  for (const record of message.Records as unknown[]) {
    if (!isNotification(record))
      throw new UnreadableMessageError("a record of the message is no S3 event notification");
    const upload = uploadOf(record);
    const reason = reasonToIgnore(record, upload.key, bucket);
    if (reason === undefined) uploads.push(upload);
    else ignored.push(reason);
  }
  return { uploads, ignored };
}

function uploadOf(notification: S3EventRecord): Upload {
  const { key, eTag = "", size = 0, sequencer = "" } = notification.s3.object;
  return { key: decodeKey(key), eTag, size, sequencer, notification };
}

function reasonToIgnore({ eventName, s3 }: S3EventRecord, key: string, bucket: string): string | undefined {
  if (s3.bucket.name !== bucket) return `${key} is in the bucket ${s3.bucket.name}, not in ${bucket}`;
  if (!eventName.startsWith("ObjectCreated:")) return `${key}: ${eventName} is no upload`;
  if (!/\.zip$/i.test(key)) return `${key} is no .zip file`;
  return undefined;
}

/** Keys come as a form encodes them: a space as a plus sign, everything else by percent. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    throw new UnreadableMessageError(`the key ${key} is not URL-encoded`);
  }
}

function parse(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (isRecord(value)) return value;
  } catch {
    // Reported below, as any other value that is none.
  }
  throw new UnreadableMessageError("the message is no JSON object");
}

function isNotification(value: unknown): value is S3EventRecord {
  if (!isRecord(value) || typeof value.eventName !== "string" || !isRecord(value.s3)) return false;
  const { bucket, object } = value.s3;
  return isRecord(bucket) && typeof bucket.name === "string" && isRecord(object) && typeof object.key === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
