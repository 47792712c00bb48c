import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { PublishedBy } from "../../portal/dcat/facts.ts";
import type { Scope } from "../../portal/partners/plans.ts";
import type { Snapshot } from "../../portal/snapshot.ts";
import type { DumpShelf } from "../dumps/shelf.ts";
import { codingFor, compress } from "../http/compression.ts";
import { entityTag, fingerprintOf, knownTag } from "../http/entity-tag.ts";
import { isSendable } from "../http/payload.ts";
import { codingOf } from "./answer.ts";
import { Problem } from "./problem.ts";

/** A route whose answer hangs on the latest dump as well as on HEAD: it is tagged by its state, or else by what it says. */
export interface ShelfRoute {
  /** From the root of the host. */
  readonly path: string;
  /** What a key must be allowed to do. */
  readonly use: Scope;
  readonly cost: number;
  /** What decides the answer, where that is known before it is made; undefined as long as there is none. */
  readonly state?: (shelf: DumpShelf | undefined, now: number) => Promise<string | undefined>;
  readonly answer: (asked: AskedOfShelf) => Promise<ShelfAnswer>;
}

export interface AskedOfShelf {
  /** Undefined where the portal keeps no dumps. */
  readonly shelf: DumpShelf | undefined;
  readonly by: PublishedBy;
  readonly snapshot: Snapshot;
  /** The variable parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** The text that was made in the same state before, or else a new one. */
  readonly kept: (state: string, make: () => Promise<string>) => Promise<string>;
}

export type ShelfAnswer =
  | { readonly status: 200; readonly contentType: string; readonly body: string; readonly isPrivate?: boolean }
  | { readonly status: 302; readonly location: string };

export interface SendingFromShelf {
  readonly requestId: string;
  readonly requestHeaders: Readonly<Record<string, string | undefined>>;
  readonly maxAgeSeconds: number;
  readonly rateLimit: Readonly<Record<string, string>> | undefined;
  /** Of the answer's state; undefined where what it says is its tag. */
  readonly fingerprint?: string | undefined;
}

const VARY = "accept-encoding, authorization, x-api-key";

/** A 304 for a client that has the answer of this state. */
export function shelfNotModified(
  fingerprint: string,
  requestHeaders: SendingFromShelf["requestHeaders"],
  requestId: string,
): APIGatewayProxyStructuredResultV2 | undefined {
  const etag = knownTag(requestHeaders["if-none-match"], fingerprint, { coding: codingOf(requestHeaders) });
  if (etag === undefined) return undefined;
  const headers = { etag, "cache-control": "private, no-cache", vary: VARY, "x-content-type-options": "nosniff" };
  return { statusCode: 304, headers: { ...headers, "x-request-id": requestId } };
}

/** @throws Problem for an answer that Lambda could not hand over. */
export function sendFromShelf(answer: ShelfAnswer, sending: SendingFromShelf): APIGatewayProxyStructuredResultV2 {
  const { requestId, requestHeaders, maxAgeSeconds, rateLimit } = sending;
  const common = { ...rateLimit, "x-content-type-options": "nosniff", "x-request-id": requestId };
  if (answer.status === 302) {
    return {
      statusCode: 302,
      headers: { ...common, location: answer.location, "cache-control": "no-store" },
      body: "",
    };
  }
  const { body, contentType, isPrivate } = answer;
  const fingerprint = sending.fingerprint ?? fingerprintOf([contentType, body]);
  const wanted = codingOf(requestHeaders);
  const freshness = isPrivate || rateLimit ? "private, no-cache" : `public, max-age=${maxAgeSeconds}`;
  const headers = { ...common, "cache-control": freshness, vary: VARY };
  const ifNoneMatch = requestHeaders["if-none-match"];
  const isAny = ifNoneMatch?.trim() === "*";
  const known = isAny ? entityTag(fingerprint) : knownTag(ifNoneMatch, fingerprint, { coding: wanted });
  if (known !== undefined) return { statusCode: 304, headers: { ...headers, etag: known } };
  const coding = codingFor(body, wanted);
  const result = {
    statusCode: 200,
    headers: {
      ...{ ...headers, "content-type": contentType, etag: entityTag(fingerprint, { coding }) },
      ...(coding === undefined ? {} : { "content-encoding": coding }),
    },
    body: coding === undefined ? body : compress(body, coding),
    isBase64Encoded: coding !== undefined,
  };
  if (isSendable(result)) return result;
  throw new Problem(400, "RESPONSE_TOO_LARGE", "The answer is too large to be sent as it is: accept it compressed.");
}
