import type { AnyEntity } from "../catalogue/entities.ts";
import { type EntityId, entityId, type SeriesKey, splitEntityId } from "../identifiers.ts";
import { chunks, type Item, textOf } from "../store/requests.ts";
import { ChangeLog } from "./change-log.ts";
import type { ChangeRecord } from "./change-records.ts";
import { mapConcurrently } from "./concurrency.ts";
import type { EntityChange } from "./merge-entities.ts";
import { stageSeriesMoves } from "./moves.ts";
import { ReferrerLog } from "./referrers.ts";
import type { SeriesRows } from "./rows.ts";
import { type Staging, stageItem } from "./stage.ts";
import { itemsById, stageCounts, stageEntities } from "./stage-entities.ts";
import { relatedMetrics, stageNotices } from "./stage-notices.ts";
import { stageSearch } from "./stage-search.ts";
import { type EntityAfter, type StagedSeries, stageSeries } from "./stage-series.ts";
import { PublicationPausedError, type PublishOptions, type PublishProgress } from "./summary.ts";
import { stageLeftovers } from "./sweep.ts";
import type { ValidRelease } from "./validate.ts";

/** What staging added up to. */
export interface Staged {
  readonly claims: number;
  readonly unchangedRows: number;
  readonly observations: { added: number; revised: number; withdrawn: number };
  readonly changes: number;
  /** Notes of what the next publication removes. */
  readonly leftovers: number;
}

/** Series whose items are read and written together, and how many such groups are under way at a time. */
const SERIES_BATCH = 100;
const BATCHES_UNDER_WAY = 4;
/** Rows per checkpoint, entities among them, at least, where the caller does not say. */
const CHECKPOINT_ROWS = 100_000;
/** Time that a publication keeps back to stage what lies between two checkpoints. */
const PAUSE_MARGIN_MS = 60_000;

/** Where a run stands; kept in the store from checkpoint to checkpoint. */
interface Position {
  readonly partition: number;
  /** How many partitions there are: an importer with more memory parts the same rows otherwise. */
  readonly partitions: number;
  readonly digest: string;
  readonly rows: number;
  readonly changes: number;
  readonly claims: number;
  readonly unchangedRows: number;
  readonly observations: { added: number; revised: number; withdrawn: number };
}

type Progress = Omit<Position, "partitions" | "digest">;

const START: Progress = {
  partition: 0,
  rows: 0,
  changes: 0,
  claims: 0,
  unchangedRows: 0,
  observations: { added: 0, revised: 0, withdrawn: 0 },
};

/**
 * Writes everything that a release consists of under its number, invisible to readers: entities, counts, series, the
 * change feed, notices. A run that was cut short goes on at its last checkpoint; whatever it wrote twice it writes
 * the same.
 * @param committed the number of changes up to HEAD.
 */
export async function stageRelease(
  staging: Staging,
  valid: ValidRelease,
  committed: number,
  options: PublishOptions,
): Promise<Staged> {
  const resumed = await readPosition(staging, valid.claims.partitions);
  const log = new ChangeLog(staging, committed, resumed?.changes ?? 0);
  const referrers = new ReferrerLog();
  const report = (rows: number) => options.onProgress?.(stagingProgress(valid, rows));
  const { ghosts, returned } = await stageEntities(staging, valid.entities, ({ staged, written }) => {
    report(staged);
    if (written >= checkpointRowsOf(options)) pauseWhenLate(staging, valid, options, staged);
  });
  await stageSeriesMoves(staging, [...valid.entities, ...returned]);
  await stageCounts(staging, valid.entities);
  const supersededBlocks = await stageSearch(staging, valid.entities);
  for (const change of valid.entities) referrers.addEntity(change);
  if (!resumed) await log.append(valid.entities.map((change) => entityRecord(change, staging.release)));
  const find = entitiesAfter(valid, staging.release);
  const run = { staging, valid, log, referrers, find, options, report };
  const done = await stageClaims(run, resumed ?? START);
  await checkNotices(staging, valid, find);
  await referrers.stage(staging);
  await log.flush();
  const deleted = valid.entities.filter(({ after }) => after === null).map(({ id }) => id);
  const leftovers = await stageLeftovers(staging, { ghosts: [...ghosts, ...supersededBlocks], deleted });
  const { claims, unchangedRows, observations } = done;
  return { claims, unchangedRows, observations, changes: log.added, leftovers };
}

/** How far staging is: entities are rows as well. */
export function stagingProgress({ entities, claims }: ValidRelease, rows: number): PublishProgress {
  return { phase: "STAGING", rows, totalRows: entities.length + claims.rows };
}

interface Run {
  readonly staging: Staging;
  readonly valid: ValidRelease;
  readonly log: ChangeLog;
  readonly referrers: ReferrerLog;
  readonly find: EntityAfter;
  readonly options: PublishOptions;
  /** Says how many rows are staged, entities included. */
  readonly report: (rows: number) => void;
}

