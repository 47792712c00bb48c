import { GazetteerError } from "../../client/src/error.ts";
import { type RetryOptions, retryAfterMs, sleep, withRetries } from "../../client/src/retry.ts";

export interface PortalApiOptions {
  /** Address of the portal. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly retry?: RetryOptions;
}

/** A change of the feed, as `/v1/changes` has it. */
export interface FeedChange {
  readonly sequence: number;
  readonly release: number;
  readonly action: "ADDED" | "REVISED" | "WITHDRAWN" | "DELETED";
  readonly node: string;
  readonly observations: readonly FeedObservation[];
}

export interface FeedObservation {
  readonly timePeriod: string;
  readonly action: "ADDED" | "REVISED" | "WITHDRAWN";
  readonly old: FeedHeadline | null;
  readonly new: FeedHeadline | null;
  readonly claims: readonly {
    readonly source: string;
    readonly value: string | null;
    readonly status: string | null;
    readonly publishedOn: string | null;
    readonly note: string | null;
  }[];
}

export interface FeedHeadline {
  readonly value: string | null;
  readonly status: string;
  readonly source: string;
}

/** Anything that `/v1` describes; null for what is not known. */
export type Described = Readonly<Record<string, unknown>> & { readonly id: string };

/** A dump, as `/v1/dumps` tells of it. */
export interface OfferedDump {
  readonly release: number;
  readonly lastChange: number;
  readonly tables: readonly { readonly name: string; readonly files: readonly OfferedFile[] }[];
}

export interface OfferedFile {
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly url: string;
}

interface Listing<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** The largest page that lists have. */
const PAGE = "500";
const TIMEOUT_MS = 60_000;
/** Where there are no dumps, or none for this key. */
const WITHOUT_DUMPS: ReadonlySet<string | undefined> = new Set(["NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"]);

/** The partner API of a portal. Every method throws GazetteerError once asking again is of no use. */
export class PortalApi {
  readonly #options: PortalApiOptions;
  /** What the portal said when it was last asked for news. */
  #poll: { readonly path: string; readonly tag: string } | undefined;

  constructor(options: PortalApiOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#options.url;
  }

  /** Undefined where there is nothing of the id. */
  async entity(list: string, localId: string): Promise<Described | undefined> {
    try {
      return await this.#json<Described>(`/v1/${list}/${encodeURIComponent(localId)}`);
    } catch (error) {
      if (error instanceof GazetteerError && error.code === "NOT_FOUND") return undefined;
      throw error;
    }
  }

  /** Everything of a list, page by page. */
  async *list(list: string, filter: Readonly<Record<string, string>> = {}): AsyncGenerator<readonly Described[]> {
    let after: string | null = "";
    do {
      const query = new URLSearchParams({ ...filter, limit: PAGE, ...(after ? { after } : {}) });
      const page: Listing<Described> = await this.#json(`/v1/${list}?${query}`);
      yield page.items;
      after = page.next;
    } while (after !== null);
  }

  /** The feed behind a release, to its end; `until` a release, where one is given. */
  async *changes(release: number, until = Number.POSITIVE_INFINITY): AsyncGenerator<readonly FeedChange[]> {
    let after: string | null = `release:${release}`;
    do {
      const query = new URLSearchParams({ after, limit: PAGE });
      const page: Listing<FeedChange> = await this.#json(`/v1/changes?${query}`, notKnownYet);
      yield page.items.filter((change) => change.release <= until);
      after = page.items.some((change) => change.release > until) ? null : page.next;
    } while (after !== null);
  }

