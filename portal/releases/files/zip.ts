import { basename } from "node:path";
import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { type Entry, getFileNameLowLevel, openPromise, validateFileName, type ZipFile } from "yauzl";
import { InvalidReleaseError, type ProblemCode, ProblemReport } from "../problems.ts";
import type { ReleaseFiles } from "./folder.ts";

/** What an archive may cost before any of it is read. */
export interface ZipLimits {
  /** Entries of any kind, folders and hidden files included. */
  readonly maxEntries: number;
  /** Inflated bytes of all files together. */
  readonly maxBytes: number;
  /** Inflated bytes per byte in the archive, for files of more than a mebibyte: Deflate itself goes up to 1,032. */
  readonly maxRatio: number;
}

export interface ReleaseZipOptions extends Partial<ZipLimits> {
  /** What the release is called in messages; the path when left out. */
  readonly origin?: string;
}

/** A release in an archive that stays open until it is closed. */
export interface ReleaseZip extends ReleaseFiles {
  /** Inflated bytes of all files together. */
  readonly bytes: number;
  close(): void;
}

const DEFAULTS: ZipLimits = { maxEntries: 100, maxBytes: 8 * 2 ** 30, maxRatio: 300 };
const RATIO_FLOOR = 2 ** 20;

/** What is wrong with an archive as such, beside names and sizes. */
const UNREADABLE: ProblemCode = "ARCHIVE_INVALID";

/** Unix file types in the upper half of the external attributes; 0 where the archive was made elsewhere. */
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;

type Report = (file: string, code: ProblemCode, message: string) => void;

/**
 * The files of a zip archive, streamed from disk each time that they are opened and checked against their CRC-32. All
 * files stand at the top, or all in one folder. Hidden files and what macOS adds (`__MACOSX/`) are not part of a
 * release. Nothing is ever unpacked to disk.
 *
 * @throws InvalidReleaseError for what is no archive, or one that is damaged, encrypted, too large or holds names that
 *   lead elsewhere; from `open` too, where damage shows only as the file is read.
 */