async function stageClaims(run: Run, from: Progress): Promise<Progress> {
  const { valid, log, options, report } = run;
  const { claims } = valid;
  let at = from;
  let checkpoint = from.rows;
  for await (const groups of claims.readFrom(at.partition)) {
    at = await stagePartition(run, groups, at);
    report(valid.entities.length + at.rows);
    if (at.partition === claims.partitions || at.rows - checkpoint < checkpointRowsOf(options)) continue;
    checkpoint = at.rows;
    await run.referrers.stage(run.staging);
    await log.flush();
    const { digest } = run.staging;
    await writePosition(run.staging, { ...at, changes: log.added, digest, partitions: claims.partitions });
    pauseWhenLate(run.staging, valid, options, valid.entities.length + at.rows);
  }
  return at;
}

function checkpointRowsOf({ checkpointRows = CHECKPOINT_ROWS }: PublishOptions): number {
  return checkpointRows;
}

/** @throws PublicationPausedError when what lies before the next checkpoint may take longer than there is time. */
function pauseWhenLate({ release }: Staging, valid: ValidRelease, { remainingMs }: PublishOptions, rows: number): void {
  if (remainingMs === undefined || remainingMs() >= PAUSE_MARGIN_MS) return;
  throw new PublicationPausedError(release, rows, valid.entities.length + valid.claims.rows);
}

async function stagePartition(run: Run, groups: readonly SeriesRows[], from: Progress): Promise<Progress> {
  const batches = chunks(groups, SERIES_BATCH);
  const staged = await mapConcurrently(batches, BATCHES_UNDER_WAY, (batch) =>
    stageSeries(run.staging, batch, run.find),
  );
  const observations = { ...from.observations };
  let { claims, unchangedRows } = from;
  for (const one of staged.flat()) {
    claims += one.addedClaims;
    unchangedRows += one.unchangedRows;
    count(one, observations);
    noteSources(one, run.referrers);
    await run.log.append(one.records);
  }
  const rows = from.rows + groups.reduce((sum, group) => sum + group.rows.length, 0);
  return { partition: from.partition + 1, rows, changes: run.log.added, claims, unchangedRows, observations };
}

const COUNTED = { ADDED: "added", REVISED: "revised", WITHDRAWN: "withdrawn" } as const;

function count({ records }: StagedSeries, observations: { added: number; revised: number; withdrawn: number }): void {
  for (const record of records) for (const { action } of record.observations) observations[COUNTED[action]] += 1;
}

function noteSources({ records }: StagedSeries, referrers: ReferrerLog): void {
  for (const { node, observations } of records) {
    const sources = new Set(observations.flatMap(({ claims }) => claims.map(({ source }) => source)));
    for (const source of sources) referrers.add(entityId("source", source), node);
  }
}

/** Holds parts against wholes; only the metrics that are one or the other are looked at. */
async function checkNotices(staging: Staging, valid: ValidRelease, find: EntityAfter): Promise<void> {
  const related = await relatedMetrics(staging, valid.claims.metrics, find);
  if (related.size === 0) return;
  for (let partition = 0; partition < valid.claims.partitions; partition += 1) {
    const groups = await valid.claims.read(partition);
    const touched: SeriesKey[] = groups.map(({ key }) => key).filter(({ metric }) => related.has(metric));
    if (touched.length > 0) await stageNotices(staging, touched, find);
  }
}

function entitiesAfter(valid: ValidRelease, release: number): EntityAfter {
  const after = new Map<EntityId, AnyEntity | undefined>();
  for (const { id, after: body } of valid.entities) {
    after.set(id, body ? ({ ...splitEntityId(id), id, body, release } as AnyEntity) : undefined);
  }
  // Series of an entity that the release deletes are withdrawn by it: their keys are those of what stood before.
  return (id) => after.get(id) ?? valid.standing.get(id);
}

function entityRecord({ id, before, after }: EntityChange, release: number): ChangeRecord {
  const action = after === null ? "DELETED" : before === null ? "ADDED" : "REVISED";
  return { release, action, node: id, observations: [] };
}

function positionKey(release: number): string {
  return `staging:${release}`;
}

/** Where an earlier run of the same files under the same number came to; only where it parted the rows as this one does. */
async function readPosition(staging: Staging, partitions: number): Promise<Position | undefined> {
  const id = positionKey(staging.release);
  const item = (await itemsById(staging, [id])).get(id);
  const position = item && (JSON.parse(textOf(item, "position") ?? "{}") as Partial<Position>);
  const mine = position?.digest === staging.digest && position.partitions === partitions;
  return mine ? (position as Position) : undefined;
}

async function writePosition(staging: Staging, position: Position): Promise<void> {
  const id = positionKey(staging.release);
  const before = (await itemsById(staging, [id])).get(id);
  const item: Item = { id: { S: id }, position: { S: JSON.stringify(position) } };
  await stageItem(staging, "catalogue", item, before);
}
