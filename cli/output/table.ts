import type { PublishSummary } from "../../portal/releases/summary.ts";
import { count } from "./progress.ts";

/** Label and value, one a line: labels to the left, values to the right. */
export function twoColumns(lines: readonly (readonly [label: string, value: string])[]): string {
  const labels = Math.max(...lines.map(([label]) => label.length));
  const values = Math.max(...lines.map(([, value]) => value.length));
  return lines.map(([label, value]) => `  ${label.padEnd(labels)}  ${value.padStart(values)}`).join("\n");
}

type Lines = (readonly [label: string, value: string])[];

/** What a publication did. */
export function summaryTable(summary: PublishSummary, ms: number): string {
  const { observations, rows } = summary;
  return twoColumns([
    ...entityLines(summary),
    ["observations added", count(observations.added)],
    ["observations revised", count(observations.revised)],
    ["observations withdrawn", count(observations.withdrawn)],
    ["rows unchanged", count(summary.unchanged)],
    ["rows rejected", "0"],
    ["change records", count(summary.changes)],
    ["DynamoDB read units", units(summary.readUnits)],
    ["DynamoDB write units", units(summary.writeUnits)],
    ...timeLines(rows, ms),
  ]);
}

/** What a validation found; what observations come to shows only as they are staged. */
export function validationTable(summary: PublishSummary, ms: number): string {
  return twoColumns([
    ...entityLines(summary),
    ["entities unchanged", count(summary.unchanged)],
    ["rows rejected", "0"],
    ["DynamoDB read units", units(summary.readUnits)],
    ...timeLines(summary.rows, ms),
  ]);
}

function entityLines({ rows, entities }: PublishSummary): Lines {
  return [
    ["rows read", count(rows)],
    ["entities added", count(entities.added)],
    ["entities revised", count(entities.revised)],
    ["entities deleted", count(entities.deleted)],
  ];
}

function timeLines(rows: number, ms: number): Lines {
  return [
    ["seconds", (ms / 1000).toFixed(1)],
    ["rows per second", ms > 0 ? count((rows / ms) * 1000) : "0"],
  ];
}

/** DynamoDB counts in halves. */
function units(n: number): string {
  return n.toLocaleString("en", { maximumFractionDigits: 1 });
}

/** Columns as wide as what stands in them; numbers to the right, the last column as it comes. */
export function columns(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows.map((row) => row.map((cell) => (typeof cell === "number" ? count(cell) : cell)))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
  const right = header.map((_, column) => typeof rows[0]?.[column] === "number");
  return cells
    .map((row) =>
      row
        .map((cell, i) =>
          i === row.length - 1 ? cell : right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}
