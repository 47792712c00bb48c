import { zstdCompressSync } from "node:zlib";
import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import { type Cell, type Column, type Row, readingOf, type Table } from "./columns.ts";
import { isoDay } from "./days.ts";
import { PRECISION, SCALE } from "./decimal128.ts";
import type { Encoder } from "./encoders.ts";

/** A row group is what is held in memory: so many rows, or so many characters where their notes are long. */
const GROUP_ROWS = 50_000;
const GROUP_CHARACTERS = 16_000_000;

/**
 * Parquet, row group by row group, compressed by Zstandard. Ids and codes are encoded by dictionary, decimals are exact
 * (38 digits, 12 of them places), dates are days, instants are milliseconds in UTC.
 */
export function parquetEncoder(table: Table): Encoder {
  const columns = table.columns.map((column) => sourceOf(column, table));
  const out = new ByteWriter();
  const writer = new ParquetWriter({
    writer: out,
    schema: schemaOf(table),
    codec: "ZSTD",
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    createdBy: "gazetteer",
    kvMetadata: [{ key: "table", value: table.name }],
  });
  let group: Row[] = [];
  let characters = 0;

  const writeGroup = () => {
    const columnData = columns.map(({ name, cellsOf, encoding }): ColumnSource => {
      const data = cellsOf(group);
      return encoding ? { name, data, encoding } : { name, data };
    });
    writer.write({ columnData, rowGroupSize: Math.max(group.length, 1) });
    group = [];
    characters = 0;
  };
  const take = () => {
    const bytes = Uint8Array.from(out.getBytes());
    out.index = 0;
    return bytes;
  };
  return {
    encode: (rows) => {
      for (const row of rows) {
        group.push(row);
        for (const cell of row) characters += typeof cell === "string" ? cell.length : 0;
        if (group.length >= GROUP_ROWS || characters >= GROUP_CHARACTERS) writeGroup();
      }
      return take();
    },
    finish: () => {
      if (group.length > 0) writeGroup();
      writer.finish();
      return take();
    },
  };
}

interface Source {
  readonly name: string;
  readonly encoding?: "RLE_DICTIONARY";
  /** The column's cells in the terms of the writer. */
  readonly cellsOf: (rows: readonly Row[]) => unknown[];
}

function sourceOf(column: Column, table: Table): Source {
  const { name, derivedFrom, notation } = column;
  const at = table.columns.findIndex((each) => each.name === (derivedFrom ?? name));
  const read = derivedFrom === undefined ? nativeOf(column) : textReader(readingOf(column));
  const repeats = notation === "id" || notation === "code";
  return {
    ...{ name, cellsOf: (rows) => rows.map((row) => read(row[at] ?? null)) },
    ...(repeats ? { encoding: "RLE_DICTIONARY" } : {}),
  };
}

function textReader(read: (text: string) => unknown): (cell: Cell) => unknown {
  return (cell) => (typeof cell === "string" ? read(cell) : null);
}

function nativeOf({ type }: Column): (cell: Cell) => unknown {
  if (type === "integer") return (cell) => (cell === null ? null : BigInt(cell));
  if (type === "date") return textReader(isoDay);
  if (type === "timestamp") return textReader((text) => BigInt(Date.parse(text)));
  return (cell) => cell;
}

function schemaOf({ columns }: Table): SchemaElement[] {
  const leaves = columns.map(({ name, type, required }): SchemaElement => {
    return { name, repetition_type: required ? "REQUIRED" : "OPTIONAL", ...ELEMENTS[type] };
  });
  return [{ name: "schema", num_children: leaves.length }, ...leaves];
}

/** The physical type of each, and what it means: github.com/apache/parquet-format/blob/master/LogicalTypes.md */
const ELEMENTS: Readonly<Record<Column["type"], Omit<SchemaElement, "name">>> = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  integer: { type: "INT64" },
  boolean: { type: "BOOLEAN" },
  date: { type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } },
  timestamp: {
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
  },
  double: { type: "DOUBLE" },
  "decimal(38,12)": {
    ...{ type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, converted_type: "DECIMAL" },
    ...{ precision: PRECISION, scale: SCALE, logical_type: { type: "DECIMAL", precision: PRECISION, scale: SCALE } },
  },
};
