import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ProblemReport } from "../../portal/releases/problems.ts";
import type { PublishSummary } from "../../portal/releases/summary.ts";
import { isMissing } from "./download.ts";
import type { Upload } from "./uploads.ts";

/** Where the import of an upload stands. */
export type ImportStatus =
  /** Taken up; the report is replaced once it is known how it went. A function that died leaves it so. */
  | "IMPORTING"
  /** Readers see it. */
  | "PUBLISHED"
  /** The same content had been published before, or changes nothing. */
  | "UNCHANGED"
  /** The release does not hold together: nothing was published, and it will not be tried again by itself. */
  | "REJECTED"
  /** The time of one invocation did not suffice; a further one goes on. */
  | "PAUSED"
  /** Something failed that may succeed later; it will be tried again. */
  | "RETRYING"
  /** The same, for the last time: the message is a dead letter now. */
  | "FAILED";

/** What is written beside an upload, under its key and `.report.json`. */
export interface ImportReport {
  readonly status: ImportStatus;
  /** In words, for people. */
  readonly message: string;
  /** Which upload this speaks of: another one of the same name may have followed. */
  readonly upload: Omit<Upload, "notification">;
  /** How often the queue had delivered the upload by then. */
  readonly delivery: number;
  /** ISO 8601 instant, UTC. */
  readonly at: string;
  readonly summary?: PublishSummary;
  /** What is wrong where: the first 1,000 in full, then counts by code. */
  readonly problems?: ReturnType<ProblemReport["toJSON"]>;
}

/** What `ReportFile` needs to know of a report that it finds. */
type StoredReport = Pick<ImportReport, "status" | "message" | "upload">;

export function reportKey(key: string): string {
  return `${key}.report.json`;
}

/**
 * The report of one upload. Deliveries of the same upload may run at once: the end of a publication is written whatever
 * stands there, anything less only where nobody else wrote meanwhile (S3's conditional writes).
 */
export class ReportFile {
  readonly #s3: S3Client;
  readonly #place: { readonly Bucket: string; readonly Key: string };
  readonly #upload: Upload;
  #eTag: string | undefined;

  constructor(s3: S3Client, bucket: string, upload: Upload) {
    this.#s3 = s3;
    this.#place = { Bucket: bucket, Key: reportKey(upload.key) };
    this.#upload = upload;
  }

  /** The report of an earlier or simultaneous delivery of this very upload, if it says that all is done. */
  async readDone(): Promise<StoredReport | undefined> {
    const report = await this.#read();
    if (report?.status !== "PUBLISHED" && report?.status !== "UNCHANGED") return undefined;
    const { eTag, sequencer } = report.upload;
    return eTag === this.#upload.eTag && sequencer === this.#upload.sequencer ? report : undefined;
  }

  async #read(): Promise<StoredReport | undefined> {
    try {
      const { Body, ETag } = await this.#s3.send(new GetObjectCommand(this.#place));
      this.#eTag = ETag;
      return parseReport((await Body?.transformToString()) ?? "");
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#eTag = undefined;
      return undefined;
    }
  }

  /** Replaces whatever stands there. */
  async write(report: ImportReport): Promise<void> {
    await this.#put(report, {});
  }

  /** Does nothing where another delivery wrote since this one read or wrote. */
  async writeUnlessOthersDid(report: ImportReport): Promise<void> {
    const condition = this.#eTag === undefined ? { IfNoneMatch: "*" } : { IfMatch: this.#eTag };
    try {
      await this.#put(report, condition);
    } catch (error) {
      if (!isPreconditionFailed(error) && !isMissing(error)) throw error;
    }
  }

  async #put(report: ImportReport, condition: { IfMatch?: string; IfNoneMatch?: string }): Promise<void> {
    const { ETag } = await this.#s3.send(
      new PutObjectCommand({
        ...this.#place,
        ...condition,
        Body: `${JSON.stringify(report, null, 2)}\n`,
        ContentType: "application/json; charset=utf-8",
      }),
    );
    this.#eTag = ETag;
  }
}

/** Undefined for what is no report of ours: it is then overwritten as any older one. */
function parseReport(text: string): StoredReport | undefined {
  try {
    const report = JSON.parse(text) as StoredReport | null;
    return report?.upload && report.status ? report : undefined;
  } catch {
    return undefined;
  }
}

function isPreconditionFailed(error: unknown): boolean {
  return error instanceof Error && ["PreconditionFailed", "ConditionalRequestConflict"].includes(error.name);
}
