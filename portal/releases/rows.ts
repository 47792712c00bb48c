import type { EntityId, SeriesKey } from "../identifiers.ts";
import type { ObservationStatus } from "../series/claims.ts";
import type { Action, EntityFile } from "./files/columns.ts";

/** An entity as a release states it. */
export interface EntityRow {
  readonly type: EntityFile["type"];
  readonly id: EntityId;
  readonly localId: string;
  readonly action: Action;
  readonly file: string;
  readonly line: number;
  /** Fields of the body that the file speaks of; undefined where its cell is empty. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a source says, or takes back (`D`), about one period of a series. */
export interface ClaimRow {
  readonly line: number;
  readonly action: Action;
  /** Null, with `D` only: every period that the series has. */
  readonly period: number | null;
  /** Empty, with `D` only: every source that stated something. */
  readonly source: string;
  readonly value: string | null;
  readonly status: ObservationStatus;
  readonly publishedOn: string;
  readonly note: string;
}

/** All that a release says of one series, by period and source. */
export interface SeriesRows {
  readonly key: SeriesKey;
  readonly rows: ClaimRow[];
}
