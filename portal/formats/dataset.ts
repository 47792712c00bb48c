import { PortalError } from "../errors.ts";
import type { ObservationRow, ObservedSeries } from "../observations/rows.ts";

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

/** Rows as text, batch by batch. */
export async function* writeRows(
  { header, lines }: RowFormat,
  dataset: Pick<Dataset, "isUpdate">,
  batches: AsyncIterable<readonly ObservationRow[]> | Iterable<readonly ObservationRow[]>,
): AsyncGenerator<string> {
  if (header !== "") yield header;
  for await (const rows of batches) {
    if (rows.length > 0) yield lines(rows, dataset);
  }
}

export function metricName({ id, nameEn, nameZh }: Dataset["metric"]): string {
  return nameEn ?? nameZh ?? id;
}
