import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DumpFormatName } from "../../portal/export/formats.ts";
import { type DumpedTable, documentText, type StoredFile } from "../../portal/export/manifest.ts";
import { DumpFolder } from "../dump-folder.ts";
import { UsageError } from "../usage-error.ts";

export const MIRROR_VERSION = 1;

/** What a mirror holds, and of which portal. It comes last: what it names is there and whole. */
export interface MirrorManifest {
  readonly version: typeof MIRROR_VERSION;
  readonly portal: string;
  readonly format: DumpFormatName;
  readonly release: number;
  readonly title: string;
  readonly publisher: string;
  readonly publishedOn: string;
  readonly committedAt: string;
  readonly lastChange: number;
  /** Files whose keys begin with a dot are the mirror's own memory. */
  readonly tables: readonly DumpedTable[];
  readonly places: StoredFile;
}

const MANIFEST = "manifest.json";
const NEXT = ".next";
/** Where the mirror remembers in NDJSON what its files say in another format. */
const MEMORY = ".memory";

/** Where subjects lay that are no more. */
export const PLACES = `${MEMORY}/places.json`;

/** The key of a file: those in the format of the mirror stand in the folder itself. */
export function keyIn(format: DumpFormatName, name: string): string {
  const extension = format === "parquet" ? ".parquet" : `.${format}.gz`;
  return name.endsWith(extension) ? name : `${MEMORY}/${name}`;
}

/**
 * A mirror on disk. What is new is written beside it and named by a manifest of its own; from then on it counts, whatever
 * happens, and is moved into place file by file, the manifest last.
 *
 *     .next/regions.csv.gz … ─► .next/manifest.json ─► regions.csv.gz … ─► manifest.json
 *      killed here: thrown away   │ killed here: the next run goes on moving
 */
export class MirrorFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder, and ends what an earlier run was killed at. */
  async recover(): Promise<void> {
    await mkdir(this.path, { recursive: true });
    const next = await this.#read(join(NEXT, MANIFEST));
    if (next) await this.#moveIn();
    await rm(join(this.path, NEXT), { recursive: true, force: true });
  }

  /** What is there; undefined where there is nothing, or where something is not as it was written. */
  async open(): Promise<MirrorManifest | undefined> {
    const manifest = await this.#read(MANIFEST);
    if (!manifest || manifest.version !== MIRROR_VERSION) return undefined;
    const files = [...manifest.tables.flatMap((table) => table.files), manifest.places];
    const digests = await Promise.all(files.map(({ key }) => this.digest(key).catch(() => undefined)));
    return files.every(({ sha256 }, i) => sha256 === digests[i]) ? manifest : undefined;
  }

  /** @throws UsageError for a folder that is the mirror of something else. */
  async requireSame(portal: string, format: DumpFormatName): Promise<void> {
    const manifest = await this.#read(MANIFEST);
    if (!manifest) return;
    if (manifest.portal === undefined)
      throw new UsageError(`${this.path} holds a dump; a mirror needs a folder of its own.`);
    if (manifest.portal !== portal) throw new UsageError(`${this.path} is a mirror of ${manifest.portal}.`);
    if (manifest.format !== format) throw new UsageError(`${this.path} is a mirror in ${manifest.format}.`);
  }

  /** Where new files are written. */
  async beginNext(): Promise<DumpFolder> {
    const path = join(this.path, NEXT);
    await rm(path, { recursive: true, force: true });
    await mkdir(join(path, MEMORY), { recursive: true });
    return new DumpFolder(path);
  }

  /** Makes the new files count. */
  async commit(next: DumpFolder, manifest: MirrorManifest): Promise<void> {
    await next.writeDocument(MANIFEST, documentText(manifest));
    await this.#moveIn();
    await rm(join(this.path, NEXT), { recursive: true, force: true });
  }

  /** The SHA-256 of a file. */
  async digest(key: string): Promise<string> {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(join(this.path, key))) hash.update(chunk);
    return hash.digest("hex");
  }

  async #moveIn(): Promise<void> {
    const next = join(this.path, NEXT);
    const files = (await readdir(next, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(next.length + 1));
    for (const file of files.filter((name) => name !== MANIFEST)) {
      await mkdir(dirname(join(this.path, file)), { recursive: true });
      await rename(join(next, file), join(this.path, file));
    }
    await rename(join(next, MANIFEST), join(this.path, MANIFEST));
  }

  /** Undefined where there is none, or none that can be read: what it spoke of is then made anew. */
  async #read(name: string): Promise<MirrorManifest | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(join(this.path, name), "utf8"));
      return typeof value === "object" && value !== null ? (value as MirrorManifest) : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}
