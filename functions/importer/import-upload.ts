import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { badInput } from "../../portal/errors.ts";
import { releaseZip } from "../../portal/releases/files/zip.ts";
import { Publisher } from "../../portal/releases/publish.ts";
import type { PublishSummary } from "../../portal/releases/summary.ts";
import type { Store } from "../../portal/store/store.ts";
import { type Download, download } from "./download.ts";
import { type ImportReport, ReportFile } from "./report.ts";
import type { Upload } from "./uploads.ts";
import { comesAgain, type ReportedVerdict, type Verdict, verdictOfError, verdictOfSummary } from "./verdict.ts";

export interface ImportOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly store: Store;
  /** Folder for what is downloaded and spooled; nobody else's. Emptied before and after each upload. */
  readonly tempDir: string;
  readonly maxUploadBytes: number;
  /** How often the queue delivers a message before it is a dead letter. */
  readonly maxReceives: number;
  /** See `PublisherOptions`. */
  readonly settleMs: number;
  readonly graceMs: number;
  readonly leaseMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** One delivery of an upload. */
export interface Delivery {
  readonly upload: Upload;
  /** 1 for the first one. */
  readonly receives: number;
  /** Names this delivery among all that publish. */
  readonly owner: string;
  readonly requestId: string;
  /** What is left for publishing, in milliseconds. */
  readonly remainingMs: () => number;
  /** Hears of what a report does not tell. */
  readonly onError: (error: unknown) => void;
}

/** `GONE` and `SUPERSEDED`: see `Download`. `DONE`: an earlier or simultaneous delivery has published it. */
export type ImportOutcome = Verdict | { readonly status: "GONE" | "SUPERSEDED" | "DONE"; readonly message: string };

/**
 * Publishes one upload and writes the report beside it. May be called again and at the same time for the same upload:
 * the publisher lets one of them win and knows content again that was published before.
 *
 * @throws whatever keeps the report of something that is over from being written; the upload has to come again then.
 */
export async function importUpload(options: ImportOptions, delivery: Delivery): Promise<ImportOutcome> {
  const { s3, bucket, maxReceives } = options;
  const file = new ReportFile(s3, bucket, delivery.upload);
  const report = reportsOn(delivery, options.now);
  let verdict: Verdict;
  try {
    const done = await file.readDone();
    if (done) return { status: "DONE", message: done.message };
    const path = await emptyFolder(options.tempDir);
    const found = await download(s3, delivery.upload, { bucket, path, maxBytes: options.maxUploadBytes });
    if (found === "GONE" || found === "SUPERSEDED") return { status: found, message: WITHDRAWN[found] };
    await file.writeUnlessOthersDid(report({ status: "IMPORTING", message: "the import is under way" }));
    verdict = verdictOfSummary(await publish(options, delivery, path, found));
  } catch (error) {
    verdict = verdictOfError(error, delivery.requestId);
    // To wait for another publication, or for further time, is no failure.
    if (verdict.status === "RETRYING") delivery.onError(error);
  } finally {
    await rm(options.tempDir, { recursive: true, force: true });
  }
  const isLast = delivery.receives >= maxReceives;
  if (verdict.status === "WAITING" && !isLast) return verdict;
  if (verdict.status !== "WAITING" && !comesAgain(verdict)) return conclude(file, verdict, report);
  const status = isLast || verdict.status === "WAITING" ? "FAILED" : verdict.status;
  // The upload comes again anyway: a report that cannot be written now is written then.
  await file.writeUnlessOthersDid(report({ ...verdict, status })).catch(delivery.onError);
  return verdict;
}

const WITHDRAWN = {
  GONE: "the file was removed before it was imported",
  SUPERSEDED: "another file of the same name has replaced it",
} as const;

async function emptyFolder(tempDir: string): Promise<string> {
  await rm(tempDir, { recursive: true, force: true });
  await mkdir(tempDir, { recursive: true });
  return join(tempDir, "upload.zip");
}

async function publish(
  { store, settleMs, graceMs, leaseMs, now, tempDir, maxUploadBytes }: ImportOptions,
  { upload, owner, remainingMs }: Delivery,
  path: string,
  found: Download,
): Promise<PublishSummary> {
  if (found === "TOO_LARGE") {
    throw badInput("size", `${basename(upload.key)} is larger than the ${maxUploadBytes} bytes that are taken`);
  }
  const zip = await releaseZip(path, { origin: basename(upload.key) });
  try {
    const publisher = new Publisher({ store, owner, settleMs, graceMs, leaseMs, now, tempDir });
    return await publisher.publish(zip, { remainingMs });
  } finally {
    zip.close();
  }
}

async function conclude(file: ReportFile, verdict: ReportedVerdict, report: Reporter): Promise<ImportOutcome> {
  if (verdict.status === "UNCHANGED") {
    // Of two deliveries at once it is the other one that published, and its report tells what that did.
    const done = await file.readDone();
    if (done) return { status: "DONE", message: done.message };
  }
  await file.write(report(verdict));
  return verdict;
}

type Reporter = (verdict: Pick<ImportReport, "status" | "message" | "summary" | "problems">) => ImportReport;

function reportsOn({ upload, receives }: Delivery, now: () => number): Reporter {
  const { notification: _, ...dropped } = upload;
  return ({ status, message, ...found }) => ({
    ...{ status, message, upload: dropped, delivery: receives, at: new Date(now()).toISOString() },
    ...found,
  });
}
