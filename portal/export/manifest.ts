import type { Column } from "./columns.ts";
import type { WrittenFile } from "./file-writer.ts";
import type { DumpFormatName } from "./formats.ts";

/** Of the manifest and of what the tables mean; another number is another dump altogether. */
export const MANIFEST_VERSION = 1;

/** What a dump holds. Written last: what it names is there, whole, and never changes. */
export interface Manifest {
  readonly version: typeof MANIFEST_VERSION;
  readonly release: number;
  readonly title: string;
  readonly publisher: string;
  readonly publishedOn: string;
  /** ISO 8601 instant, UTC. */
  readonly committedAt: string;
  /** Number of the last change that the dump holds: the feed goes on behind it. */
  readonly lastChange: number;
  readonly tables: readonly DumpedTable[];
  /** What the observations of each metric cover. */
  readonly coverage: StoredFile;
}

export interface DumpedTable {
  readonly name: string;
  /** The release for which it was written; all later ones up to that of the manifest left it as it is. */
  readonly release: number;
  readonly rows: number;
  readonly key: readonly string[];
  readonly columns: readonly Column[];
  readonly files: readonly DumpFile[];
}

export interface StoredFile extends WrittenFile {
  readonly key: string;
}

export interface DumpFile extends StoredFile {
  readonly format: DumpFormatName;
  readonly mediaType: string;
}

/** The manifest of the latest dump. */
export const LATEST_KEY = "dumps/latest.json";

export function manifestKey(release: number): string {
  return `dumps/${release}/manifest.json`;
}

/** Of a file of a dump, `observations.csv.gz`. */
export function fileKey(release: number, name: string): string {
  return `dumps/${release}/${name}`;
}

export function documentText(document: object): string {
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** Undefined for a manifest of another version: what it names is written anew. */
export function parseManifest(text: string): Manifest | undefined {
  const manifest = JSON.parse(text) as Manifest;
  return manifest.version === MANIFEST_VERSION ? manifest : undefined;
}
