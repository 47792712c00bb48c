import type { S3EventRecord } from "aws-lambda";

interface Notified {
  readonly eventName?: string;
  readonly bucket?: string;
  /** As S3 encodes it. */
  readonly key?: string;
  readonly eTag?: string;
  readonly size?: number;
  readonly sequencer?: string;
}

/** One record of what S3 sends to a queue. */
export function notification({
  eventName = "ObjectCreated:Put",
  bucket = "uploads",
  key = "release.zip",
  eTag = "",
  size = 1,
  sequencer = "00",
}: Notified = {}): S3EventRecord {
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: "eu-central-1",
    eventTime: "2024-05-24T08:00:00.000Z",
    eventName,
    userIdentity: { principalId: "AWS:PARTNER" },
    requestParameters: { sourceIPAddress: "192.0.2.1" },
    responseElements: { "x-amz-request-id": "R", "x-amz-id-2": "I" },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId: "uploads",
      bucket: { name: bucket, ownerIdentity: { principalId: "OWNER" }, arn: `arn:aws:s3:::${bucket}` },
      object: { key, size, eTag, sequencer },
    },
  };
}

/** The body of the message that wraps them. */
export function messageOf(...records: readonly S3EventRecord[]): string {
  return JSON.stringify({ Records: records });
}
