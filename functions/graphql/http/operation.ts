import { hash } from "node:crypto";
import type { HTTPGraphQLRequest } from "@apollo/server";
import { Refusal } from "../../http/refusal.ts";

/** What a request asks to be executed. */
export interface Operation {
  /** The document, unless it is named by its hash alone. */
  readonly query: string | undefined;
  /** SHA-256 of the document, in hexadecimal. */
  readonly documentHash: string;
  readonly operationName: string;
  /** The variables as one text: the same for the same values, different for different ones. */
  readonly variables: string;
}

type Parameters = Readonly<Record<string, unknown>>;

/** Deeper variables are no input of ours; whoever sends them is answered, but not from a cache. */
const MAX_DEPTH = 32;

const SHA_256 = /^[0-9a-f]{64}$/;

/**
 * The operation of a request, where it is as plain as can be. Undefined for everything else, of which Apollo knows what
 * is to be said: a parameter of the wrong type, one that stands there twice.
 *
 * @throws Refusal for a hash that is not the document's.
 */
export function operationOf(request: HTTPGraphQLRequest): Operation | undefined {
  const parameters = request.method === "GET" ? searchParameters(request.search) : (request.body as Parameters);
  if (parameters === undefined) return undefined;
  const { query, operationName = null, variables = null, extensions = null } = parameters;
  if (query !== undefined && query !== null && typeof query !== "string") return undefined;
  // Halves of surrogate pairs are all the same in UTF-8: two such documents would have one hash.
  if (typeof query === "string" && !query.isWellFormed()) return undefined;
  if (operationName !== null && typeof operationName !== "string") return undefined;
  if (!isRecordOrNull(variables) || !isRecordOrNull(extensions)) return undefined;
  const documentHash = documentHashOf(query ?? undefined, extensions?.persistedQuery);
  const canonical = variables === null ? "{}" : canonicalJson(variables, 0);
  if (documentHash === undefined || canonical === undefined) return undefined;
  return { query: query ?? undefined, documentHash, operationName: operationName ?? "", variables: canonical };
}

/**
 * A document is known by its hash, whether it was sent, named, or both. Apollo would call it an unexpected error, and
 * wake somebody, when the two do not match.
 */
function documentHashOf(query: string | undefined, persisted: unknown): string | undefined {
  const own = query ? hash("sha256", query, "hex") : undefined;
  if (!persisted) return own;
  const { version, sha256Hash } = persisted as Parameters;
  if (version !== 1) throw badRequest("extensions.persistedQuery.version has to be 1.");
  if (own !== undefined && own !== sha256Hash) {
    throw badRequest(
      "extensions.persistedQuery.sha256Hash is not the SHA-256 of the query, in lower-case hexadecimal.",
    );
  }
  return typeof sha256Hash === "string" && SHA_256.test(sha256Hash) ? sha256Hash : undefined;
}

function badRequest(message: string): Refusal {
  return new Refusal(400, "BAD_REQUEST", message);
}

/** The parameters of a GET; undefined when one stands there twice, or is not JSON. */
function searchParameters(search: string): Parameters | undefined {
  const given = new URLSearchParams(search);
  const parameters: Record<string, unknown> = {};
  for (const name of ["query", "operationName", "variables", "extensions"]) {
    const [value, second] = given.getAll(name);
    if (second !== undefined) return undefined;
    if (value === undefined) continue;
    const parsed = name === "variables" || name === "extensions" ? parseJson(value) : value;
    if (parsed === undefined) return undefined;
    parameters[name] = parsed;
  }
  return parameters;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecordOrNull(value: unknown): value is Parameters | null {
  return value === null || (typeof value === "object" && !Array.isArray(value));
}

/**
 * JSON with the keys in order. Unlike JSON.stringify it tells infinities, which JSON.parse makes of numbers beyond
 * range, from null. Undefined for what is nested too deeply.
 */
function canonicalJson(value: unknown, depth: number): string | undefined {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (depth === MAX_DEPTH) return undefined;
  const parts: string[] = [];
  const isList = Array.isArray(value);
  for (const key of isList ? value.keys() : Object.keys(value).sort()) {
    const part = canonicalJson((value as Record<string | number, unknown>)[key], depth + 1);
    if (part === undefined) return undefined;
    parts.push(isList ? part : `${JSON.stringify(key)}:${part}`);
  }
  return isList ? `[${parts.join()}]` : `{${parts.join()}}`;
}
