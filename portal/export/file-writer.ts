import { createHash } from "node:crypto";
import { once } from "node:events";
import { PassThrough, pipeline, type Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Row, Table } from "./columns.ts";
import { ENCODERS, type Encoder } from "./encoders.ts";
import { DUMP_FORMATS, type DumpFormatName } from "./formats.ts";

export interface WrittenFile {
  /** As stored. */
  readonly bytes: number;
  /** Of the bytes as stored, in hexadecimal. */
  readonly sha256: string;
}

/** So much waits for a slow store before the next rows are read, in bytes. */
const HIGH_WATER_MARK = 1 << 20;

/** One file on its way: rows in, encoded and compressed bytes out, as fast as the store takes them. */
export class FileWriter {
  readonly #encoder: Encoder;
  readonly #input = new PassThrough({ highWaterMark: HIGH_WATER_MARK });
  readonly #stored: Promise<void>;
  readonly #hash = createHash("sha256");
  #bytes = 0;

  constructor(table: Table, format: DumpFormatName, store: (body: AsyncIterable<Uint8Array>) => Promise<void>) {
    this.#encoder = ENCODERS[format](table);
    // Failures reach whoever writes next, or finishes: `#stored` carries them.
    this.#input.on("error", () => undefined);
    const output = DUMP_FORMATS[format].gzip ? pipeline(this.#input, createGzip(), () => undefined) : this.#input;
    this.#stored = store(this.#measure(output));
    this.#stored.catch((error: unknown) => this.abort(error));
  }

  async write(rows: readonly Row[]): Promise<void> {
    await this.#push(this.#encoder.encode(rows));
  }

  async finish(): Promise<WrittenFile> {
    await this.#push(this.#encoder.finish());
    this.#input.end();
    await this.#stored;
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  /** Ends it all; nothing is left in the store. */
  abort(reason: unknown): void {
    this.#input.destroy(reason instanceof Error ? reason : new Error(String(reason)));
  }

  /** Resolves once the store is done with the file, one way or the other. */
  async settled(): Promise<void> {
    await this.#stored.catch(() => undefined);
  }

  async #push(bytes: Uint8Array | string): Promise<void> {
    if (bytes.length === 0) return;
    if (this.#input.destroyed) await this.#stored;
    if (this.#input.write(bytes)) return;
    await Promise.race([once(this.#input, "drain"), this.#stored]);
  }

  async *#measure(output: Readable): AsyncGenerator<Uint8Array> {
    for await (const chunk of output as AsyncIterable<Buffer>) {
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      yield chunk;
    }
  }
}
