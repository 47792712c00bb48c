import { randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { LRUCache } from "lru-cache";
import type { PublishedBy } from "../../portal/dcat/facts.ts";
import { PortalError } from "../../portal/errors.ts";
import { type CursorKey, CursorSeal } from "../../portal/paging/cursor.ts";
import { Buckets } from "../../portal/partners/buckets.ts";
import { type Caller, planOf } from "../../portal/partners/caller.ts";
import { KeyRing } from "../../portal/partners/key-ring.ts";
import type { Scope } from "../../portal/partners/plans.ts";
import { Portal } from "../../portal/portal.ts";
import type { CallScope } from "../../portal/store/calls.ts";
import { Store, type TableNames } from "../../portal/store/store.ts";
import type { DumpShelf } from "../dumps/shelf.ts";
import { admitCaller } from "../http/caller.ts";
import { fingerprintOf } from "../http/entity-tag.ts";
import { type HttpFunction, type Report, type RequestRecord, reporting } from "../http/log.ts";
import { chargeCaller, noRoom, rateLimitHeaders } from "../http/rate-limit.ts";
import { requestScope } from "../http/scope.ts";
import { codingOf, notModified, type Representation, send, sendProblem } from "./answer.ts";
import { Parameters } from "./parameters.ts";
import { Problem, problemOf } from "./problem.ts";
import type { Question } from "./request.ts";
import { BASE_PATH, findRoute, findShelfRoute } from "./routes.ts";
import { type ShelfRoute, sendFromShelf, shelfNotModified } from "./shelf-route.ts";

export interface PartnerFunctionOptions {
  readonly client: DynamoDBClient;
  readonly tables: TableNames & { readonly partners: string };
  readonly cursorKeys: readonly CursorKey[];
  /** How late a release may be noticed, in milliseconds. */
  readonly headMaxAgeMs?: number;
  /** Whether HEAD is read while the function starts. */
  readonly readsAhead?: boolean;
  /** How long a request waits for the table of keys and buckets before it goes on without, in milliseconds. */
  readonly partnersPatienceMs?: number;
  /** Tells this code from any other that answers the same requests. */
  readonly version?: string;
  /** Told of every request once it is answered: a log, metrics. */
  readonly report?: Report;
  /** Where dumps are; a portal without has none to offer. */
  readonly dumps?: DumpShelf;
  /** Whom the catalogue names; addresses are relative to where it is read unless said otherwise. */
  readonly publishedBy?: PublishedBy;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

const HEAD_MAX_AGE_MS = 5000;
const PARTNERS_PATIENCE_MS = 1000;

/** Answers that an instance remembers to have given, by fingerprint: some 100 bytes each. */
const MAX_GIVEN = 10_000;

/** Where nobody said who publishes it. */
const PUBLISHED_BY: PublishedBy = {
  url: "",
  title: "Gazetteer",
  publisher: { name: "Gazetteer", url: "/#publisher" },
  licence: "https://creativecommons.org/licenses/by/4.0/",
};

/**
 * The partner API, `/v1`: plain HTTP over the same core as GraphQL, with the same keys, costs and limits. Described by
 * `schema/openapi.json`.
 *
 *     route, parameters ─► HEAD ─► the client has it? ─► who asks ─► cost, bucket ─► read ─► answer
 *                                   304, nothing read
 */
export function partnerFunction(options: PartnerFunctionOptions): HttpFunction {
  const { report, now = Date.now } = options;
  const api = new PartnerApi(options, now);
  return reporting(
    async (event, lambdaContext, record) => {
      const scope = requestScope(lambdaContext);
      record.meter = scope.meter;
      try {
        return await api.answer(event, scope, record);
      } catch (error) {
        const problem = problemOf(error);
        record.codes.add(problem.code);
        const foreseen = error instanceof PortalError && error.code === "UNAVAILABLE";
        if (problem.status >= 500) record.failures.push({ error, foreseen });
        return sendProblem(problem, record.requestId);
      }
    },
    report,
    now,
  );
}

class PartnerApi {
  readonly #portal: Portal;
  readonly #cursors: CursorSeal;
  readonly #keys: KeyRing;
  readonly #buckets: Buckets;
  readonly #version: string;
  readonly #maxAgeSeconds: number;
  readonly #now: () => number;
  readonly #shelf: DumpShelf | undefined;
  readonly #by: PublishedBy;
  readonly #given = new LRUCache<string, true>({ max: MAX_GIVEN });
  /** The catalogue as it was made last. */
  #kept: { readonly state: string; readonly text: string } | undefined;

  constructor(options: PartnerFunctionOptions, now: () => number) {
    const { client, tables, cursorKeys, headMaxAgeMs = HEAD_MAX_AGE_MS, version = randomUUID() } = options;
    const store = new Store({ client, tables });
    this.#portal = new Portal({ store, headMaxAgeMs, readsAhead: options.readsAhead ?? false });
    this.#cursors = new CursorSeal(cursorKeys);
    const { partnersPatienceMs: patienceMs = PARTNERS_PATIENCE_MS } = options;
    const ofPartners = { store, table: tables.partners, patienceMs };
    this.#keys = new KeyRing(ofPartners);
    this.#buckets = new Buckets(ofPartners);
    this.#version = version;
    this.#maxAgeSeconds = Math.ceil(headMaxAgeMs / 1000);
    this.#now = now;
    this.#shelf = options.dumps;
    this.#by = options.publishedBy ?? PUBLISHED_BY;
  }

  async answer(
    event: APIGatewayProxyEventV2,
    scope: CallScope,
    record: RequestRecord,
  ): Promise<APIGatewayProxyStructuredResultV2> {
    const shelved = findShelfRoute(event.rawPath);
    if (shelved) return this.#answerFromShelf(event, shelved, scope, record);
    const { route, path } = requireRoute(event);
    record.operation = `GET ${BASE_PATH}${route.path}`;
    const parameters = new Parameters(event.rawQueryString, route.parameters);
    const head = await this.#portal.head(scope);
    record.head = head;
    const asked = { parameters, path, accept: event.headers.accept, head, cursors: this.#cursors };
    const question = route.ask(asked);
    const representation: Representation = {
      ...this.#identify(event, parameters, question, head),
      head,
      coding: codingOf(event.headers),
      requestId: record.requestId,
    };
    // Before the caller is looked up: a poll without news then costs one small read, and tells nothing that is not public.
    const isThere = this.#given.has(representation.fingerprint);
    const known = notModified(representation, event.headers, { now: this.#now(), isThere });
    if (known) {
      record.cached = true;
      return known;
    }
    const rateLimit = await this.#admit(event, question, scope, record);
    const page = await question.answer(this.#portal.snapshotAt(head, scope));
    record.cost = { requested: question.cost, actual: actualCost(record) };
    const nextPage = page.next === null ? undefined : pageAddress(event, page.next);
    const sending = { now: this.#now(), rateLimit, nextPage, requestHeaders: event.headers };
    const answer = send(representation, page, sending);
    this.#given.set(representation.fingerprint, true);
    return answer;
  }

  async #answerFromShelf(
    event: APIGatewayProxyEventV2,
    { route, path }: { route: ShelfRoute; path: Readonly<Record<string, string>> },
    scope: CallScope,
    record: RequestRecord,
  ): Promise<APIGatewayProxyStructuredResultV2> {
    requireGet(event);
    record.operation = `GET ${route.path}`;
    new Parameters(event.rawQueryString, []);
    const head = await this.#portal.head(scope);
    record.head = head;
    const { requestId } = record;
    const state = await route.state?.(this.#shelf, this.#now());
    const fingerprint = state === undefined ? undefined : fingerprintOf([this.#version, route.path, state]);
    // Before anybody is charged: that nothing was published is no secret, and no link is given.
    const known = fingerprint === undefined ? undefined : shelfNotModified(fingerprint, event.headers, requestId);
    if (known) {
      record.cached = true;
      return known;
    }
    const rateLimit = await this.#admit(event, route, scope, record);
    const snapshot = this.#portal.snapshotAt(head, scope);
    const kept = async (state: string, make: () => Promise<string>) => {
      if (this.#kept?.state !== state) this.#kept = { state, text: await make() };
      return this.#kept.text;
    };
    const answer = await route.answer({ shelf: this.#shelf, by: this.#by, snapshot, path, kept });
    record.cost = { requested: route.cost, actual: actualCost(record) };
    const maxAgeSeconds = this.#maxAgeSeconds;
    return sendFromShelf(answer, { requestId, requestHeaders: event.headers, maxAgeSeconds, rateLimit, fingerprint });
  }

  /** Everything that decides the answer's bytes; cursors in it are sealed, so the key that does that is part of it. */
  #identify(
    { rawPath }: APIGatewayProxyEventV2,
    parameters: Parameters,
    { contentType, fixedRelease, isAsOf = false }: Question,
    { release, committedAt }: Representation["head"],
  ) {
    const published = fixedRelease === undefined ? `${release} ${committedAt}` : `as of ${fixedRelease}`;
    const { keyId } = this.#cursors;
    const fingerprint = fingerprintOf([this.#version, published, keyId, contentType, rawPath, parameters.canonical()]);
    return { fingerprint, contentType, fixedRelease, isAsOf, maxAgeSeconds: this.#maxAgeSeconds };
  }

  /** @throws Problem or Refusal for a caller who may not ask this, or not now. */
  async #admit(
    { headers }: APIGatewayProxyEventV2,
    { cost, use = "query" }: { readonly cost: number; readonly use?: Scope },
    scope: CallScope,
    record: RequestRecord,
  ) {
    const caller = await admitCaller(headers, { keys: this.#keys, use, scope, record });
    requireCost(caller, cost);
    const charge = await chargeCaller(caller, cost, { buckets: this.#buckets, scope, record });
    const rateLimit = charge && rateLimitHeaders(charge, this.#now());
    if (charge?.kind !== "refused") return rateLimit;
    throw new Problem(429, "RATE_LIMITED", noRoom(record, charge), { headers: rateLimit ?? {} });
  }
}

function requireRoute(event: APIGatewayProxyEventV2) {
  const found = findRoute(event.rawPath);
  if (found === undefined) throw new Problem(404, "NOT_FOUND", "There is nothing at this address.");
  requireGet(event);
  return found;
}

function requireGet({ requestContext }: APIGatewayProxyEventV2): void {
  const { method } = requestContext.http;
  if (method === "GET" || method === "HEAD") return;
  const detail = `${method} is not supported. Use GET.`;
  throw new Problem(405, "METHOD_NOT_ALLOWED", detail, { headers: { allow: "GET, HEAD" } });
}

/** @throws Problem for a request that is beyond what the caller may spend on one. */
export function requireCost(caller: Caller, cost: number): void {
  const { maxRequestCost } = planOf(caller);
  if (cost <= maxRequestCost) return;
  const detail = `The request would cost ${cost}, and ${maxRequestCost} is allowed. Ask for a smaller page.`;
  throw new Problem(400, "COST_LIMIT_EXCEEDED", detail, { members: { requested: cost, allowed: maxRequestCost } });
}

/** A unit is half a read unit. */
function actualCost({ meter }: RequestRecord): number {
  return Math.ceil((meter?.readUnits ?? 0) * 2);
}

/** The same question from the next page on. */
function pageAddress({ rawPath, rawQueryString }: APIGatewayProxyEventV2, next: string): string {
  const query = new URLSearchParams(rawQueryString);
  query.set("after", next);
  return `${rawPath}?${query}`;
}
