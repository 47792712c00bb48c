/** What can go wrong, as clients see it. Codes are stable: they are part of the API. */
export type ErrorCode =
  /** An argument is malformed or asks for something that cannot be; `argument` names it. */
  | "BAD_USER_INPUT"
  /** The store did not answer in time or refused; the same request may succeed later. */
  | "UNAVAILABLE"
  /** A release does not hold together; `report` says what is wrong where. */
  | "INVALID_RELEASE"
  /** Another publication holds the lease, or moved HEAD first. */
  | "RELEASE_IN_PROGRESS"
  /** Time ran short; published again, the same files go on where they stood. */
  | "RELEASE_PAUSED"
  /** A limit of the portal or of its store would be passed. */
  | "LIMIT_EXCEEDED"
  /** The store holds something that this version cannot read, or broke a promise. */
  | "INTERNAL";

/** The one error shape of the core: a code for programs, a message for people, the argument it speaks of. */
export class PortalError extends Error {
  readonly code: ErrorCode;
  /** The argument, filter field or option that is wrong, as the caller spelled it. */
  readonly argument: string | undefined;

  constructor(code: ErrorCode, message: string, options: { argument?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "PortalError";
    this.code = code;
    this.argument = options.argument;
  }
}

/** A `BAD_USER_INPUT` that names the argument. */
export function badInput(argument: string, message: string): PortalError {
  return new PortalError("BAD_USER_INPUT", message, { argument });
}
