import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import type { S3Event } from "aws-lambda";
import S3rver from "s3rver";
import { StartError } from "./start-error.ts";

export interface LocalS3 {
  readonly endpoint: string;
  readonly clientConfig: S3ClientConfig;
  /** Hears of every object that is put or removed, as a queue hears of it from S3. */
  onEvent(listener: (event: S3Event) => void): void;
  close(): Promise<void>;
}

export interface LocalS3Options {
  /** Buckets that are there from the start. */
  readonly buckets: readonly string[];
  /** Folder in which the objects are kept; one that is gone at the end when left out. */
  readonly dataDir?: string | undefined;
}

/** The embedded engine knows one account, whose id and secret are both this. */
const CREDENTIAL = "S3RVER";

/**
 * Objects are addressed by path: a bucket has no host name of its own on this machine. Checksums are sent only where
 * they must be: behind a streamed body they make it `aws-chunked`, which the engine would store as it comes.
 */
export function localS3Config(endpoint: string): S3ClientConfig {
  const credentials = { accessKeyId: CREDENTIAL, secretAccessKey: CREDENTIAL };
  return {
    ...{ endpoint, region: "us-east-1", forcePathStyle: true, credentials },
    requestChecksumCalculation: "WHEN_REQUIRED",
  };
}

/**
 * Starts an embedded S3 on a free loopback port. It has no versions, no conditional writes and no permissions.
 *
 * @throws StartError when the folder cannot be used.
 */
export async function startS3({ buckets, dataDir }: LocalS3Options): Promise<LocalS3> {
  const directory = await prepareFolder(dataDir);
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    configureBuckets: buckets.map((name) => ({ name })),
  });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    clientConfig: localS3Config(endpoint),
    onEvent: (listener) => {
      server.on("event", (event) => listener(encodeKeys(event)));
    },
    close: async () => {
      await server.close();
      if (dataDir === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function prepareFolder(dataDir: string | undefined): Promise<string> {
  if (dataDir === undefined) return mkdtemp(join(tmpdir(), "gazetteer-s3-"));
  const directory = join(dataDir, "s3");
  try {
    await mkdir(directory, { recursive: true });
    return directory;
  } catch (error) {
    throw new StartError(`the objects cannot be kept in ${dataDir}: ${(error as Error).message}`, { cause: error });
  }
}

/** S3 encodes the keys in its notifications as a form would, slashes apart. */
function encodeKeys({ Records }: S3Event): S3Event {
  return {
    Records: Records.map((record) => {
      const key = encodeURIComponent(record.s3.object.key).replaceAll("%20", "+").replaceAll("%2F", "/");
      return { ...record, s3: { ...record.s3, object: { ...record.s3.object, key } } };
    }),
  };
}
