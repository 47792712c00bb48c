import type { EntityBodies } from "../../catalogue/entities.ts";
import { type EntityId, splitEntityId } from "../../identifiers.ts";
import { ACTION_COLUMN, type Action, type Columns, type EntityFile, OBSERVATION_COLUMNS } from "./columns.ts";

/** A line of CSV (RFC 4180), ended by LF; cells are quoted where they must be. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\n`;
}

export function csvCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export function headerOf(columns: Columns): string[] {
  return [...Object.keys(columns), ACTION_COLUMN];
}

/** An entity as a line of its file: what reading it back gives the same body. A deletion needs no body. */
export function entityLine(
  { columns, idColumn }: EntityFile,
  localId: string,
  body: EntityBodies[keyof EntityBodies] | null,
): string {
  const fields = (body ?? {}) as Record<string, unknown>;
  const cells = Object.entries(columns).map(([column, { field, refersTo }]) => {
    if (column === idColumn) return localId;
    const value = field === undefined ? undefined : fields[field];
    if (value === undefined) return "";
    const values = [value].flat();
    return (refersTo ? values.map((id) => splitEntityId(id as EntityId).localId) : values).join(" ");
  });
  return csvLine([...cells, body === null ? "D" : "M"]);
}

/** The cells of an observation by column; a missing one is empty. */
export type ObservationCells = Partial<Record<keyof typeof OBSERVATION_COLUMNS, string>>;

export function observationLine(cells: ObservationCells, action: Action): string {
  const columns = Object.keys(OBSERVATION_COLUMNS) as (keyof typeof OBSERVATION_COLUMNS)[];
  return csvLine([...columns.map((column) => cells[column] ?? ""), action]);
}
