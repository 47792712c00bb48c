import { randomUUID } from "node:crypto";
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { ImportReport } from "../../../functions/importer/report.ts";
import { type LocalImporter, type LocalImporterOptions, startImporter } from "../../../local/importer.ts";
import { type LocalS3, startS3 } from "../../../local/s3.ts";
import type { RunningEngine } from "../../support/engines.ts";
import { type Intercept, openPortal, type TestPortal } from "../../support/portal.ts";
import type { Files } from "./made-release.ts";
import { zipOfFiles } from "./zip-writer.ts";

/** A portal, a bucket, and the importer between the two. */
export interface UploadDesk {
  readonly portal: TestPortal;
  readonly importer: LocalImporter;
  readonly s3: S3Client;
  readonly bucket: string;
  /** What the function logged, parsed. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  /** Puts files as an archive, or bytes as they are; answers with the ETag, without quotes. */
  drop(key: string, content: Files | Uint8Array): Promise<string>;
  /** Sees what the function puts, and may throw in its place. */
  onPut(see: (put: { key: string; body: string }) => void): void;
  /** What lies beside an upload; undefined when nothing does. */
  reportOn(key: string): Promise<ImportReport | undefined>;
  close(): Promise<void>;
}

export interface DeskOptions extends Partial<Omit<LocalImporterOptions, "s3" | "client" | "tables">> {
  /** Sees every call of the importer to the store. */
  readonly intercept?: Intercept;
}

export async function openDesk(
  engine: RunningEngine,
  { intercept, ...options }: DeskOptions = {},
): Promise<UploadDesk> {
  const portal = await openPortal(engine);
  const bucket = options.bucket ?? `uploads-${randomUUID().slice(0, 8)}`;
  const storage: LocalS3 = await startS3({ buckets: [bucket] });
  const s3 = new S3Client(storage.clientConfig);
  const s3Client = new S3Client({ ...storage.clientConfig, maxAttempts: 1 });
  const logged: Record<string, unknown>[] = [];
  const importer = await startImporter({
    redeliverAfterMs: 20,
    leaseMs: 5000,
    ...options,
    ...{ bucket, s3: storage, s3Client, tables: portal.tables, client: portal.client(intercept) },
    log: (line) => logged.push(JSON.parse(line)),
  });
  return {
    ...{ portal, importer, s3, bucket, logged },
    drop: async (key, content) => {
      const Body = content instanceof Uint8Array ? content : zipOfFiles(content as Files);
      const { ETag = "" } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
      return ETag.replaceAll('"', "");
    },
    onPut: (see) => addPutObserver(s3Client, see),
    reportOn: (key) => readReport(s3, bucket, key),
    close: async () => {
      await importer.close();
      s3.destroy();
      await storage.close();
      await portal.close();
    },
  };
}

function addPutObserver(client: S3Client, see: Parameters<UploadDesk["onPut"]>[0]): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { Key = "", Body = "" } = args.input as { Key?: string; Body?: unknown };
        if (commandName === "PutObjectCommand") see({ key: Key, body: String(Body) });
        return next(args);
      },
    { step: "initialize", name: "onPut" },
  );
}

async function readReport(s3: S3Client, bucket: string, key: string): Promise<ImportReport | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `${key}.report.json` }));
    return JSON.parse((await Body?.transformToString()) ?? "");
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
