import { GazetteerError } from "../client/src/error.ts";
import { PortalError } from "../portal/errors.ts";
import { InvalidReleaseError, type ProblemReport } from "../portal/releases/problems.ts";
import { UsageError } from "./usage-error.ts";

/** How a command ended; `usage.ts` says what each code means. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, inProgress: 4, paused: 5 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  /** For people; whole sentences. */
  readonly message: string;
  readonly report?: ProblemReport;
}

export interface Circumstances {
  /** Where the tables are. */
  readonly target?: string;
  /** What came of a command that was refused. */
  readonly outcome?: string;
}

/** What an error means to whoever gave the command. */
export function failureOf(error: unknown, circumstances: Circumstances = {}): Failure {
  if (error instanceof UsageError) return { exitCode: EXIT.usage, code: "USAGE", message: error.message };
  if (error instanceof InvalidReleaseError) {
    const { total } = error.report;
    const message = `Nothing was published: ${total} problem${total === 1 ? "" : "s"} in ${error.origin}.`;
    return { exitCode: EXIT.refused, code: error.code, message, report: error.report };
  }
  if (error instanceof GazetteerError) return ofRemote(error);
  if (!(error instanceof PortalError)) return { exitCode: EXIT.failed, code: "INTERNAL", message: describe(error) };
  return { code: error.code, ...ofPortal(error, circumstances) };
}

/** What a portal refuses is up to who asked; what passes, or nobody foresaw, is not. */
function ofRemote({ code, message, status = 0, requestId }: GazetteerError): Failure {
  const isRefused = status >= 400 && status < 500 && status !== 429;
  const request = requestId === undefined ? "" : ` (request ${requestId})`;
  return { exitCode: isRefused ? EXIT.refused : EXIT.failed, code, message: `${code}: ${message}${request}` };
}

function ofPortal(
  error: PortalError,
  { target = "the store", outcome = "Nothing was published" }: Circumstances,
): Pick<Failure, "exitCode" | "message"> {
  const { code, message } = error;
  switch (code) {
    case "BAD_USER_INPUT":
    case "INVALID_RELEASE":
    case "LIMIT_EXCEEDED":
      return { exitCode: EXIT.refused, message: `${outcome}: ${message}.` };
    case "RELEASE_IN_PROGRESS":
      return { exitCode: EXIT.inProgress, message: `Nothing was published: ${message}.` };
    case "RELEASE_PAUSED":
      return { exitCode: EXIT.paused, message: `Paused: ${message}; they go on from there.` };
    case "UNAVAILABLE":
    case "INTERNAL":
      return { exitCode: EXIT.failed, message: storeMessage(error, target) };
  }
}

/** What people can do something about, by the name of the error that the SDK threw. */
function storeMessage({ message, cause }: PortalError, target: string): string {
  if (!(cause instanceof Error)) return `${message} (${target})`;
  const reason = cause.name === "Error" ? innermost(cause).message : `${cause.name}: ${innermost(cause).message}`;
  if (cause.name === "ResourceNotFoundException") return `There are no tables ${target}.`;
  if (/Credentials|UnrecognizedClient|Token|AccessDenied/.test(cause.name)) return `AWS refused ${target}: ${reason}`;
  return `No answer from ${target}: ${reason}`;
}

/** A connection that is refused at several addresses is an error without words of its own. */
function innermost(error: Error): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return innermost(error.errors[0]);
  return error.message === "" && error.cause instanceof Error ? innermost(error.cause) : error;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
