import { Readable } from "node:stream";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { DumpStore, StoredDocument } from "../../portal/export/dump-store.ts";
import { DumpBucketReader } from "./bucket-reader.ts";

/**
 * S3 takes at most 10,000 parts; 8 MiB each make 78 GiB. Two of each of the six files that are written at once are in
 * memory.
 */
const PART_BYTES = 8 * 2 ** 20;
const PARTS_AT_ONCE = 2;

/** Dumps in a bucket. */
export class DumpBucket extends DumpBucketReader implements DumpStore {
  /** A small body is one call; a large one goes up in parts, which S3 puts together at the end or not at all. */
  async write(key: string, body: AsyncIterable<Uint8Array>, mediaType: string): Promise<void> {
    const upload = new Upload({
      client: this.s3,
      params: { ...this.place(key), Body: Readable.from(body, { objectMode: false }), ContentType: mediaType },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    await upload.done();
  }

  async writeDocument(key: string, text: string): Promise<void> {
    await this.#put(key, text, {});
  }

  async replaceDocument(key: string, text: string, over: StoredDocument | null): Promise<boolean> {
    try {
      await this.#put(key, text, over === null ? { IfNoneMatch: "*" } : { IfMatch: over.tag });
      return true;
    } catch (error) {
      if (error instanceof Error && ["PreconditionFailed", "ConditionalRequestConflict"].includes(error.name)) {
        return false;
      }
      throw error;
    }
  }

  async #put(key: string, text: string, condition: { IfMatch?: string; IfNoneMatch?: string }): Promise<void> {
    const ContentType = "application/json; charset=utf-8";
    await this.s3.send(new PutObjectCommand({ ...this.place(key), ...condition, Body: text, ContentType }));
  }
}
