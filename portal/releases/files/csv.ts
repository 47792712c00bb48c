import { CsvError } from "csv-parse";
import type { ProblemReport } from "../problems.ts";
import { CellProblem, type CellRule } from "./cells.ts";
import { ACTION_COLUMN, ACTIONS, type Action, type Columns } from "./columns.ts";
import { readRecords } from "./records.ts";

/** A row whose cells were checked: values by column, without the empty ones. */
export interface Row {
  readonly line: number;
  readonly action: Action;
  /** The columns of the file, in its order. */
  readonly header: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

type Bytes = AsyncIterable<Uint8Array>;

/**
 * The good rows of a CSV file (RFC 4180; UTF-8 with or without byte order mark; any line ends), in order, some at a
 * time. What is wrong goes to the report: a broken header ends the file, a broken row is left out. Never throws for
 * bad input.
 */
export async function* readRows(
  file: string,
  bytes: Bytes,
  columns: Columns,
  report: ProblemReport,
): AsyncGenerator<readonly Row[]> {
  let reader: RowReader | undefined;
  // Lines are counted here: the parser takes a CR LF within quotes for two.
  let next = 1;
  try {
    for await (const records of readRecords(bytes)) {
      const rows: Row[] = [];
      for (const record of records) {
        const line = next;
        next += 1 + lineBreaksIn(record);
        if (record.length === 1 && record[0] === "") continue;
        if (reader) {
          const row = reader.read(line, record);
          if (row) rows.push(row);
        } else {
          if (!checkHeader(file, record, columns, report)) return;
          reader = new RowReader(file, record, columns, report);
        }
      }
      yield rows;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const message = `${csvMessage(error)}; what follows in this file was not checked`;
    report.add({ file, line: next, column: "", code: "BROKEN_ROW", message, value: "" });
    return;
  }
  if (!reader) missingColumns(file, [], columns, report);
}

function csvMessage(error: CsvError): string {
  if (error.code === "CSV_QUOTE_NOT_CLOSED") return "a quoted cell is never closed";
  if (error.code === "CSV_MAX_RECORD_SIZE") return "a row is longer than 65,536 characters";
  return "quotes stand where they cannot: a quoted cell begins and ends with a quote, quotes inside are doubled";
}

function checkHeader(file: string, header: readonly string[], columns: Columns, report: ProblemReport): boolean {
  const before = report.total;
  header.forEach((column, i) => {
    if (column !== ACTION_COLUMN && !Object.hasOwn(columns, column)) {
      const message = `unknown column; known are ${[...Object.keys(columns), ACTION_COLUMN].join(", ")}`;
      report.add({ file, line: 1, column, code: "UNKNOWN_COLUMN", message, value: column });
    }
    if (header.indexOf(column) !== i) {
      report.add({ file, line: 1, column, code: "DUPLICATE_COLUMN", message: "column stands twice", value: column });
    }
  });
  missingColumns(file, header, columns, report);
  return report.total === before;
}

function missingColumns(file: string, header: readonly string[], columns: Columns, report: ProblemReport): void {
  for (const [column, { required }] of Object.entries(columns)) {
    if (!required || header.includes(column)) continue;
    report.add({ file, line: 1, column, code: "MISSING_COLUMN", message: "the file needs this column", value: "" });
  }
}

/** A column of the file at hand. Neighbouring rows are alike: the outcome for the last text is remembered. */
interface CellReader {
  readonly column: string;
  readonly rule: (text: string) => unknown;
  text: string;
  value: unknown;
}

/** Checks the rows of a file one by one. */
class RowReader {
  readonly #file: string;
  readonly #header: readonly string[];
  readonly #cells: readonly CellReader[];
  readonly #report: ProblemReport;

  constructor(file: string, header: readonly string[], columns: Columns, report: ProblemReport) {
    this.#file = file;
    this.#header = header;
    this.#report = report;
    this.#cells = header.map((column) => {
      const rule = column === ACTION_COLUMN ? action : (columns[column] as Columns[string]).rule;
      return { column, rule, text: "", value: undefined };
    });
  }

  read(line: number, record: readonly string[]): Row | undefined {
    if (record.length !== this.#header.length) {
      const message = `${record.length} cells where the header has ${this.#header.length}`;
      this.#problem(line, "", new CellProblem("BROKEN_ROW", message), record.join(","));
      return undefined;
    }
    const values: Record<string, unknown> = {};
    let good = true;
    for (const [i, reader] of this.#cells.entries()) {
      const text = (record[i] as string).trim();
      if (text === "") continue;
      if (text !== reader.text) {
        reader.value = reader.rule(text);
        reader.text = text;
      }
      if (reader.value instanceof CellProblem) {
        this.#problem(line, reader.column, reader.value, text);
        good = false;
      } else values[reader.column] = reader.value;
    }
    if (!good) return undefined;
    const { [ACTION_COLUMN]: said = "M" } = values;
    return { line, action: said as Action, header: this.#header, values };
  }

  #problem(line: number, column: string, { code, message }: CellProblem, value: string): void {
    this.#report.add({ file: this.#file, line, column, code, message, value });
  }
}

const action: CellRule<Action> = (cell) =>
  ACTIONS.find((known) => known === cell) ?? new CellProblem("INVALID_VALUE", "M to merge, D to delete, or empty");

function lineBreaksIn(record: readonly string[]): number {
  let breaks = 0;
  for (const cell of record) {
    for (let at = cell.indexOf("\n"); at >= 0; at = cell.indexOf("\n", at + 1)) breaks += 1;
  }
  return breaks;
}
