import { hash } from "node:crypto";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { Context } from "aws-lambda";
import { DumpBucket } from "../../../functions/dumps/bucket.ts";
import { type ExporterOutcome, exporterFunction } from "../../../functions/exporter/function.ts";
import { createLambdaContext } from "../../../local/events.ts";
import { startS3 } from "../../../local/s3.ts";
import type { DumpFile, Manifest, StoredFile } from "../../../portal/export/manifest.ts";
import { Store } from "../../../portal/store/store.ts";
import type { RunningEngine } from "../../support/engines.ts";
import { type Intercept, openPortal, type TestPortal } from "../../support/portal.ts";

/** A portal, a bucket, and the exporter between the two. */
export interface DumpDesk {
  readonly portal: TestPortal;
  readonly s3: S3Client;
  readonly bucket: string;
  /** Invokes the function once, on connections of its own. */
  export(options?: Invocation): Promise<ExporterOutcome>;
  /** The calls of the function to S3 since this was last asked, `PutObject dumps/1/regions.csv.gz`. */
  calls(): string[];
  /** What the function logged, parsed. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  latest(): Promise<Manifest | undefined>;
  read(key: string): Promise<Buffer>;
  keys(prefix?: string): Promise<string[]>;
  remove(prefix: string): Promise<void>;
  close(): Promise<void>;
}

export interface Invocation {
  /** Sees every call to the store. */
  readonly intercept?: Intercept;
  /** Sees every call to S3 before it is sent, and may throw in its place. */
  readonly onS3?: (call: string) => void;
  /** What is left of the function's time, in milliseconds. */
  readonly remainingMs?: () => number;
}

export async function openDumpDesk(engine: Pick<RunningEngine, "endpoint">): Promise<DumpDesk> {
  const portal = await openPortal(engine);
  const bucket = "dumps";
  const storage = await startS3({ buckets: [bucket] });
  const s3 = new S3Client(storage.clientConfig);
  const logged: Record<string, unknown>[] = [];
  let calls: string[] = [];
  const read = async (key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return buffer(Body as Readable);
  };
  const keys = async (prefix = "") => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    return Contents.map(({ Key = "" }) => Key);
  };
  return {
    ...{ portal, s3, bucket, logged, read, keys },
    export: async ({ intercept, onS3, remainingMs } = {}) => {
      const own = new S3Client({ ...storage.clientConfig, maxAttempts: 1 });
      observe(own, (call) => {
        calls.push(call);
        onS3?.(call);
      });
      const client = portal.client(intercept, { maxAttempts: 1 });
      const invoke = exporterFunction({
        store: new Store({ client, tables: portal.tables }),
        dumps: new DumpBucket(own, bucket),
        log: (line) => logged.push(JSON.parse(line)),
        now: Date.now,
      });
      const context: Context = createLambdaContext("exporter");
      const late = remainingMs ? { getRemainingTimeInMillis: remainingMs } : minutes(15);
      try {
        return await invoke({}, { ...context, ...late });
      } finally {
        own.destroy();
      }
    },
    calls: () => {
      const seen = calls;
      calls = [];
      return seen;
    },
    latest: async () => {
      const found = await keys("dumps/latest.json");
      return found.length === 0 ? undefined : JSON.parse(String(await read("dumps/latest.json")));
    },
    remove: async (prefix) => {
      const Objects = (await keys(prefix)).map((Key) => ({ Key }));
      if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
    },
    close: async () => {
      s3.destroy();
      await storage.close();
      await portal.close();
    },
  };
}

function minutes(count: number): Pick<Context, "getRemainingTimeInMillis"> {
  const deadline = Date.now() + count * 60_000;
  return { getRemainingTimeInMillis: () => deadline - Date.now() };
}

function observe(client: S3Client, see: (call: string) => void): void {
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        see(`${commandName.replace("Command", "")} ${(args.input as { Key?: string }).Key}`);
        return next(args);
      },
    { step: "initialize", name: "observe" },
  );
}

/** All files that a manifest names. */
export function filesOf({ tables, coverage }: Manifest): (StoredFile | DumpFile)[] {
  return [...tables.flatMap(({ files }) => [...files]), coverage];
}

/** The names of the files that are not as the manifest says. */
export async function damagedFiles(desk: DumpDesk, manifest: Manifest): Promise<string[]> {
  const checked = await Promise.all(
    filesOf(manifest).map(async ({ key, bytes, sha256 }) => {
      const content = await desk.read(key).catch(() => Buffer.alloc(0));
      return content.length === bytes && hash("sha256", content, "hex") === sha256 ? [] : [key];
    }),
  );
  return checked.flat();
}
