import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { DumpReader, StoredDocument } from "../../portal/export/dump-store.ts";

/** Dumps in a bucket, for those who only read them. */
export class DumpBucketReader implements DumpReader {
  protected readonly s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.s3 = s3;
    this.#bucket = bucket;
  }

  async read(key: string): Promise<StoredDocument | undefined> {
    try {
      const { Body, ETag = "" } = await this.s3.send(new GetObjectCommand(this.place(key)));
      return { text: (await Body?.transformToString()) ?? "", tag: ETag };
    } catch (error) {
      return undefinedIfMissing(error);
    }
  }

  async sizeOf(key: string): Promise<number | undefined> {
    try {
      return (await this.s3.send(new HeadObjectCommand(this.place(key)))).ContentLength;
    } catch (error) {
      return undefinedIfMissing(error);
    }
  }

  protected place(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: key };
  }
}

/** `NoSuchKey` where it is read, `NotFound` where only its head is. */
function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Error && ["NoSuchKey", "NotFound"].includes(error.name)) return undefined;
  throw error;
}
