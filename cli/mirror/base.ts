import { createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GazetteerError } from "../../client/src/error.ts";
import type { DumpedTable } from "../../portal/export/manifest.ts";
import { keyIn, type MirrorFolder, type MirrorManifest } from "./folder.ts";
import type { OfferedDump, OfferedFile, PortalApi } from "./portal-api.ts";
import { type MirroredRow, readRows } from "./rows.ts";

/** Where something was last, that is no more: series of it are still told of. */
export interface Place {
  readonly kind: string;
  readonly path: string;
}

/** What a mirror goes on from: its own files, a dump, or nothing. */
export interface Base {
  readonly release: number;
  /** The tables that can stay as they are where nothing happened to them. */
  readonly tables: ReadonlyMap<string, DumpedTable>;
  readonly rows: (table: string) => AsyncIterable<MirroredRow>;
  readonly places: ReadonlyMap<string, Place>;
}

export const NOTHING: Base = { release: 0, tables: new Map(), rows: async function* () {}, places: new Map() };

export async function ofMirror(folder: MirrorFolder, manifest: MirrorManifest): Promise<Base> {
  const places = JSON.parse(await readFile(join(folder.path, manifest.places.key), "utf8")) as Record<string, Place>;
  return {
    release: manifest.release,
    tables: new Map(manifest.tables.map((table) => [table.name, table])),
    rows: (table) => readRows(join(folder.path, keyIn(manifest.format, `${table}.ndjson.gz`))),
    places: new Map(Object.entries(places)),
  };
}

const DOWNLOADS = ".dump";

export type OnBytes = (bytes: number, total: number) => void;

/** Brings a dump into the folder, beside the mirror. Files that an earlier run has brought are not brought again. */
export async function ofDump(api: PortalApi, folder: MirrorFolder, dump: OfferedDump, onBytes: OnBytes): Promise<Base> {
  const path = join(folder.path, DOWNLOADS);
  await mkdir(path, { recursive: true });
  const files = dump.tables.map(({ name, files }) => ({ name, file: ndjsonOf(name, files) }));
  const total = files.reduce((sum, { file }) => sum + file.bytes, 0);
  let done = 0;
  for (const { name, file } of files) {
    const key = join(DOWNLOADS, `${name}.ndjson.gz`);
    if ((await folder.digest(key).catch(() => undefined)) !== file.sha256) {
      await download(api, folder, key, file, (bytes) => onBytes(done + bytes, total));
    }
    done += file.bytes;
    onBytes(done, total);
  }
  return { ...NOTHING, release: dump.release, rows: (table) => readRows(join(path, `${table}.ndjson.gz`)) };
}

/** Once a mirror stands, what it was made from can go. */
export async function dropDownloads(folder: MirrorFolder): Promise<void> {
  await rm(join(folder.path, DOWNLOADS), { recursive: true, force: true });
}

function ndjsonOf(table: string, files: readonly OfferedFile[]): OfferedFile {
  const file = files.find(({ format }) => format === "ndjson");
  if (file) return file;
  throw new GazetteerError("BAD_ANSWER", `the dump has no NDJSON of ${table}`);
}

/** A download that is not what the dump promised is tried once more: a connection may have broken off. */
async function download(
  api: PortalApi,
  folder: MirrorFolder,
  key: string,
  file: OfferedFile,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const path = join(folder.path, key);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const body = Readable.fromWeb((await api.download(file)) as Parameters<typeof Readable.fromWeb>[0]);
      let bytes = 0;
      body.on("data", (chunk: Uint8Array) => {
        bytes += chunk.length;
        onBytes(bytes);
      });
      await pipeline(body, createWriteStream(`${path}.part`));
      const sha256 = await folder.digest(`${key}.part`);
      if (sha256 !== file.sha256)
        throw new GazetteerError("BAD_ANSWER", `${key} came with another SHA-256 than promised`);
      await rename(`${path}.part`, path);
      return;
    } catch (error) {
      if (attempt === 2) throw error;
    }
  }
}
