import type { ApolloServerOptions, BaseContext } from "@apollo/server";
import { LRUCache } from "lru-cache";
import manifest from "../../schema/generated/trusted-documents.json" with { type: "json" };
import { Refusal } from "../http/refusal.ts";
import type { Operation } from "./http/operation.ts";

type PersistedQueries = Exclude<ApolloServerOptions<BaseContext>["persistedQueries"], false | undefined>;

/** Documents that were written with the portal, by the SHA-256 of their text. */
export type TrustedDocuments = ReadonlyMap<string, string>;

export const TRUSTED_DOCUMENTS: TrustedDocuments = new Map(manifest.operations.map(({ id, body }) => [id, body]));

/** Documents that clients registered, all together: some thousand of them. */
const MOST_BYTES = 4 * 1024 ** 2;

/** Apollo names a document by this and its hash. */
const PREFIX = /^apq:/;

/**
 * Where Apollo Server looks up documents that were named by their hash, and puts those that a client sent with it
 * (automatic persisted queries). Trusted documents are always there; the others live as long as the instance does.
 */
export function persistedDocuments(
  trusted: TrustedDocuments,
  mostBytes = MOST_BYTES,
): NonNullable<PersistedQueries["cache"]> {
  const registered = new LRUCache<string, string>({
    maxSize: mostBytes,
    sizeCalculation: (text) => 2 * text.length + 200,
  });
  return {
    get: async (key) => trusted.get(key.replace(PREFIX, "")) ?? registered.get(key),
    set: async (key, text) => {
      registered.set(key, text);
    },
    delete: async (key) => registered.delete(key),
  };
}

/**
 * Where an environment executes nothing but trusted documents: a request may name one, or send its text.
 *
 * @throws Refusal 403 for any other text. A hash that is not known is Apollo's to answer: PERSISTED_QUERY_NOT_FOUND.
 */
export function requireTrusted(operation: Operation | undefined, trusted: TrustedDocuments): void {
  if (operation !== undefined && (operation.query === undefined || trusted.has(operation.documentHash))) return;
  throw new Refusal(
    403,
    "TRUSTED_DOCUMENTS_ONLY",
    "Only documents that were published with this API are executed here. Name one by its hash, in extensions.persistedQuery.",
  );
}
