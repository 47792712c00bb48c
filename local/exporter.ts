import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DumpBucket } from "../functions/dumps/bucket.ts";
import { BucketShelf, type DumpShelf } from "../functions/dumps/shelf.ts";
import { type ExporterHandler, exporterFunction } from "../functions/exporter/function.ts";
import { Store, type TableNames } from "../portal/store/store.ts";
import { createLambdaContext } from "./events.ts";
import { type LocalS3, startS3 } from "./s3.ts";

const BUCKET = "gazetteer-dumps";

export interface LocalDumpsOptions {
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  /** Where the embedded S3 keeps its objects; gone at the end when left out. */
  readonly dataDir?: string | undefined;
}

/** Dumps on this machine. */
export interface LocalDumps extends DumpShelf {
  close(): Promise<void>;
}

/**
 * The exporter function in front of an embedded S3. Nobody waits for it when the portal starts: S3 starts, and a release
 * is dumped, when somebody first asks for dumps or for the catalogue.
 */
export function localDumps({ client, tables, dataDir }: LocalDumpsOptions): LocalDumps {
  let opened: Promise<OpenedDumps> | undefined;
  let exporting: Promise<unknown> = Promise.resolve();
  const open = () => {
    opened ??= openDumps(new Store({ client, tables }), dataDir);
    return opened;
  };
  return {
    latest: async () => {
      const { shelf, invoke } = await open();
      // One after the other: the second finds that there is nothing left to do.
      const next = () => invoke({}, { ...createLambdaContext("exporter"), getRemainingTimeInMillis: () => 900_000 });
      exporting = exporting.then(next, next);
      await exporting;
      return shelf.latest();
    },
    ofRelease: async (release) => (await open()).shelf.ofRelease(release),
    sign: async (key, name) => (await open()).shelf.sign(key, name),
    close: async () => {
      await exporting.catch(() => undefined);
      if (opened) await (await opened).close();
    },
  };
}

interface OpenedDumps {
  readonly shelf: BucketShelf;
  readonly invoke: ExporterHandler;
  close(): Promise<void>;
}

async function openDumps(store: Store, dataDir: string | undefined): Promise<OpenedDumps> {
  const storage: LocalS3 = await startS3({ buckets: [BUCKET], dataDir });
  const s3 = new S3Client(storage.clientConfig);
  const dumps = new DumpBucket(s3, BUCKET);
  return {
    shelf: new BucketShelf({ s3, bucket: BUCKET, maxAgeMs: 0 }),
    invoke: exporterFunction({ store, dumps, log: () => undefined, now: Date.now }),
    close: async () => {
      s3.destroy();
      await storage.close();
    },
  };
}
