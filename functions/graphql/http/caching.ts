import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { type Coding, chooseCoding, codingFor, compress } from "../../http/compression.ts";
import { entityTag, fingerprintOf, knownTag } from "../../http/entity-tag.ts";
import type { RequestRecord } from "../../http/log.ts";
import type { AnswerCache, KeptAnswer } from "../cache.ts";
import type { Operation } from "./operation.ts";

type Result = APIGatewayProxyStructuredResultV2;
type Headers = Readonly<Record<string, string | undefined>>;

/** What decides an answer beside the operation. */
export interface Audience {
  /** What is published, as one text. */
  readonly release: string;
  /** Whether everybody gets the same answer, byte for byte; if not, it still says the same of what was asked. */
  readonly shared: boolean;
}

export interface CachingOptions<TContext> {
  readonly answers: AnswerCache;
  /** Of the code that answers: other code may answer otherwise. */
  readonly version: string;
  /** How long an answer counts as fresh elsewhere, in seconds. */
  readonly maxAgeSeconds: number;
  /** Undefined when it cannot be known: the request is then answered without a cache. */
  readonly audienceOf: (context: TContext) => Promise<Audience | undefined>;
}

/** Where the answer to a request belongs. */
export interface Place {
  readonly fingerprint: string;
  readonly shared: boolean;
  /** The coding that the client wants. */
  readonly coding: Coding | undefined;
}

/** What an answer depends on beside the URL. Caches that go by it keep partners' answers apart from everybody's. */
const VARY = "accept, accept-encoding, authorization, x-api-key";

/** For so long may a cache go on with an answer while it asks whether it still holds. */
const STALE_WHILE_REVALIDATE_SECONDS = 10;

/** Answers by release: between two releases nothing changes, so the same operation with the same variables is answered alike. */
export class Caching<TContext> {
  readonly #options: CachingOptions<TContext>;

  constructor(options: CachingOptions<TContext>) {
    this.#options = options;
  }

  async placeOf(context: TContext, operation: Operation, headers: Headers, type: string): Promise<Place | undefined> {
    const { version, audienceOf } = this.#options;
    const audience = await audienceOf(context);
    if (audience === undefined) return undefined;
    const { documentHash, operationName, variables } = operation;
    return {
      // A name comes before the variables as JSON, so that neither can pass for a part of the other.
      fingerprint: fingerprintOf([
        version,
        audience.release,
        type,
        documentHash,
        JSON.stringify(operationName),
        variables,
      ]),
      shared: audience.shared,
      coding: chooseCoding(headers["accept-encoding"]),
    };
  }

  /** The answer where it is known: that the client has it already, or what was answered before. */
  known(place: Place, ifNoneMatch: string | undefined, record: RequestRecord): Result | undefined {
    const { fingerprint, coding, shared } = place;
    const etag = knownTag(ifNoneMatch, fingerprint, { coding, weak: !shared });
    if (etag !== undefined) {
      record.cached = true;
      return { statusCode: 304, headers: { ...this.#headers(place, coding, record), etag } };
    }
    const kept = shared ? this.#options.answers.get(fingerprint) : undefined;
    if (kept === undefined) return undefined;
    record.cached = true;
    if (kept.operation !== undefined) record.operation = kept.operation;
    return this.#sent(kept, place, record);
  }

  /** An answer without errors, from now on known. */
  kept(place: Place, result: Result, record: RequestRecord): Result {
    const contentType = String(result.headers?.["content-type"] ?? "");
    const answer = { body: result.body ?? "", contentType, operation: record.operation };
    if (place.shared) return this.#sent(this.#options.answers.keep(place.fingerprint, answer), place, record);
    const { headers, ...coded } = encoded(result, place.coding);
    const coding = headers?.["content-encoding"] === undefined ? undefined : place.coding;
    return { ...coded, headers: { ...headers, ...this.#headers(place, coding, record) } };
  }

  #sent(answer: KeptAnswer, place: Place, record: RequestRecord): Result {
    const coding = codingFor(answer.body, place.coding);
    const headers = { "content-type": answer.contentType, ...this.#headers(place, coding, record) };
    if (coding === undefined) return { statusCode: 200, headers, body: answer.body, isBase64Encoded: false };
    return {
      statusCode: 200,
      headers: { ...headers, "content-encoding": coding },
      body: this.#options.answers.coded(answer, coding),
      isBase64Encoded: true,
    };
  }

  /** RFC 9111 §5.2.2: what is private is for the client's own cache, which asks each time. */
  #headers({ fingerprint, shared }: Place, coding: Coding | undefined, { requestId }: RequestRecord) {
    const { maxAgeSeconds } = this.#options;
    return {
      etag: entityTag(fingerprint, { coding, weak: !shared }),
      "cache-control": shared
        ? `public, max-age=${maxAgeSeconds}, stale-while-revalidate=${STALE_WHILE_REVALIDATE_SECONDS}`
        : "private, no-cache",
      vary: VARY,
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
    };
  }
}

/** An answer that holds for this one time, in the coding that the client wants. */
export function passing(result: Result, acceptEncoding: string | undefined): Result {
  const headers = { ...result.headers, "cache-control": "no-store", vary: VARY };
  return encoded({ ...result, headers }, chooseCoding(acceptEncoding));
}

function encoded(result: Result, wanted: Coding | undefined): Result {
  const { body = "", headers } = result;
  const coding = codingFor(body, wanted);
  if (coding === undefined) return result;
  return {
    ...result,
    headers: { ...headers, "content-encoding": coding },
    body: compress(body, coding),
    isBase64Encoded: true,
  };
}
