import { PortalError } from "../errors.ts";

/** What a publication did, or would do. */
export interface PublishSummary {
  /** The release that now holds what was published; an earlier one when nothing was new. */
  readonly release: number;
  /** False when the same files, or the same content, had been published before, and after a validation. */
  readonly published: boolean;
  readonly rows: number;
  readonly entities: { readonly added: number; readonly revised: number; readonly deleted: number };
  /** Claims added, withdrawals included. */
  readonly claims: number;
  readonly observations: { readonly added: number; readonly revised: number; readonly withdrawn: number };
  /** Rows that repeat what stands. */
  readonly unchanged: number;
  readonly changes: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  /** What a revert could not undo, and why. */
  readonly impossible: readonly string[];
}

export const NOTHING: Omit<PublishSummary, "release" | "readUnits" | "writeUnits"> = {
  published: false,
  rows: 0,
  entities: { added: 0, revised: 0, deleted: 0 },
  claims: 0,
  observations: { added: 0, revised: 0, withdrawn: 0 },
  unchanged: 0,
  changes: 0,
  impossible: [],
};

export interface PublishProgress {
  /** A revert begins with `UNDOING`, whose rows are series. */
  readonly phase: "UNDOING" | "VALIDATING" | "STAGING" | "COMMITTING";
  readonly rows: number;
  /** Known once everything was read. */
  readonly totalRows?: number;
}

export interface PublishOptions {
  readonly onProgress?: ((progress: PublishProgress) => void) | undefined;
  /** How much time is left, in milliseconds; when it runs short the publication pauses at its next checkpoint. */
  readonly remainingMs?: (() => number) | undefined;
  /** Rows between two checkpoints, at least; 100,000 when left out. */
  readonly checkpointRows?: number | undefined;
}

/** Time ran short. Published again, the same files go on where they stood. */
export class PublicationPausedError extends PortalError {
  constructor(release: number, rows: number, totalRows: number) {
    super(
      "RELEASE_PAUSED",
      `release ${release} paused after ${rows} of ${totalRows} rows; publish the same files again`,
    );
    this.name = "PublicationPausedError";
  }
}
