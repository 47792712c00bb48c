import type { AnyEntity, ReleaseBody } from "../catalogue/entities.ts";
import { type EntityId, type EntityType, splitEntityId } from "../identifiers.ts";
import * as cell from "../releases/files/cells.ts";
import { ENTITY_FILES, type EntityFile, type Column as FileColumn } from "../releases/files/columns.ts";
import { type Cell, type Column, derivedColumns, type Row, string, type Table, typed } from "./columns.ts";

/** A table of entities of one type: how one of them becomes a row. */
export interface EntityTable extends Table {
  readonly type: EntityType;
  readonly rowOf: (entity: AnyEntity) => Row;
}

/** The release that brought the row as it stands. */
const RELEASE = typed("release", "integer", true);

/** Columns with few different values. */
const CODES: ReadonlySet<string> = new Set(["level", "kind", "unit", "topic", "language"]);

/** The columns of a release's files, so that what is published and what is dumped have the same names. */
function entityTable(file: EntityFile): EntityTable {
  const stated = Object.entries(file.columns).map(([name, column]) => columnOf(name, column, file));
  const columns = [...stated, RELEASE];
  const fields = Object.entries(file.columns).map(([name, { field, refersTo }]) => ({
    read: name === file.idColumn ? undefined : field,
    refersTo,
    isFlag: file.columns[name]?.rule === cell.yes,
  }));
  return {
    ...{ name: file.file.replace(".csv", ""), type: file.type, key: [file.idColumn] },
    columns: [...columns, ...columns.flatMap(derivedColumns)],
    rowOf: ({ localId, body, release }) => [
      ...fields.map(({ read, refersTo, isFlag }): Cell => {
        if (read === undefined) return localId;
        const value = (body as unknown as Readonly<Record<string, unknown>>)[read];
        if (isFlag) return value === true;
        if (value === undefined) return null;
        return refersTo ? localIds(value) : String(value);
      }),
      release,
    ],
  };
}

function columnOf(name: string, { rule, required, refersTo }: FileColumn, { idColumn }: EntityFile): Column {
  if (name === idColumn) return string(name, "key", true);
  if (rule === cell.yes) return typed(name, "boolean", true);
  if (rule === cell.partialDate) return string(name, "partial-date", required);
  if (rule === cell.decimal) return string(name, "decimal", required);
  if (rule === cell.url) return string(name, "uri", required);
  if (refersTo) return string(name, "id", required);
  return string(name, CODES.has(name) ? "code" : "text", required);
}

/** Ids without prefix, parted by spaces where there are several. */
function localIds(value: unknown): string {
  return [value]
    .flat()
    .map((id) => splitEntityId(id as EntityId).localId)
    .join(" ");
}

const RELEASE_COLUMNS: readonly Column[] = [
  typed("release", "integer", true),
  string("title", "text", true),
  string("publisher", "text", true),
  typed("published_on", "date", true),
  typed("known_on", "date", true),
  typed("committed_at", "timestamp", true),
  typed("claims", "integer", true),
  typed("entities", "integer", true),
  typed("changes", "integer", true),
  typed("last_change", "integer", true),
  string("digest", "text", true),
];

const RELEASES: EntityTable = {
  ...{ name: "releases", type: "release", key: ["release"], columns: RELEASE_COLUMNS },
  rowOf: ({ localId, body }) => {
    const { title, publisher, publishedOn, knownOn, committedAt, ...rest } = body as ReleaseBody;
    const { claims, entities, changes, lastChange, digest } = rest;
    return [
      ...[Number(localId), title, publisher, publishedOn, knownOn, committedAt],
      ...[claims, entities, changes, lastChange, digest],
    ];
  },
};

export const ENTITY_TABLES: readonly EntityTable[] = [...ENTITY_FILES.map(entityTable), RELEASES];
