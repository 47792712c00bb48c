import { PortalError } from "../../portal/errors.ts";
import { Refusal } from "../http/refusal.ts";

/** Codes of errors as clients meet them; those of GraphQL mean the same there. */
export type ProblemCode =
  | PortalError["code"]
  | Refusal["code"]
  | "COST_LIMIT_EXCEEDED"
  | "INTERNAL_SERVER_ERROR"
  | "NOT_FOUND"
  | "RATE_LIMITED";

export interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Extension members (RFC 9457 §3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** A request that is not served, and why: what becomes problem details. */
export class Problem extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, code: ProblemCode, detail: string, { headers = {}, members = {} }: ProblemOptions = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.members = members;
  }
}

export const PROBLEM_TYPE = "application/problem+json";

const TITLES: Partial<Record<ProblemCode, string>> = {
  BAD_USER_INPUT: "A parameter is wrong",
  COST_LIMIT_EXCEEDED: "The request costs too much",
  FORBIDDEN: "The key is not meant for this",
  LIMIT_EXCEEDED: "There is too much for one answer",
  METHOD_NOT_ALLOWED: "The method is not supported",
  NOT_ACCEPTABLE: "The format is not offered",
  NOT_FOUND: "There is no such thing",
  RATE_LIMITED: "The plan has no room for this now",
  RESPONSE_TOO_LARGE: "The answer is too large to be sent",
  UNAUTHENTICATED: "The key is not valid",
  UNAVAILABLE: "The store did not answer in time",
};

const UNEXPECTED_DETAIL = "The server met an unexpected error. Quote the request id when you report it.";

/** Seconds after which somebody who was told UNAVAILABLE may try again. */
const RETRY_AFTER = "2";

/** Any error as the client is to see it: of what nobody foresaw nothing but that it happened. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Refusal) return new Problem(error.status, error.code, error.message, { headers: error.headers });
  if (!(error instanceof PortalError)) return unexpected();
  const members = error.argument === undefined ? {} : { argument: error.argument };
  switch (error.code) {
    case "BAD_USER_INPUT":
    case "LIMIT_EXCEEDED":
      return new Problem(400, error.code, error.message, { members });
    case "UNAVAILABLE":
      return new Problem(503, error.code, error.message, { headers: { "retry-after": RETRY_AFTER } });
    default:
      return unexpected();
  }
}

function unexpected(): Problem {
  return new Problem(500, "INTERNAL_SERVER_ERROR", UNEXPECTED_DETAIL);
}

/** Problem details by RFC 9457. The type is a name, not an address: `docs/partners.md` says what each code means. */
export function problemJson({ status, code, message, members }: Problem, requestId: string): string {
  return JSON.stringify({
    type: `urn:gazetteer:problem:${code.toLowerCase().replaceAll("_", "-")}`,
    title: TITLES[code] ?? "The request was not served",
    status,
    detail: message,
    code,
    requestId,
    ...members,
  });
}
