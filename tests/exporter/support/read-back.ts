import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DuckDBInstance, type Json } from "@duckdb/node-api";
import type { DumpFormatName } from "../../../portal/export/formats.ts";
import type { Manifest } from "../../../portal/export/manifest.ts";
import type { DumpDesk } from "./dump-desk.ts";

export type ReadRow = Readonly<Record<string, Json>>;

/** A dump as DuckDB reads it: a reader that others wrote. */
export interface ReadBack {
  /** Every cell as text, as its format has it, so that no reader's idea of a type stands between. */
  rows(table: string, format: DumpFormatName): Promise<ReadRow[]>;
  /** The answer to SQL, in which `{observations}` stands for the name of a Parquet file. */
  query(sql: string): Promise<ReadRow[]>;
  close(): Promise<void>;
}

/** Brings the files of a dump to disk and opens them. */
export async function readBack(desk: DumpDesk, manifest: Manifest): Promise<ReadBack> {
  const folder = await mkdtemp(join(tmpdir(), "gazetteer-dump-"));
  for (const { key } of manifest.tables.flatMap(({ files }) => files)) {
    await writeFile(join(folder, basename(key)), await desk.read(key));
  }
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  const pathOf = (name: string) => `'${join(folder, name)}'`;
  return {
    rows: (table, format) => ask(`select * from ${READERS[format]((extension) => pathOf(`${table}.${extension}`))}`),
    query: (sql) => ask(sql.replace(/\{(\w+)\}/g, (_, table) => pathOf(`${table}.parquet`))),
    close: async () => {
      connection.closeSync();
      instance.closeSync();
      await rm(folder, { recursive: true });
    },
  };
}

const READERS: Readonly<Record<DumpFormatName, (path: (extension: string) => string) => string>> = {
  csv: (path) => `read_csv(${path("csv.gz")}, header = true, all_varchar = true, strict_mode = true)`,
  ndjson: (path) =>
    `read_json(${path("ndjson.gz")}, format = 'newline_delimited', convert_strings_to_integers = false)`,
  parquet: (path) => `read_parquet(${path("parquet")})`,
};
