import { access, constants, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ReleaseFiles, releaseFolder } from "../portal/releases/files/folder.ts";
import { releaseZip } from "../portal/releases/files/zip.ts";
import { ProblemReport } from "../portal/releases/problems.ts";
import { UsageError } from "./usage-error.ts";

/** A release on disk that knows how much of it was read. */
export interface MeteredRelease {
  readonly files: ReleaseFiles;
  /** How far the reading of all files has come, from 0 to 1; starts again when they are read again. */
  fractionRead(): number;
  close(): void;
}

/**
 * Opens a folder or a .zip file.
 * @throws UsageError when there is neither; InvalidReleaseError for an archive that cannot be read.
 */
export async function openRelease(path: string): Promise<MeteredRelease> {
  const found = await stat(path).catch((error) => unreadable(path, error));
  if (!found.isDirectory()) {
    const zip = await releaseZip(path);
    return { ...metered(zip, zip.bytes), close: zip.close };
  }
  const folder = await releaseFolder(path).catch((error) => unreadable(path, error));
  const bytes = await sizeOf(folder.names, path);
  return { ...metered(folder, bytes), close: () => undefined };
}

/** Bytes of all files. @throws InvalidReleaseError that names every folder within the folder. */
async function sizeOf(names: readonly string[], path: string): Promise<number> {
  const report = new ProblemReport();
  let bytes = 0;
  for (const name of names) {
    const file = join(path, name);
    const found = await stat(file).catch((error) => unreadable(file, error));
    bytes += found.size;
    if (found.isFile()) {
      // Nothing is checked before every file can be.
      await access(file, constants.R_OK).catch((error) => unreadable(file, error));
      continue;
    }
    const message = "is no file; the files of a release stand together";
    report.add({ file: name, line: 0, column: "", code: "UNKNOWN_FILE", message, value: "" });
  }
  report.throwIfAny(path);
  return bytes;
}

function unreadable(path: string, { code, message }: NodeJS.ErrnoException): never {
  throw new UsageError(code === "ENOENT" ? `There is no ${path}.` : `${path} cannot be read: ${message}.`);
}

function metered(files: ReleaseFiles, bytes: number): Omit<MeteredRelease, "close"> {
  let read = 0;
  return {
    files: {
      ...files,
      open: async function* (name) {
        for await (const part of files.open(name)) {
          read += part.length;
          yield part;
        }
      },
    },
    fractionRead: () => (bytes === 0 ? 0 : (read % bytes) / bytes),
  };
}
