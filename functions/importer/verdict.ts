import { PortalError } from "../../portal/errors.ts";
import { InvalidReleaseError } from "../../portal/releases/problems.ts";
import type { PublishSummary } from "../../portal/releases/summary.ts";
import type { ImportReport } from "./report.ts";

/** What became of one delivery of an upload, as its report tells. */
export interface ReportedVerdict extends Pick<ImportReport, "message" | "summary" | "problems"> {
  readonly status: Exclude<ImportReport["status"], "IMPORTING" | "FAILED">;
}

/** `WAITING`: another publication is under way; there is nothing to report of this one. */
export type Verdict = ReportedVerdict | { readonly status: "WAITING"; readonly message: string };

export function verdictOfSummary(summary: PublishSummary): ReportedVerdict {
  const { published, release } = summary;
  return published
    ? { status: "PUBLISHED", message: `published as release ${release}`, summary }
    : { status: "UNCHANGED", message: `nothing new: release ${release} holds all of it`, summary };
}

/**
 * What a failure means for the upload: whether it lies with the release, which no further attempt will mend, or with
 * the time or the store. Nothing internal gets into the message: whoever may upload may read it.
 */
export function verdictOfError(error: unknown, requestId: string): Verdict {
  if (error instanceof InvalidReleaseError) {
    const { total } = error.report;
    const message = `nothing was published: ${total} problem${total === 1 ? "" : "s"} in the release`;
    return { status: "REJECTED", message, problems: error.report.toJSON() };
  }
  const internal = `an internal error; the log has it under the request id ${requestId}`;
  if (!(error instanceof PortalError)) return { status: "RETRYING", message: internal };
  switch (error.code) {
    case "BAD_USER_INPUT":
    case "INVALID_RELEASE":
    case "LIMIT_EXCEEDED":
      return { status: "REJECTED", message: `nothing was published: ${error.message}` };
    case "RELEASE_IN_PROGRESS":
      return { status: "WAITING", message: error.message };
    case "RELEASE_PAUSED":
      return { status: "PAUSED", message: "the time of one invocation did not suffice; a further one goes on" };
    case "UNAVAILABLE":
      return { status: "RETRYING", message: error.message };
    default:
      return { status: "RETRYING", message: internal };
  }
}

/** Whether the upload has to be delivered again. */
export function comesAgain({ status }: { readonly status: string }): boolean {
  return status === "WAITING" || status === "PAUSED" || status === "RETRYING";
}
