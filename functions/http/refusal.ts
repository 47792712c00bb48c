/** Why a request is turned away before GraphQL sees it, as clients meet it in `extensions.code`. */
export type RefusalCode =
  | "BAD_REQUEST"
  | "FORBIDDEN"
  | "METHOD_NOT_ALLOWED"
  | "NOT_ACCEPTABLE"
  | "PAYLOAD_TOO_LARGE"
  | "RESPONSE_TOO_LARGE"
  | "TRUSTED_DOCUMENTS_ONLY"
  | "UNAUTHENTICATED"
  | "UNSUPPORTED_MEDIA_TYPE";

/** A request that is no GraphQL-over-HTTP request: an HTTP status, a code for programs, a message for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: RefusalCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: RefusalCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
