/** One error of a GraphQL answer. */
export interface AnsweredError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code?: string;
    readonly argument?: string;
    readonly requestId?: string;
  };
}

export interface GazetteerErrorOptions {
  readonly requestId?: string | undefined;
  readonly status?: number | undefined;
  readonly argument?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly errors?: readonly AnsweredError[];
  readonly cause?: unknown;
}

/**
 * What a portal refused, or why it could not be reached.
 *
 * `code` is one of the portal's own (`BAD_USER_INPUT`, `RATE_LIMITED`, …), or one of these: `NETWORK` when there was no
 * answer, `TIMEOUT` when there was none in time, `BAD_ANSWER` when it was none of a portal's.
 */
export class GazetteerError extends Error {
  readonly code: string;
  /** To quote when you report it; undefined where no portal answered. */
  readonly requestId: string | undefined;
  /** HTTP status of the answer. */
  readonly status: number | undefined;
  /** The argument that is wrong, where the portal says so. */
  readonly argument: string | undefined;
  /** How long the portal asked to wait. */
  readonly retryAfterMs: number | undefined;
  /** All errors of the answer; the first one gave this its message and code. */
  readonly errors: readonly AnsweredError[];

  constructor(code: string, message: string, options: GazetteerErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "GazetteerError";
    this.code = code;
    this.requestId = options.requestId;
    this.status = options.status;
    this.argument = options.argument;
    this.retryAfterMs = options.retryAfterMs;
    this.errors = options.errors ?? [];
  }
}
