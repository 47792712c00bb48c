import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import type { S3Event } from "aws-lambda";
import type { DeadLetter } from "../functions/dead-letters.ts";
import { type ImporterHandler, importerFunction } from "../functions/importer/function.ts";
import type { TableNames } from "../portal/store/store.ts";
import { createLambdaContext } from "./events.ts";
import { LocalQueue, type QueuedMessage } from "./queue.ts";
import type { LocalS3 } from "./s3.ts";

export interface LocalImporterOptions {
  readonly s3: LocalS3;
  readonly bucket: string;
  readonly client: DynamoDBClient;
  readonly tables: TableNames;
  /** The function's own client; one on `s3` when left out. */
  readonly s3Client?: S3Client;
  /** Begins an invocation: gives what is left of its time, in milliseconds. Lambda gives 15 minutes at most. */
  readonly invocationTime?: () => () => number;
  readonly maxReceives?: number;
  /** How long a message that failed stays invisible, in milliseconds. */
  readonly redeliverAfterMs?: number;
  /** Invocations at a time; each has a folder and an owner's name of its own. */
  readonly concurrency?: number;
  readonly leaseMs?: number;
  readonly maxUploadBytes?: number;
  readonly log?: (line: string) => void;
}

export interface LocalImporter {
  /** Messages that the function gave up, and messages that were delivered too often. */
  readonly deadLetters: readonly (DeadLetter | QueuedMessage)[];
  /** Puts a message into the queue, as S3 does for each object. */
  send(body: string): void;
  /** Resolves once everything that was put so far is dealt with. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The importer function behind the embedded S3: what is put into the bucket goes through a queue into the function that
 * Lambda runs, as often as the function wants it back. Nothing has to settle on the embedded engine.
 */
export async function startImporter(options: LocalImporterOptions): Promise<LocalImporter> {
  const { maxReceives = 20, redeliverAfterMs = 1000, concurrency = 2, invocationTime = fifteenMinutes } = options;
  const folder = await mkdtemp(join(tmpdir(), "gazetteer-importer-"));
  const s3 = options.s3Client ?? new S3Client(options.s3.clientConfig);
  const letters: DeadLetter[] = [];
  const idle = Array.from({ length: concurrency }, (_, i) => instance(options, s3, join(folder, `${i}`), letters));
  const queue = new LocalQueue({
    deliver: async (event) => {
      const handler = idle.pop() as ImporterHandler;
      try {
        return await handler(event, {
          ...createLambdaContext("importer"),
          getRemainingTimeInMillis: invocationTime(),
        });
      } finally {
        idle.push(handler);
      }
    },
    ...{ maxReceives, redeliverAfterMs, concurrency },
  });
  options.s3.onEvent((event) => {
    if (isNotified(event)) queue.send(JSON.stringify(event));
  });
  return {
    get deadLetters() {
      return [...letters, ...queue.deadLetters];
    },
    send: (body) => queue.send(body),
    idle: () => queue.idle(),
    close: async () => {
      await queue.close();
      s3.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As the notification of the upload bucket is set up: objects that were created, and whose keys end so. */
function isNotified({ Records }: S3Event): boolean {
  return Records.some(({ eventName, s3 }) => eventName.startsWith("ObjectCreated:") && s3.object.key.endsWith(".zip"));
}

/** Lambda, too, runs one invocation at a time in each instance of a function. */
function instance(
  { bucket, client, tables, maxReceives = 20, leaseMs = 60_000, maxUploadBytes = 2 ** 30, log }: LocalImporterOptions,
  s3: S3Client,
  tempDir: string,
  letters: DeadLetter[],
): ImporterHandler {
  return importerFunction({
    ...{ s3, bucket, client, tables, tempDir, maxUploadBytes, maxReceives, leaseMs },
    settleMs: 0,
    graceMs: 0,
    now: Date.now,
    deadLetters: async (letter) => void letters.push(letter),
    ...(log ? { log } : {}),
  });
}

function fifteenMinutes(): () => number {
  const deadline = Date.now() + 900_000;
  return () => Math.max(0, deadline - Date.now());
}
