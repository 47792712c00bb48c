import type { PublishProgress } from "../../portal/releases/summary.ts";

export interface ProgressOptions {
  /** Terminals have one line that is written anew; anything else gets a line now and then. */
  readonly stream: Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;
  /** Milliseconds, from any start. */
  readonly now: () => number;
  /** How far the files have been read, from 0 to 1. */
  readonly fractionRead: () => number;
}

const PHASES = { UNDOING: "Undoing", VALIDATING: "Checking", STAGING: "Staging", COMMITTING: "Committing" } as const;
const BAR_WIDTH = 24;
const REDRAW_MS = 100;
const LINE_MS = 10_000;
/** A rate over less than this says nothing. */
const SETTLED_MS = 500;

/** Shows rows, rate and time left of a publication, phase by phase. */
export class Progress {
  readonly #options: ProgressOptions;
  #phase: PublishProgress["phase"] | undefined;
  #began = 0;
  /** Where the phase began: a publication that goes on starts in the middle. */
  #from = { rows: 0, fraction: 0 };
  #shown = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  show(progress: PublishProgress): void {
    const { now, stream } = this.#options;
    const at = now();
    const fraction = this.#fraction(progress);
    const isNew = progress.phase !== this.#phase;
    if (isNew) {
      this.#phase = progress.phase;
      this.#began = at;
      this.#from = { rows: progress.rows, fraction: fraction ?? 0 };
    }
    if (!isNew && at - this.#shown < (stream.isTTY ? REDRAW_MS : LINE_MS)) return;
    this.#shown = at;
    const line = this.#line(progress, fraction, at - this.#began);
    stream.write(stream.isTTY ? `\r${line.slice(0, (stream.columns ?? 80) - 1)}\u001b[K` : `${line}\n`);
  }

  /** Clears the line, for what comes after. */
  end(): void {
    const { stream } = this.#options;
    if (stream.isTTY && this.#phase) stream.write("\r\u001b[K");
  }

  #fraction({ phase, rows, totalRows }: PublishProgress): number | undefined {
    if (totalRows) return rows / totalRows;
    return phase === "VALIDATING" ? this.#options.fractionRead() : undefined;
  }

  #line({ phase, rows, totalRows }: PublishProgress, fraction: number | undefined, elapsedMs: number): string {
    const parts = [PHASES[phase].padEnd(10)];
    if (fraction !== undefined && this.#options.stream.isTTY) parts.push(bar(fraction));
    const unit = phase === "UNDOING" ? "series" : "rows";
    parts.push(`${count(rows)}${totalRows === undefined ? "" : ` of ${count(totalRows)}`} ${unit}`);
    if (elapsedMs >= SETTLED_MS && phase !== "COMMITTING") {
      parts.push(`${count(((rows - this.#from.rows) / elapsedMs) * 1000)} ${unit}/s`);
      const gained = (fraction ?? 0) - this.#from.fraction;
      if (fraction !== undefined && gained > 0) parts.push(`${clock((elapsedMs * (1 - fraction)) / gained)} left`);
    }
    return parts.join("  ");
  }
}

/** `[======      ]` */
export function bar(fraction: number): string {
  const filled = Math.round(Math.min(1, fraction) * BAR_WIDTH);
  return `[${"=".repeat(filled)}${" ".repeat(BAR_WIDTH - filled)}]`;
}

/** `1,234,567` */
export function count(n: number): string {
  return Math.round(n).toLocaleString("en");
}

/** `0:07`, `12:30`, `1:02:03` */
export function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const padded = `${s}`.padStart(2, "0");
  return h > 0 ? `${h}:${`${m}`.padStart(2, "0")}:${padded}` : `${m}:${padded}`;
}
