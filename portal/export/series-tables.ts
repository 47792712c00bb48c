import { splitEntityId } from "../identifiers.ts";
import { OBSERVATION_STATUSES } from "../series/claims.ts";
import type { SeriesRecord } from "../series/items.ts";
import { headlines, isVisible, type Vintage } from "../series/resolution.ts";
import { formatTimePeriod } from "../series/time-period.ts";
import { type Column, derivedColumns, type Row, string, type Table, typed } from "./columns.ts";

/** A table of what series hold: the rows of one series, in the order of their periods. */
export interface SeriesTable extends Table {
  readonly rowsOf: (series: ExportedSeries) => Row[];
}

export interface ExportedSeries {
  readonly record: SeriesRecord;
  /** Code of the region that the subject is or lies in; null where it lies in none. */
  readonly region: string | null;
  readonly unit: string;
  readonly vintage: Vintage;
}

/** What the rows of both tables begin with. */
const KEY: readonly Column[] = [
  string("metric_id", "id", true),
  string("subject_type", "code", true),
  string("subject_id", "id", true),
  string("region_code", "id"),
  string("frequency", "code", true),
  string("time_period", "time-period", true),
];
const IDENTITY = ["metric_id", "subject_type", "subject_id", "time_period"];

function table(name: string, key: readonly string[], columns: readonly Column[], rowsOf: SeriesTable["rowsOf"]) {
  return { name, key, columns: [...columns, ...columns.flatMap(derivedColumns)], rowsOf };
}

/** Targets are in the dump: their status tells them, and a mirror must be able to answer for them. */
const ALL_STATUSES = new Set(OBSERVATION_STATUSES);

/** The headline of every series in every period. */
export const OBSERVATIONS: SeriesTable = table(
  "observations",
  IDENTITY,
  [
    ...KEY,
    string("value", "decimal"),
    string("obs_status", "code", true),
    string("unit", "code", true),
    string("source_id", "id", true),
    string("published_on", "partial-date"),
    typed("release", "integer", true),
    string("note", "text"),
  ],
  (series) => {
    const start = startOf(series);
    const { key, claims } = series.record;
    return headlines(claims, series.vintage, ALL_STATUSES).map((headline) => [
      ...start,
      formatTimePeriod({ frequency: key.frequency, index: headline.period }),
      headline.value,
      headline.status,
      series.unit,
      headline.source,
      headline.publishedOn || null,
      headline.release,
      headline.note || null,
    ]);
  },
);

/** Everything that any source ever said: what observations are made of, their revisions and their alternatives. */
export const CLAIMS: SeriesTable = table(
  "claims",
  [...IDENTITY, "source_id", "release"],
  [
    ...KEY,
    string("source_id", "id", true),
    typed("release", "integer", true),
    // As in a release's files: D takes back what the source said before, and then has neither value nor status.
    string("action", "code", true),
    string("value", "decimal"),
    string("obs_status", "code"),
    string("published_on", "partial-date"),
    string("note", "text"),
  ],
  (series) => {
    const start = startOf(series);
    return series.record.claims
      .filter(({ release }) => isVisible(release, series.vintage))
      .map(({ period, source, release, status, value, publishedOn, note }) => [
        ...start,
        formatTimePeriod({ frequency: series.record.key.frequency, index: period }),
        source,
        release,
        status === null ? "D" : "M",
        value,
        status,
        publishedOn || null,
        note || null,
      ]);
  },
);

export const SERIES_TABLES: readonly SeriesTable[] = [OBSERVATIONS, CLAIMS];

function startOf({ record: { key }, region }: ExportedSeries): Row {
  const { type, localId } = splitEntityId(key.subject);
  return [key.metric, type.toUpperCase(), localId, region, key.frequency];
}
