import { type AnsweredError, GazetteerError } from "./error.ts";
import type { Operation } from "./operation.ts";
import { type RetryOptions, retryAfterMs, type Surroundings, sleep, withRetries } from "./retry.ts";

/** What of `fetch` is needed: any that follows the standard will do. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface PortalOptions {
  /** Address of the portal, `https://data.example.org`; what ends in `/graphql` is taken as it is. */
  readonly url: string | URL;
  /** API key. Everything can be read without; a key raises the limits. Keep it out of pages that others load. */
  readonly apiKey?: string;
  /** That of the browser or of Node when left out. */
  readonly fetch?: Fetch;
  /** How long one attempt may take, in milliseconds; 30,000. */
  readonly timeoutMs?: number;
  readonly retry?: RetryOptions;
  /** Ends everything that the client is doing. */
  readonly signal?: AbortSignal;
  /** Time and chance, for tests. */
  readonly surroundings?: Partial<Surroundings>;
}

export interface RequestOptions {
  /** Ends this request, its waits and its further pages. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 30_000;

interface GraphqlAnswer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly AnsweredError[];
}

/** Sends operations to one portal. */
export class Transport {
  readonly #options: PortalOptions;
  readonly #endpoint: string;
  readonly #surroundings: Surroundings;

  constructor(options: PortalOptions) {
    this.#options = options;
    this.#endpoint = endpointOf(options.url);
    this.#surroundings = { random: Math.random, sleep, ...options.surroundings };
  }

  /**
   * @throws GazetteerError for an answer with any error in it: half an answer is not passed off as a whole one.
   * @throws the reason of the signal once the caller has given up.
   */
  async send<Result, Variables>(
    operation: Operation<Result, Variables>,
    variables: Variables,
    options: RequestOptions = {},
  ): Promise<Result> {
    const signal = anyOf([this.#options.signal, options.signal]);
    const { retry = {} } = this.#options;
    return withRetries(() => this.#attempt(operation, variables, signal), retry, this.#surroundings, signal);
  }

  async #attempt<Result, Variables>(
    { name, text }: Operation<Result, Variables>,
    variables: Variables,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    signal?.throwIfAborted();
    const { apiKey, timeoutMs = TIMEOUT_MS } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    const init: RequestInit = {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
        ...(apiKey === undefined ? {} : { "x-api-key": apiKey }),
      },
      body: JSON.stringify({ query: text, operationName: name, variables }),
      signal: anyOf([signal, timeout]) ?? timeout,
    };
    // Called by itself: the browser's own refuses to be called as a method of something else.
    const send: Fetch = this.#options.fetch ?? ((url, request) => fetch(url, request));
    try {
      const response = await send(this.#endpoint, init);
      return resultOf(response, await response.text());
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof GazetteerError) throw error;
      if (timeout.aborted) throw new GazetteerError("TIMEOUT", `no answer in ${timeoutMs} ms`, { cause: error });
      throw new GazetteerError("NETWORK", `${new URL(this.#endpoint).host} cannot be reached`, { cause: error });
    }
  }
}

function resultOf<Result>(response: Response, text: string): Result {
  const answer = parse<Result>(text);
  const errors = answer?.errors ?? [];
  const [first] = errors;
  const wait = retryAfterMs(response.headers.get("retry-after"), Date.now());
  const circumstances = {
    status: response.status,
    requestId: first?.extensions?.requestId ?? response.headers.get("x-request-id") ?? undefined,
    argument: first?.extensions?.argument,
    retryAfterMs: wait,
    errors,
  };
  if (first) throw new GazetteerError(first.extensions?.code ?? "BAD_ANSWER", first.message, circumstances);
  if (answer?.data) return answer.data;
  throw new GazetteerError("BAD_ANSWER", `HTTP ${response.status}, and no answer of a portal`, circumstances);
}

function parse<Result>(text: string): GraphqlAnswer<Result> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as GraphqlAnswer<Result>) : undefined;
  } catch {
    return undefined;
  }
}

/** `https://data.example.org/` → `https://data.example.org/graphql`. */
function endpointOf(address: string | URL): string {
  const url = new URL(address);
  if (!url.pathname.endsWith("/graphql")) url.pathname = `${url.pathname.replace(/\/$/, "")}/graphql`;
  return url.href;
}

function anyOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}
