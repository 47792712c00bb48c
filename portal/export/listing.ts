import type { MetricCoverage } from "./coverage.ts";
import type { DumpReader } from "./dump-store.ts";
import { DUMP_FORMATS } from "./formats.ts";
import { type DumpFile, LATEST_KEY, type Manifest, manifestKey, parseManifest } from "./manifest.ts";

/** A link that lets whoever has it read one file for a while. */
export interface SignedLink {
  readonly url: string;
  /** ISO 8601 instant, UTC. */
  readonly expiresAt: string;
}

/** Makes a link; `name` is what the file is to be called where it is saved. */
export type Sign = (key: string, name: string) => Promise<SignedLink>;

/** The dump of a release, or the latest one; undefined where there is none. */
export async function readDump(store: DumpReader, release: number | "latest"): Promise<Manifest | undefined> {
  const document = await store.read(release === "latest" ? LATEST_KEY : manifestKey(release));
  return document && parseManifest(document.text);
}

/** What the observations of each metric cover, by metric. */
export async function readCoverage(
  store: DumpReader,
  { coverage }: Manifest,
): Promise<ReadonlyMap<string, MetricCoverage>> {
  const document = await store.read(coverage.key);
  const { metrics } = JSON.parse(document?.text ?? '{"metrics":[]}') as { metrics: readonly MetricCoverage[] };
  return new Map(metrics.map((each) => [each.metric, each]));
}

/** The name of a file within its dump: `observations.csv.gz`. */
export function fileName(table: string, format: DumpFile["format"]): string {
  return `${table}.${DUMP_FORMATS[format].extension}`;
}

/** The file of a dump by its name. */
export function findFile({ tables }: Manifest, name: string): DumpFile | undefined {
  for (const table of tables) {
    const file = table.files.find(({ format }) => fileName(table.name, format) === name);
    if (file) return file;
  }
  return undefined;
}

/** The dump for those who are to download it: what the manifest says, with a link for every file. */
export async function dumpsOf(manifest: Manifest, sign: Sign) {
  const { release, title, publisher, publishedOn, committedAt, lastChange } = manifest;
  const tables = manifest.tables.map(async ({ files, ...table }) => ({
    ...table,
    files: await Promise.all(
      files.map(async ({ key, format, mediaType, bytes, sha256 }) => {
        const name = fileName(table.name, format);
        return { name, format, mediaType, bytes, sha256, ...(await sign(key, `${release}-${name}`)) };
      }),
    ),
  }));
  return { release, title, publisher, publishedOn, committedAt, lastChange, tables: await Promise.all(tables) };
}
