import { PortalError } from "../errors.ts";
import { shorten } from "../identifiers.ts";

/** What can be wrong with a release; stable, for programs that read reports. */
export type ProblemCode =
  | "MANIFEST_INVALID"
  | "UNKNOWN_FILE"
  | "ARCHIVE_INVALID"
  | "EMPTY_RELEASE"
  | "UNKNOWN_COLUMN"
  | "DUPLICATE_COLUMN"
  | "MISSING_COLUMN"
  | "BROKEN_ROW"
  | "MISSING_VALUE"
  | "INVALID_VALUE"
  | "TOO_LONG"
  | "DUPLICATE_ROW"
  | "UNKNOWN_REFERENCE"
  | "STILL_REFERENCED"
  | "CANNOT_CHANGE";

/** One thing that is wrong, and where: lines count from 1, the header's included; line 0 means the whole file. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly code: ProblemCode;
  readonly message: string;
  /** The offending value, shortened. */
  readonly value: string;
}

/** How many problems a report spells out; the rest is counted. */
const FULL_PROBLEMS = 1000;

/** Collects problems: the first thousand in full, then counts per code. */
export class ProblemReport {
  readonly problems: Problem[] = [];
  readonly counts = new Map<ProblemCode, number>();
  #total = 0;

  add(problem: Problem): void {
    this.#total += 1;
    this.counts.set(problem.code, (this.counts.get(problem.code) ?? 0) + 1);
    if (this.problems.length < FULL_PROBLEMS) this.problems.push({ ...problem, value: shorten(problem.value) });
  }

  /** Counts problems that are not spelled out. */
  addMore(code: ProblemCode, count: number): void {
    if (count === 0) return;
    this.#total += count;
    this.counts.set(code, (this.counts.get(code) ?? 0) + count);
  }

  get total(): number {
    return this.#total;
  }

  /** Throws `InvalidReleaseError` if anything was found. */
  throwIfAny(origin: string): void {
    if (this.total > 0) throw new InvalidReleaseError(this, origin);
  }

  toJSON(): { total: number; counts: Record<string, number>; problems: Problem[] } {
    return { total: this.total, counts: Object.fromEntries(this.counts), problems: this.problems };
  }

  /** For people: one line per problem, then what was left out. */
  toString(): string {
    const lines = this.problems.map(formatProblem);
    const rest = this.total - this.problems.length;
    if (rest > 0) {
      const counts = [...this.counts].map(([code, n]) => `${code} ${n}`).join(", ");
      lines.push(`… and ${rest} more; in all: ${counts}`);
    }
    return lines.join("\n");
  }
}

function formatProblem({ file, line, column, code, message, value }: Problem): string {
  const place = [file, line > 0 ? String(line) : "", column].filter((part) => part !== "").join(":");
  return `${place}: ${code}: ${message}${value === "" ? "" : ` (${JSON.stringify(value)})`}`;
}

/** A release that does not hold together; nothing of it was written. */
export class InvalidReleaseError extends PortalError {
  readonly report: ProblemReport;
  /** Where the release came from: its folder. */
  readonly origin: string;

  constructor(report: ProblemReport, origin: string) {
    super("INVALID_RELEASE", `${report.total} problem${report.total === 1 ? "" : "s"} in the release\n${report}`);
    this.name = "InvalidReleaseError";
    this.report = report;
    this.origin = origin;
  }
}