export async function releaseZip(path: string, options: ReleaseZipOptions = {}): Promise<ReleaseZip> {
  const { origin = path } = options;
  const zip = await openArchive(path, origin);
  try {
    const entries = checkEntries(await readEntries(zip, { ...DEFAULTS, ...options }, origin), origin);
    const opened = new Set<Readable>();
    return {
      origin,
      names: [...entries.keys()].sort(),
      bytes: sum([...entries.values()]),
      open: (name) => inflate(zip, name, entries.get(name), opened, origin),
      close: () => {
        for (const stream of opened) stream.destroy();
        zip.close();
      },
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function openArchive(path: string, origin: string): Promise<ZipFile> {
  try {
    // Names are decoded and judged here, one by one: the library would stop at the first that it does not like.
    return await openPromise(path, { autoClose: false, decodeStrings: false });
  } catch (error) {
    throw isSystemError(error) ? error : damaged(origin, basename(origin), "is no zip archive, or is cut off");
  }
}

/** The central directory, within the limits. */
async function readEntries(zip: ZipFile, limits: ZipLimits, origin: string): Promise<Map<Entry, string>> {
  if (zip.entryCount > limits.maxEntries) {
    throw damaged(origin, basename(origin), `holds ${zip.entryCount} entries; at most ${limits.maxEntries} are read`);
  }
  const names = new Map<Entry, string>();
  try {
    for await (const entry of zip.eachEntry()) {
      names.set(entry, getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false));
    }
  } catch (error) {
    if (isSystemError(error)) throw error;
    throw damaged(origin, basename(origin), "has a broken directory, or is encrypted");
  }
  const report = new ProblemReport();
  for (const [entry, name] of names) checkRatio(entry, name, limits, report);
  const bytes = sum([...names.keys()]);
  if (bytes > limits.maxBytes) {
    add(report, basename(origin), "TOO_LONG", `inflates to ${bytes} bytes; at most ${limits.maxBytes} are read`);
  }
  report.throwIfAny(origin);
  return names;
}

function checkRatio(entry: Entry, name: string, { maxRatio }: ZipLimits, report: ProblemReport): void {
  const { uncompressedSize, compressedSize } = entry;
  if (uncompressedSize <= RATIO_FLOOR || uncompressedSize <= maxRatio * compressedSize) return;
  const message = `inflates to more than ${maxRatio} times its size in the archive`;
  add(report, name, "TOO_LONG", message);
}

/** The files of the release by name. */
function checkEntries(names: ReadonlyMap<Entry, string>, origin: string): Map<string, Entry> {
  const report = new ProblemReport();
  const problem: Report = (file, code, message) => add(report, file, code, message);
  for (const name of names.values()) {
    if (validateFileName(name) !== null) problem(name, "UNKNOWN_FILE", "the name leads out of the archive");
  }
  report.throwIfAny(origin);
  const files = [...names].filter(([, name]) => !name.endsWith("/") && !isHidden(name));
  const top = commonFolder(files.map(([, name]) => name));
  const found = new Map<string, Entry>();
  for (const [entry, path] of files) {
    const name = path.slice(top.length);
    checkEntry(entry, path, problem);
    if (name.includes("/")) problem(path, "UNKNOWN_FILE", "stands in a folder; the files of a release stand together");
    else if (found.has(name)) problem(path, "UNKNOWN_FILE", "stands in the archive twice");
    found.set(name, entry);
  }
  report.throwIfAny(origin);
  return found;
}

function checkEntry(entry: Entry, path: string, problem: Report): void {
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  if (type !== 0 && type !== REGULAR) problem(path, UNREADABLE, "is a link or a device, no file");
  if (entry.isEncrypted()) problem(path, UNREADABLE, "is encrypted");
  else if (!entry.canDecodeFileData()) {
    problem(path, UNREADABLE, `is compressed by method ${entry.compressionMethod}; 0 and 8 (Deflate) are read`);
  }
}

function isHidden(path: string): boolean {
  return path
    .split("/")
    .some((part, depth) => (part.startsWith(".") && part !== "..") || (depth === 0 && part === "__MACOSX"));
}

/** `release/` when all files stand in that folder, else nothing. */
function commonFolder(names: readonly string[]): string {
  const folder = /^[^/]+\//.exec(names[0] ?? "")?.[0] ?? "";
  return names.every((name) => name.startsWith(folder)) ? folder : "";
}

async function* inflate(
  zip: ZipFile,
  name: string,
  entry: Entry | undefined,
  opened: Set<Readable>,
  origin: string,
): AsyncGenerator<Uint8Array> {
  if (!entry) throw new Error(`the archive has no file ${name}`);
  let checksum = 0;
  let stream: Readable | undefined;
  try {
    stream = await zip.openReadStreamPromise(entry);
    opened.add(stream);
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      checksum = crc32(bytes, checksum);
      yield bytes;
    }
  } catch (error) {
    throw isSystemError(error) ? error : damaged(origin, name, "is damaged: it does not inflate to what was packed");
  } finally {
    stream?.destroy();
    if (stream) opened.delete(stream);
  }
  if (checksum !== entry.crc32) throw damaged(origin, name, "is damaged: its checksum is not that of what was packed");
}

function damaged(origin: string, file: string, message: string): Error {
  const report = new ProblemReport();
  add(report, file, UNREADABLE, message);
  return new InvalidReleaseError(report, origin);
}

function add(report: ProblemReport, file: string, code: ProblemCode, message: string): void {
  report.add({ file, line: 0, column: "", code, message, value: "" });
}

/** Inflated bytes, as declared; the stream breaks off where there are more. */
function sum(entries: readonly Entry[]): number {
  return entries.reduce((bytes, { uncompressedSize }) => bytes + uncompressedSize, 0);
}

/** What the disk reports; errors of the format come without a system call. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
