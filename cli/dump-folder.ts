import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DumpWriter } from "../portal/export/dump-store.ts";

/** What a file is called until all of it is there. */
const UNFINISHED = ".part";

/** A dump in a folder: every file appears whole or not at all, even where the power fails: its bytes reach the disk before its name. */
export class DumpFolder implements DumpWriter {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder; an earlier dump in it is none any more until the new one is whole. */
  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await rm(this.#path("manifest.json"), { force: true });
  }

  async write(key: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(key);
    try {
      await pipeline(body, createWriteStream(path + UNFINISHED, { flush: true }));
      await rename(path + UNFINISHED, path);
    } catch (error) {
      await rm(path + UNFINISHED, { force: true });
      throw error;
    }
  }

  async writeDocument(key: string, text: string): Promise<void> {
    const path = this.#path(key);
    await writeFile(path + UNFINISHED, text, { flush: true });
    await rename(path + UNFINISHED, path);
  }

  #path(key: string): string {
    return join(this.#folder, key);
  }
}
