import { harmless } from "../formats/csv.ts";
import { csvLine } from "../releases/files/write.ts";
import { type Row, statedColumns, type Table } from "./columns.ts";
import type { DumpFormatName } from "./formats.ts";
import { parquetEncoder } from "./parquet.ts";

/** Turns rows into the bytes of a file, batch by batch. */
export interface Encoder {
  encode(rows: readonly Row[]): Uint8Array | string;
  /** What comes after the last row. */
  finish(): Uint8Array | string;
}

export const ENCODERS: Readonly<Record<DumpFormatName, (table: Table) => Encoder>> = {
  csv: csvEncoder,
  ndjson: ndjsonEncoder,
  parquet: parquetEncoder,
};

/** RFC 4180 in UTF-8, lines ended by LF; an absent value is an empty cell. */
function csvEncoder(table: Table): Encoder {
  const columns = statedColumns(table);
  const guarded = columns.map(({ notation }) => notation === "text" || notation === "code");
  let header = csvLine(columns.map(({ name }) => name));
  return {
    encode: (rows) => {
      let text = header;
      header = "";
      for (const row of rows) {
        text += csvLine(row.map((cell, i) => (guarded[i] ? harmless(String(cell ?? "")) : String(cell ?? ""))));
      }
      return text;
    },
    finish: () => header,
  };
}

/** One JSON object a line, with every column of the table: an absent value is null, a decimal is a text. */
function ndjsonEncoder(table: Table): Encoder {
  const names = statedColumns(table).map(({ name }) => JSON.stringify(name));
  return {
    encode: (rows) => {
      let text = "";
      for (const row of rows) text += `{${names.map((name, i) => `${name}:${JSON.stringify(row[i])}`).join(",")}}\n`;
      return text;
    },
    finish: () => "",
  };
}
