import { firstDay, isoDay, lastDay } from "./days.ts";
import { parseDecimal } from "./decimal128.ts";

/** A value in a dump: absent values are null, never empty texts. */
export type Cell = string | number | boolean | null;

/** The cells of a row in the order of the stated columns of its table. */
export type Row = readonly Cell[];

/**
 * What a column is in Parquet. CSV and NDJSON write dates and instants as ISO 8601 and know no other types.
 *
 * `decimal(38,12)` holds what fits into it exactly, and null for the rest: the text beside it always is the value.
 */
export type ColumnType = "string" | "integer" | "boolean" | "date" | "timestamp" | "double" | "decimal(38,12)";

/** How the texts of a string column are to be read. `id` and `code` repeat, and Parquet keeps them in dictionaries. */
export type Notation = "key" | "id" | "code" | "text" | "uri" | "decimal" | "partial-date" | "time-period";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Strings only. */
  readonly notation?: Notation;
  /** Whether every row has a value. */
  readonly required?: boolean;
  /** The stated column that this one reads as another type; such columns are in Parquet only. */
  readonly derivedFrom?: string;
}

export interface Table {
  readonly name: string;
  /** The columns that tell one row from another. */
  readonly key: readonly string[];
  /** Stated columns, then derived ones. */
  readonly columns: readonly Column[];
}

export function statedColumns({ columns }: Pick<Table, "columns">): Column[] {
  return columns.filter(({ derivedFrom }) => derivedFrom === undefined);
}

export function string(name: string, notation: Notation, required = false): Column {
  return { name, type: "string", notation, ...(required ? { required } : {}) };
}

export function typed(name: string, type: Exclude<ColumnType, "string">, required = false): Column {
  return { name, type, ...(required ? { required } : {}) };
}

/**
 * The typed columns beside a string column, by its notation. A date that is known to the month is no date: what has no
 * day is null rather than a day that nobody stated. A time period has both its ends.
 */
export function derivedColumns({ name, notation, required }: Column): Column[] {
  const derive = (suffix: string, type: Column["type"], always = false): Column => ({
    ...{ name: suffix, type, derivedFrom: name },
    ...(required && always ? { required } : {}),
  });
  if (notation === "decimal") return [derive(`${name}_decimal`, "decimal(38,12)"), derive(`${name}_double`, "double")];
  if (notation === "partial-date") return [derive(`${name}_date`, "date")];
  if (notation === "time-period") return [derive("period_start", "date", true), derive("period_end", "date", true)];
  return [];
}

/** What a derived column reads in a text: days since 1970-01-01 for dates, the unscaled number for decimals. */
export type Reading = (text: string) => number | bigint | null;

export function readingOf({ name, type }: Column): Reading {
  if (type === "decimal(38,12)") return parseDecimal;
  if (type === "double") return Number;
  if (name === "period_start") return firstDay;
  if (name === "period_end") return lastDay;
  return isoDay;
}
