import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { Head } from "../../portal/releases/head.ts";
import { type Coding, chooseCoding, codingFor, compress } from "../http/compression.ts";
import { entityTag, knownTag } from "../http/entity-tag.ts";
import { BULK_EXPORT, isSendable } from "../http/payload.ts";
import { PROBLEM_TYPE, Problem, problemJson } from "./problem.ts";
import type { Page } from "./request.ts";

type Result = APIGatewayProxyStructuredResultV2;
type Headers = Readonly<Record<string, string | undefined>>;

/** What identifies an answer before it is made. */
export interface Representation {
  readonly fingerprint: string;
  readonly contentType: string;
  /** The release whose answer it is, for good; undefined where it changes with HEAD. */
  readonly fixedRelease: number | undefined;
  /** It may be of another release than HEAD: which, reading tells. */
  readonly isAsOf: boolean;
  readonly head: Head;
  readonly maxAgeSeconds: number;
  readonly coding: Coding | undefined;
  readonly requestId: string;
}

const VARY = "accept, accept-encoding, authorization, x-api-key";
const A_DAY = 86_400;

/** A date knows seconds, and HEAD may be learned some seconds late: what is younger than this has no date yet. */
const SETTLED_MS = 30_000;

export function codingOf(headers: Headers): Coding | undefined {
  return chooseCoding(headers["accept-encoding"]);
}

/**
 * A 304 for a client that has the answer; undefined for one that has not. Reads nothing.
 *
 * @param isThere whether there is such an answer: who sends a tag had it from one, but a date may be made up, and what
 *   is not there is no less so for not having changed.
 */
export function notModified(
  representation: Representation,
  headers: Headers,
  { now, isThere }: { readonly now: number; readonly isThere: boolean },
): Result | undefined {
  const { fingerprint, coding } = representation;
  const etag =
    isThere && isUnchanged(representation, headers, now)
      ? entityTag(fingerprint, { coding })
      : knownTag(headers["if-none-match"], fingerprint, { coding });
  if (etag === undefined) return undefined;
  return { statusCode: 304, headers: { ...validators(representation, { now, isPrivate: false }), etag } };
}

export interface Sending {
  readonly requestHeaders: Headers;
  readonly now: number;
  /** What partners are told of their bucket; nothing for who has none. */
  readonly rateLimit: Readonly<Record<string, string>> | undefined;
  /** The address of the next page, from the root of the host. */
  readonly nextPage: string | undefined;
}

/** @throws Problem for an answer that Lambda could not hand over. */
export function send(representation: Representation, page: Page, sending: Sending): Result {
  const { fingerprint, contentType, requestId, head } = representation;
  const { now, rateLimit, nextPage, requestHeaders } = sending;
  const { body, release = head.release } = page;
  const coding = codingFor(body, representation.coding);
  const known = validators(representation, { now, isPrivate: rateLimit !== undefined, release });
  const etag = entityTag(fingerprint, { coding });
  if (isUnchanged(representation, requestHeaders, now)) {
    return { statusCode: 304, headers: { ...known, ...rateLimit, etag } };
  }
  const result: Result = {
    statusCode: 200,
    headers: {
      "content-type": contentType,
      ...known,
      etag,
      ...(nextPage === undefined ? {} : { link: `<${nextPage}>; rel="next"` }),
      ...rateLimit,
      ...(coding === undefined ? {} : { "content-encoding": coding }),
      "x-request-id": requestId,
    },
    body: coding === undefined ? body : compress(body, coding),
    isBase64Encoded: coding !== undefined,
  };
  if (isSendable(result)) return result;
  throw new Problem(400, "RESPONSE_TOO_LARGE", "The answer is too large to be sent. Ask for a smaller page.", {
    headers: { link: `<${BULK_EXPORT}>; rel="alternate"` },
  });
}

export function sendProblem(problem: Problem, requestId: string): Result {
  return {
    statusCode: problem.status,
    headers: {
      ...problem.headers,
      "content-type": PROBLEM_TYPE,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
    },
    body: problemJson(problem, requestId),
    isBase64Encoded: false,
  };
}

interface Telling {
  readonly now: number;
  readonly isPrivate: boolean;
  /** Of what was read. */
  readonly release?: number;
}

function validators(representation: Representation, { now, isPrivate, release }: Telling): Record<string, string> {
  const { fixedRelease, head, isAsOf, maxAgeSeconds, requestId } = representation;
  const modified = lastModified(representation, now);
  const freshness = fixedRelease === undefined ? `max-age=${maxAgeSeconds}` : `max-age=${A_DAY}, immutable`;
  const known = release ?? fixedRelease ?? (isAsOf ? undefined : head.release);
  return {
    // What a partner is told of their bucket is for nobody else.
    "cache-control": isPrivate ? "private, no-cache" : `public, ${freshness}`,
    ...(modified === undefined ? {} : { "last-modified": new Date(modified).toUTCString() }),
    vary: VARY,
    "x-content-type-options": "nosniff",
    ...(known === undefined ? {} : { "x-gazetteer-release": `${known}` }),
    "x-request-id": requestId,
  };
}

/** When HEAD was committed, in whole seconds; undefined where it does not decide the answer, or is too fresh to tell. */
function lastModified({ head, fixedRelease }: Representation, now: number): number | undefined {
  const committed = Date.parse(head.committedAt);
  if (fixedRelease !== undefined || !(now - committed > SETTLED_MS)) return undefined;
  return Math.floor(committed / 1000) * 1000;
}

/** RFC 9110 §13.1: `*` is any answer that there is, and a date counts only where no tag is given. */
function isUnchanged(representation: Representation, headers: Headers, now: number): boolean {
  const ifNoneMatch = headers["if-none-match"];
  if (ifNoneMatch !== undefined) return ifNoneMatch.trim() === "*";
  const [since, modified] = [Date.parse(headers["if-modified-since"] ?? ""), lastModified(representation, now)];
  return modified !== undefined && modified <= since;
}
