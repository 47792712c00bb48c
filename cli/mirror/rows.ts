import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import type { SeriesKey, SubjectId } from "../../portal/identifiers.ts";
import { entityId, type SubjectType, seriesId } from "../../portal/identifiers.ts";
import type { Claim } from "../../portal/series/claims.ts";
import { type Frequency, parseTimePeriod } from "../../portal/series/time-period.ts";

/** A row of a table by column, as NDJSON has it. */
export type MirroredRow = Readonly<Record<string, string | number | boolean | null>>;

/** The rows of a compressed NDJSON file, one at a time. */
export async function* readRows(path: string): AsyncGenerator<MirroredRow> {
  const file = createReadStream(path);
  const content = createGunzip();
  // What goes wrong with the file has to reach who reads the lines.
  file.on("error", (error) => content.destroy(error));
  file.pipe(content);
  for await (const line of createInterface({ input: content, crlfDelay: Number.POSITIVE_INFINITY })) {
    yield JSON.parse(line) as MirroredRow;
  }
}

/** One series of a mirror. */
export interface MirroredSeries {
  readonly id: string;
  readonly key: SeriesKey;
  /** Code of the region that its rows say. */
  readonly region: string | null;
  /** In canonical order. */
  readonly claims: readonly Claim[];
}

/** The series of the table of claims, in its order. */
export async function* seriesIn(rows: AsyncIterable<MirroredRow>): AsyncGenerator<MirroredSeries> {
  let current: { id: string; key: SeriesKey; region: string | null; claims: Claim[] } | undefined;
  for await (const row of rows) {
    const key = keyOf(row);
    const id = seriesId(key);
    if (current && current.id !== id) yield current;
    if (current?.id !== id) current = { id, key, region: row.region_code as string | null, claims: [] };
    current.claims.push(claimOf(row));
  }
  if (current) yield current;
}

function keyOf(row: MirroredRow): SeriesKey {
  const type = String(row.subject_type).toLowerCase() as SubjectType;
  const subject: SubjectId = entityId(type, String(row.subject_id));
  return { metric: String(row.metric_id), subject, frequency: row.frequency as Frequency };
}

function claimOf(row: MirroredRow): Claim {
  return {
    period: periodIndex(String(row.time_period)),
    value: row.value as Claim["value"],
    status: row.obs_status as Claim["status"],
    source: String(row.source_id),
    publishedOn: (row.published_on ?? "") as string,
    release: Number(row.release),
    note: (row.note ?? "") as string,
  };
}

/** @throws Error for what no portal writes. */
export function periodIndex(text: string): number {
  const period = parseTimePeriod(text);
  if (period) return period.index;
  throw new Error(`"${text}" is no time period`);
}
