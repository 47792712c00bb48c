import { countOf } from "../catalogue/counts.ts";
import type { Entity, ReleaseBody } from "../catalogue/entities.ts";
import { pathCodes, REGION_LEVELS } from "../catalogue/entities.ts";
import { PortalError } from "../errors.ts";
import { readSeriesEntries } from "../observations/read.ts";
import type { Snapshot } from "../snapshot.ts";
import { CoverageGatherer, type MetricCoverage } from "./coverage.ts";
import { ENTITY_TABLES, type EntityTable } from "./entity-tables.ts";
import { type DumpedTable, documentText } from "./manifest.ts";
import { manifestOf } from "./manifest-of.ts";
import { readEntities } from "./read-entities.ts";
import { SERIES_TABLES } from "./series-tables.ts";
import { storeText } from "./store-text.ts";
import { type TableTarget, type TableWriter, writeTables } from "./table-writer.ts";

/** Called between one batch and the next; may throw to end it. */
export type BetweenBatches = () => void;

/** Every kind of subject that a series can have, in the order in which the tables hold them. */
const KINDS = [...REGION_LEVELS, "agency", "platform", "complex"];

/** Tables that are written in one go, because one reading gives them all. */
export const TABLE_GROUPS: readonly (readonly string[])[] = [
  ...ENTITY_TABLES.map(({ name }) => [name]),
  SERIES_TABLES.map(({ name }) => name),
];

/** What came of writing one group. */
export interface WrittenGroup {
  readonly tables: readonly DumpedTable[];
  /** Of the group of series. */
  readonly coverage?: readonly MetricCoverage[];
}

/**
 * Writes a group of tables as the snapshot's vintage has them, in the memory of one batch.
 *
 * @throws PortalError `UNAVAILABLE` where the rows are fewer or more than were published: an index that lags, or rows
 *   that a release after the vintage has meanwhile swept from under the reading. It then has to be written again.
 */
export async function writeGroup(
  group: readonly string[],
  snapshot: Snapshot,
  target: TableTarget,
  between: BetweenBatches,
): Promise<WrittenGroup> {
  const table = ENTITY_TABLES.find(({ name }) => name === group[0]);
  if (table) return { tables: [await writeEntities(table, snapshot, target, between)] };
  const coverage: MetricCoverage[] = [];
  const tables = await writeTables(SERIES_TABLES, target, async (writers) => {
    for await (const metrics of readEntities(snapshot, "metric")) {
      for (const metric of metrics) {
        coverage.push(await writeMetric(metric as Entity<"metric">, snapshot, writers, between));
      }
    }
  });
  const claims = tables.find(({ name }) => name === "claims");
  requireRows("claims", claims?.rows, await publishedClaims(snapshot));
  return { tables, coverage };
}

async function writeEntities(table: EntityTable, snapshot: Snapshot, target: TableTarget, between: BetweenBatches) {
  const [written] = await writeTables([table], target, async ([writer]) => {
    for await (const entities of readEntities(snapshot, table.type)) {
      between();
      await writer?.write(entities.map(table.rowOf));
    }
  });
  const counts = table.type === "release" ? null : await snapshot.counts("all");
  if (counts) {
    const historical = table.type === "region" ? countOf(counts, "region", undefined, true) : 0;
    requireRows(table.name, written?.rows, countOf(counts, table.type) + historical);
  }
  return written as DumpedTable;
}

async function writeMetric(
  metric: Entity<"metric">,
  snapshot: Snapshot,
  writers: readonly TableWriter[],
  between: BetweenBatches,
): Promise<MetricCoverage> {
  const { vintage } = snapshot;
  const { unit } = metric.body;
  const coverage = new CoverageGatherer(metric.localId, vintage);
  const selection = { metric: metric.localId, of: { kinds: KINDS }, vintage };
  for await (const entries of readSeriesEntries(snapshot, selection)) {
    between();
    for (const { record, path } of entries) {
      if (!record) continue;
      coverage.add(record, path);
      const series = { record, region: pathCodes(path).at(-1) ?? null, unit, vintage };
      for (const [i, { rowsOf }] of SERIES_TABLES.entries()) await writers[i]?.write(rowsOf(series));
    }
  }
  return coverage.finish();
}

/** What all releases up to this one said that they added. */
async function publishedClaims(snapshot: Snapshot): Promise<number> {
  let claims = 0;
  for await (const releases of readEntities(snapshot, "release")) {
    claims += releases.reduce((sum, { body }) => sum + (body as ReleaseBody).claims, 0);
  }
  return claims;
}

function requireRows(table: string, rows: number | undefined, published: number): void {
  if (rows === published) return;
  throw new PortalError("UNAVAILABLE", `the table ${table} was read with ${rows} rows, of ${published} published`);
}

/** Writes all tables, and a manifest that names them: for who wants the whole portal once, and nothing kept of it. */
export async function writePortal(
  snapshot: Snapshot,
  target: TableTarget,
  onTables: (tables: readonly DumpedTable[]) => void,
) {
  const tables: DumpedTable[] = [];
  let coverage: readonly MetricCoverage[] = [];
  for (const group of TABLE_GROUPS) {
    const written = await writeGroup(group, snapshot, target, () => undefined);
    tables.push(...written.tables);
    coverage = written.coverage ?? coverage;
    onTables(written.tables);
  }
  const file = await storeText(target.store, target.keyOf("coverage.json"), documentText({ metrics: coverage }));
  const manifest = await manifestOf(snapshot, tables, file);
  await target.store.writeDocument(target.keyOf("manifest.json"), documentText(manifest));
  return manifest;
}
