import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { DumpFacts } from "../../portal/dcat/facts.ts";
import { readCoverage, readDump, type SignedLink } from "../../portal/export/listing.ts";
import type { Manifest } from "../../portal/export/manifest.ts";
import { DumpBucketReader } from "./bucket-reader.ts";

/** Where readers find dumps. */
export interface DumpShelf {
  /** The latest dump; undefined before the first one. */
  latest(): Promise<DumpFacts | undefined>;
  ofRelease(release: number): Promise<Manifest | undefined>;
  /** See `Sign`. */
  sign(key: string, name: string): Promise<SignedLink>;
}

export interface ShelfOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  /** How late a new dump may be noticed, in milliseconds. */
  readonly maxAgeMs?: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

const MAX_AGE_MS = 30_000;

/** Time to begin a download; one that has begun goes on. */
const LINK_SECONDS = 3600;

/** The dumps of a bucket. */
export class BucketShelf implements DumpShelf {
  readonly #options: Required<ShelfOptions>;
  readonly #store: DumpBucketReader;
  #known: { readonly dump: DumpFacts | undefined; readonly at: number } | undefined;
  #reading: Promise<DumpFacts | undefined> | undefined;

  constructor(options: ShelfOptions) {
    this.#options = { maxAgeMs: MAX_AGE_MS, now: Date.now, ...options };
    this.#store = new DumpBucketReader(options.s3, options.bucket);
  }

  async latest(): Promise<DumpFacts | undefined> {
    const { now, maxAgeMs } = this.#options;
    if (this.#known && now() - this.#known.at < maxAgeMs) return this.#known.dump;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<DumpFacts | undefined> {
    const at = this.#options.now();
    const manifest = await readDump(this.#store, "latest");
    const before = this.#known?.dump;
    const isSame = manifest !== undefined && manifest.release === before?.manifest.release;
    const dump = isSame ? before : manifest && { manifest, coverage: await readCoverage(this.#store, manifest) };
    this.#known = { dump, at };
    return dump;
  }

  ofRelease(release: number): Promise<Manifest | undefined> {
    return readDump(this.#store, release);
  }

  async sign(key: string, name: string): Promise<SignedLink> {
    const { s3, bucket, now } = this.#options;
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ResponseContentDisposition: `attachment; filename="gazetteer-${name}"`,
    });
    const signedAt = now();
    const url = await getSignedUrl(s3, command, { expiresIn: LINK_SECONDS, signingDate: new Date(signedAt) });
    return { url, expiresAt: new Date(signedAt + LINK_SECONDS * 1000).toISOString() };
  }
}
