import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { PortalError } from "../errors.ts";
import type { Item } from "../store/requests.ts";
import { decodeDocument, encodeDocument, type SearchDocument, type SearchedType } from "./documents.ts";

/**
 * The index as it lies in the catalogue: documents of a type in blocks by the hash of their id, one item each, and one
 * manifest that says which release wrote each block. A release writes anew the blocks that it changes and refers to
 * the others; where a document lies depends on its id and on how many there are, never on the order of events.
 */
export interface SearchManifest {
  /** Of the documents: whoever cannot read them builds the index anew. */
  readonly format: number;
  /** Of how names are read aloud: the next release that changes the index builds an older one anew. */
  readonly readings?: number;
  readonly types: Readonly<Partial<Record<SearchedType, TypeBlocks>>>;
}

export interface TypeBlocks {
  readonly documents: number;
  /** The release that wrote each block, 0 for an empty one; as many as a power of two. */
  readonly blocks: readonly number[];
}

/** Counts up with every change of documents or of how they are spread over blocks. */
export const SEARCH_FORMAT = 1;

/** Counts up with every change of readings, which leaves an index as it was readable. */
export const READINGS_VERSION = 1;

export const MANIFEST_KEY = "search";

/** Documents to a block on average: a block of the shipped releases has some 4 KB, and one item may have 400 KB. */
const PER_BLOCK = 128;

export function blockCountFor(documents: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(documents / PER_BLOCK)));
}

/** @param blocks a power of two. */
export function blockOf(localId: string, blocks: number): number {
  return createHash("sha256").update(localId).digest().readUInt32BE() & (blocks - 1);
}

export function blockKey(type: SearchedType, block: number, release: number): string {
  return `search:${type}:${block}@${release}`;
}

/** The keys of all blocks that a manifest names. */
export function blockKeys({ types }: SearchManifest): string[] {
  return Object.entries(types).flatMap(([type, { blocks }]) =>
    blocks.flatMap((release, block) => (release === 0 ? [] : [blockKey(type as SearchedType, block, release)])),
  );
}

/** The same documents make the same bytes. */
export function encodeBlock(documents: readonly SearchDocument[]): Uint8Array {
  const sorted = documents.toSorted((a, b) => (a.localId < b.localId ? -1 : 1));
  return deflateRawSync(JSON.stringify(sorted.map(encodeDocument)));
}

export function decodeBlock(item: Item): SearchDocument[] {
  const body = item.body?.B;
  if (!body) throw new PortalError("INTERNAL", "a block of the search index has no body");
  return (JSON.parse(inflateRawSync(body).toString("utf8")) as unknown[][]).map(decodeDocument);
}

export function documentCount({ types }: SearchManifest): number {
  return Object.values(types).reduce((sum, { documents }) => sum + documents, 0);
}
