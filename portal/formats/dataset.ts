import { PortalError } from "../errors.ts";
import type { ObservationRow, ObservedSeries } from "../observations/rows.ts";
import { chunks } from "../store/requests.ts";

/** What a document says of its observations as a whole. */
export interface Dataset {
  readonly metric: {
    readonly id: string;
    readonly nameEn?: string | undefined;
    readonly nameZh?: string | undefined;
    readonly unit: string;
    readonly definition?: string | undefined;
  };
  /** The release as of which the observations are. */
  readonly release: number;
  /** ISO 8601 instant of its publication. */
  readonly releasedAt: string;
  /** The rows are what changed since a release, not all there is. */
  readonly isUpdate: boolean;
}

/** A format whose rows stand for themselves: any number of them streams through. */
export interface RowFormat {
  readonly header: string;
  /** One line for each row. Rows of a series that lie side by side cost less: what they have in common is written once. */
  readonly lines: (rows: readonly ObservationRow[], dataset: Pick<Dataset, "isUpdate">) => string;
}

/**
 * Lines whose first part is that of their series and action, and whose last begins with that of their status and source:
 * both are made anew only where they change.
 */
export function linesOf(parts: {
  readonly series: (series: ObservedSeries, action: ObservationRow["action"]) => string;
  readonly source: (row: ObservationRow) => string;
  readonly line: (row: ObservationRow, series: string, source: string) => string;
}) {
  return (rows: readonly ObservationRow[]): string => {
    let [text, series, source] = ["", "", ""];
    let before: ObservationRow | undefined;
    for (const row of rows) {
      if (!before || !isOneSeries(row, before)) series = parts.series(row.series, row.action);
      if (!before || !isOneSource(row, before)) source = parts.source(row);
      text += parts.line(row, series, source);
      before = row;
    }
    return text;
  };
}

function isOneSeries(a: ObservationRow, b: ObservationRow): boolean {
  return a.series === b.series && a.action === b.action;
}

function isOneSource(a: ObservationRow, b: ObservationRow): boolean {
  const isOneClaimant = a.source === b.source && a.publishedOn === b.publishedOn && a.release === b.release;
  return isOneClaimant && a.status === b.status && a.series === b.series;
}

/** A format that names every dimension's values before the first number: it holds all rows in memory. */
export type DocumentFormat = (dataset: Dataset, rows: readonly ObservationRow[]) => string;

/** The most observations that one document may have; who has more asks page by page, or for a format of rows. */
export const MAX_DOCUMENT_ROWS = 100_000;

export function requireDocumentSize(rows: readonly ObservationRow[]): void {
  if (rows.length <= MAX_DOCUMENT_ROWS) return;
  throw new PortalError(
    "LIMIT_EXCEEDED",
    `a document of this format holds at most ${MAX_DOCUMENT_ROWS} observations: ask page by page, or for CSV or NDJSON`,
  );
}

/**
 * How many rows become bytes at once. What is put together of many small texts is a tree until somebody reads it: to
 * flatten one that has long left the processor's cache takes more time than all else about it.
 */
const ROWS_AT_ONCE = 100;

type UpdateOrNot = Pick<Dataset, "isUpdate">;

/** Rows as UTF-8, batch by batch, after the header if there is one. */
export async function* writeRows(
  format: RowFormat,
  dataset: UpdateOrNot,
  batches: AsyncIterable<readonly ObservationRow[]> | Iterable<readonly ObservationRow[]>,
): AsyncGenerator<Buffer> {
  if (format.header !== "") yield Buffer.from(format.header);
  for await (const rows of batches) yield* writeBatch(format, dataset, rows);
}

/** The same of rows that are all there already, as text. */
export function textOfRows(format: RowFormat, dataset: UpdateOrNot, rows: readonly ObservationRow[]): string {
  return format.header + Buffer.concat([...writeBatch(format, dataset, rows)]).toString();
}

function* writeBatch({ lines }: RowFormat, dataset: UpdateOrNot, rows: readonly ObservationRow[]): Generator<Buffer> {
  for (const some of chunks(rows, ROWS_AT_ONCE)) yield Buffer.from(lines(some, dataset));
}

export function metricName({ id, nameEn, nameZh }: Dataset["metric"]): string {
  return nameEn ?? nameZh ?? id;
}
