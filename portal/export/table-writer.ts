import type { Row, Table } from "./columns.ts";
import type { DumpWriter } from "./dump-store.ts";
import { FileWriter } from "./file-writer.ts";
import { DUMP_FORMATS, type DumpFormatName } from "./formats.ts";
import type { DumpedTable } from "./manifest.ts";

/** Rows that are encoded at a time, at least. */
const CHUNK_ROWS = 5000;

export interface TableTarget {
  readonly store: DumpWriter;
  readonly formats: readonly DumpFormatName[];
  /** The key of a file by its name, `regions.csv.gz`. */
  readonly keyOf: (name: string) => string;
  readonly release: number;
}

/** A table on its way into all its formats at once: what is read is read once. */
export class TableWriter {
  readonly #table: Table;
  readonly #target: TableTarget;
  readonly #files: readonly { readonly format: DumpFormatName; readonly key: string; readonly writer: FileWriter }[];
  #pending: Row[] = [];
  #rows = 0;

  constructor(table: Table, target: TableTarget) {
    const { store, keyOf, formats } = target;
    this.#table = table;
    this.#target = target;
    this.#files = formats.map((format) => {
      const { extension, mediaType } = DUMP_FORMATS[format];
      const key = keyOf(`${table.name}.${extension}`);
      const writer = new FileWriter(table, format, (body) => store.write(key, body, mediaType));
      return { format, key, writer };
    });
  }

  async write(rows: readonly Row[]): Promise<void> {
    for (const row of rows) this.#pending.push(row);
    if (this.#pending.length >= CHUNK_ROWS) await this.#flush();
  }

  async #flush(): Promise<void> {
    const rows = this.#pending;
    this.#pending = [];
    this.#rows += rows.length;
    await Promise.all(this.#files.map(({ writer }) => writer.write(rows)));
  }

  async finish(): Promise<DumpedTable> {
    await this.#flush();
    const files = await Promise.all(
      this.#files.map(async ({ format, key, writer }) => {
        const { mediaType } = DUMP_FORMATS[format];
        return { format, key, mediaType, ...(await writer.finish()) };
      }),
    );
    const { name, key, columns } = this.#table;
    return { name, release: this.#target.release, rows: this.#rows, key, columns, files };
  }

  /** Ends it all, and waits until nothing of it is under way. */
  async abort(reason: unknown): Promise<void> {
    for (const { writer } of this.#files) writer.abort(reason);
    await Promise.all(this.#files.map(({ writer }) => writer.settled()));
  }
}

/** Writes tables with `fill`; when that fails, nothing of them is left in the store. */
export async function writeTables(
  tables: readonly Table[],
  target: TableTarget,
  fill: (writers: readonly TableWriter[]) => Promise<void>,
): Promise<DumpedTable[]> {
  const writers = tables.map((table) => new TableWriter(table, target));
  try {
    await fill(writers);
    return await Promise.all(writers.map((writer) => writer.finish()));
  } catch (error) {
    await Promise.all(writers.map((writer) => writer.abort(error)));
    throw error;
  }
}
