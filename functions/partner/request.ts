import type { CursorSeal } from "../../portal/paging/cursor.ts";
import type { Head } from "../../portal/releases/head.ts";
import type { Snapshot } from "../../portal/snapshot.ts";
import type { Parameters } from "./parameters.ts";

/** A question that `/v1` knows, before anything is read. */
export interface Question {
  /** What it may cost at most: units of half a DynamoDB read unit, as GraphQL counts them. */
  readonly cost: number;
  /** Media type of the answer, with its parameters. */
  readonly contentType: string;
  /** Where the answer is that of one release for good: its number. */
  readonly fixedRelease?: number | undefined;
  /** Which release it is of is known once it is read. */
  readonly isAsOf?: boolean;
  readonly answer: (snapshot: Snapshot) => Promise<Page>;
}

/** An answer, or one page of it. */
export interface Page {
  readonly body: string;
  /** Cursor of the next page; null at the end. */
  readonly next: string | null;
  /** The release that it is of, where that may not be HEAD. */
  readonly release?: number;
}

export interface Asked {
  readonly parameters: Parameters;
  /** The variable parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly accept: string | undefined;
  readonly head: Head;
  readonly cursors: CursorSeal;
}

export interface Route {
  /** As OpenAPI writes it, below `/v1`. */
  readonly path: string;
  /** Names of the query's parameters. */
  readonly parameters: readonly string[];
  /** @throws PortalError or Problem for a question that cannot be. */
  readonly ask: (asked: Asked) => Question;
}

export const JSON_TYPE = "application/json";

/** What is asked for before a request's own reads: the metric or region that it names. */
export const BASE_COST = 4;

/** `{"items":[…],"next":"…"}`. */
export function listBody(items: readonly unknown[], next: string | null, more: Readonly<Record<string, unknown>> = {}) {
  return JSON.stringify({ items, next, ...more });
}
