import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { LimitName } from "../../functions/graphql/limits.ts";
import { toEvent } from "../../local/events.ts";
import type { ErrorCode } from "../../schema/generated/resolvers.ts";

/** A hostile request and what is to become of it. */
export interface Attack {
  readonly name: string;
  readonly event: APIGatewayProxyEventV2;
  /** The code of every error in the answer; null where the request is odd but honest, and answered. */
  readonly code: ErrorCode | null;
  readonly status: number;
  /** `extensions.limit`, where a limit is passed. */
  readonly limit?: LimitName;
  /** `extensions.argument`, where an argument is at fault. */
  readonly argument?: string;
}

type Outcome = Pick<Attack, "code" | "status" | "limit" | "argument">;

export const refused = (code: ErrorCode, status = 200): Outcome => ({ code, status });
export const beyond = (limit: LimitName): Outcome => ({ code: "QUERY_LIMIT_EXCEEDED", status: 200, limit });
export const badInput = (argument: string): Outcome => ({ code: "BAD_USER_INPUT", status: 200, argument });
export const ANSWERED: Outcome = { code: null, status: 200 };
export const TOO_DEAR = refused("COST_LIMIT_EXCEEDED");
export const INVALID = refused("GRAPHQL_VALIDATION_FAILED");
export const UNPARSED = refused("GRAPHQL_PARSE_FAILED");
export const MALFORMED = refused("BAD_REQUEST", 400);

export const JSON_HEADERS = { "content-type": "application/json" };
/** What a GET needs so that no plain HTML form can send it. */
export const PREFLIGHT = { "apollo-require-preflight": "yes" };

type Headers = Readonly<Record<string, string>>;

/** The event of an honest request, to be spoilt. */
const honest = await toEvent(new Request("http://localhost/graphql", { method: "POST" }), { routeKey: "ANY /graphql" });

interface EventParts {
  readonly method?: string;
  readonly headers?: Headers;
  readonly search?: string;
  readonly body?: string | Uint8Array;
}

/** Made by hand: `fetch` and its like would mend or refuse much of what an attacker sends. */
export function eventOf({ method = "POST", headers = JSON_HEADERS, search = "", body }: EventParts) {
  const event: APIGatewayProxyEventV2 = {
    ...honest,
    rawQueryString: search,
    headers: { ...headers },
    requestContext: { ...honest.requestContext, http: { ...honest.requestContext.http, method } },
  };
  if (body === undefined) return event;
  return typeof body === "string"
    ? { ...event, body }
    : { ...event, body: Buffer.from(body).toString("base64"), isBase64Encoded: true };
}

export const post = (body: unknown, headers?: Headers) =>
  eventOf({ body: JSON.stringify(body), ...(headers ? { headers } : {}) });

export const raw = (body: string | Uint8Array, headers: Headers = JSON_HEADERS) => eventOf({ body, headers });

export const get = (parameters: Record<string, string>, headers: Headers = PREFLIGHT) =>
  eventOf({ method: "GET", headers, search: new URLSearchParams(parameters).toString() });

/** Attacks that are a document alone. */
export function documents(outcome: Outcome, sources: Readonly<Record<string, string>>): Attack[] {
  return Object.entries(sources).map(([name, query]) => ({ name, event: post({ query }), ...outcome }));
}

export function events(outcome: Outcome, made: Readonly<Record<string, APIGatewayProxyEventV2>>): Attack[] {
  return Object.entries(made).map(([name, event]) => ({ name, event, ...outcome }));
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** A text between two others so many times over: `{a{a{…}}}`. */
export function nested(depth: number, open: string, inner: string, close: string): string {
  return open.repeat(depth) + inner + close.repeat(depth);
}