  /** Whether anything was published since a release; a portal that was asked the same before says so at no cost. */
  async hasNews(release: number): Promise<boolean> {
    const path = `/v1/changes?${new URLSearchParams({ after: `release:${release}`, limit: "1" })}`;
    const { news, headers } = await this.#again(async () => {
      const response = await this.#reach(path, this.#poll?.path === path ? { "if-none-match": this.#poll.tag } : {});
      if (!response.ok && response.status !== 304) throw notKnownYet(await refusalOf(response));
      const items = response.status === 304 ? [] : ((await response.json()) as Listing<FeedChange>).items;
      return { news: items.length > 0, headers: response.headers };
    });
    const tag = headers.get("etag");
    this.#poll = tag === null ? undefined : { path, tag };
    return news;
  }

  /** The region that a subject lay in as of a release, by an observation of it; undefined where there was none. */
  async regionOf(metric: string, subject: string, asOf: number): Promise<string | null | undefined> {
    const query = new URLSearchParams({ subject, asOf: `${asOf}`, limit: "1", status: "A,P,E,F,T,M,O,Q" });
    try {
      const path = `/v1/metrics/${encodeURIComponent(metric)}/observations?${query}`;
      const { items } = await this.#json<Listing<{ readonly region: string | null }>>(path);
      return items[0]?.region;
    } catch (error) {
      if (error instanceof GazetteerError && error.code === "NOT_FOUND") return undefined;
      throw error;
    }
  }

  /** The latest dump; undefined where there is none for this caller. */
  async dump(): Promise<OfferedDump | undefined> {
    try {
      return await this.#json<OfferedDump>("/v1/dumps");
    } catch (error) {
      if (error instanceof GazetteerError && WITHOUT_DUMPS.has(error.code)) return undefined;
      throw error;
    }
  }

  /** The content of a file that a dump offers; its link needs no key. */
  download({ url }: OfferedFile): Promise<ReadableStream<Uint8Array>> {
    return this.#again(async () => {
      const response = await reach(url, {});
      if (!response.ok || !response.body) throw await refusalOf(response);
      return response.body as ReadableStream<Uint8Array>;
    });
  }

  #json<Body>(path: string, refusal = (error: GazetteerError) => error): Promise<Body> {
    return this.#again(async () => {
      const response = await this.#reach(path);
      if (!response.ok) throw refusal(await refusalOf(response));
      try {
        return (await response.json()) as Body;
      } catch (cause) {
        throw new GazetteerError("NETWORK", `the answer of ${this.url} broke off`, { cause });
      }
    });
  }

  #reach(path: string, more: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { url, key } = this.#options;
    const headers = { accept: "application/json", ...(key === undefined ? {} : { "x-api-key": key }), ...more };
    return reach(`${url}${path}`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  }

  #again<T>(send: () => Promise<T>): Promise<T> {
    return withRetries(send, this.#options.retry ?? {}, { random: Math.random, sleep }, undefined);
  }
}

/** Instances learn of a release a few seconds apart: one that does not know it may know it soon. */
function notKnownYet(error: GazetteerError): GazetteerError {
  if (error.argument !== "after") return error;
  return new GazetteerError("UNAVAILABLE", error.message, { status: 503, requestId: error.requestId, cause: error });
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new GazetteerError("NETWORK", `${new URL(url).host} cannot be reached`, { cause });
  }
}

/** Problem details (RFC 9457) as an error; of anything else the status is what is known. */
async function refusalOf(response: Response): Promise<GazetteerError> {
  const text = await response.text().catch(() => "");
  const problem = /json/.test(response.headers.get("content-type") ?? "") ? parse(text) : {};
  return new GazetteerError(problem.code ?? "BAD_ANSWER", problem.detail ?? `HTTP ${response.status}`, {
    status: response.status,
    requestId: problem.requestId,
    argument: problem.argument,
    retryAfterMs: retryAfterMs(response.headers.get("retry-after"), Date.now()),
  });
}

type ProblemDetails = Readonly<Partial<Record<"code" | "detail" | "requestId" | "argument", string>>>;

function parse(text: string): ProblemDetails {
  try {
    return JSON.parse(text) as ProblemDetails;
  } catch {
    return {};
  }
}
