import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Upload } from "./uploads.ts";

/**
 * `HERE` when the file was written; `GONE` when it was removed meanwhile; `SUPERSEDED` when another content stands under
 * its key, which has a notification of its own; `TOO_LARGE` when it is.
 */
export type Download = "HERE" | "GONE" | "SUPERSEDED" | "TOO_LARGE";

export interface DownloadOptions {
  readonly bucket: string;
  readonly path: string;
  readonly maxBytes: number;
}

/** Streams an upload to disk. */
export async function download(
  s3: S3Client,
  { key, eTag }: Upload,
  { bucket, path, maxBytes }: DownloadOptions,
): Promise<Download> {
  const object = await find(s3, bucket, key);
  if (!object) return "GONE";
  const body = object.Body as Readable;
  const unwanted = refusal(object, eTag, maxBytes);
  if (unwanted) {
    body.destroy();
    return unwanted;
  }
  await pipeline(body, createWriteStream(path));
  return "HERE";
}

async function find(s3: S3Client, bucket: string, key: string) {
  try {
    return await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function refusal(
  { ETag, ContentLength = Number.POSITIVE_INFINITY }: { ETag?: string | undefined; ContentLength?: number | undefined },
  eTag: string,
  maxBytes: number,
): Download | undefined {
  // Notifications have the ETag without its quotes.
  if (eTag !== "" && ETag?.replaceAll('"', "") !== eTag) return "SUPERSEDED";
  return ContentLength > maxBytes ? "TOO_LARGE" : undefined;
}

/** Answered so only to those who may list the bucket; others are told that access is denied. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === "NoSuchKey";
}
