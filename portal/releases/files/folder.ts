import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** A release as it comes in: named files that can be read more than once. */
export interface ReleaseFiles {
  /** What the release is called in messages. */
  readonly origin: string;
  readonly names: readonly string[];
  open(name: string): AsyncIterable<Uint8Array>;
}

/** The files of a folder; hidden files are not part of a release. */
export async function releaseFolder(path: string): Promise<ReleaseFiles> {
  const entries = await readdir(path);
  return {
    origin: path,
    names: entries.filter((name) => !name.startsWith(".")).sort(),
    open: (name) => createReadStream(join(path, name)),
  };
}

/** SHA-256 over the names and contents of all files: what makes two releases the same. */
export async function digestOf(files: ReleaseFiles): Promise<string> {
  const whole = createHash("sha256");
  for (const name of files.names) {
    const one = createHash("sha256");
    for await (const bytes of files.open(name)) one.update(bytes);
    whole.update(`${name}\n${one.digest("hex")}\n`);
  }
  return whole.digest("hex");
}
