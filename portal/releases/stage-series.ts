import type { AnyEntity, Entity } from "../catalogue/entities.ts";
import { type EntityId, entityId, type SeriesKey, seriesId } from "../identifiers.ts";
import { type Claim, OBSERVATION_STATUSES } from "../series/claims.ts";
import { encodeClaims } from "../series/codec.ts";
import {
  claimsOf,
  isSubject,
  itemKey,
  MAX_BODY_BYTES,
  partition,
  partName,
  type Subject,
  seriesItem,
  seriesItemKey,
  seriesPlacement,
} from "../series/items.ts";
import { withNotices } from "../series/notice-history.ts";
import { findNotices } from "../series/notices.ts";
import { mergeParts, partsOf } from "../series/read.ts";
import { isVisible, resolve } from "../series/resolution.ts";
import { parseTimePeriod } from "../series/time-period.ts";
import { type Item, numberOf } from "../store/requests.ts";
import { type ChangeAction, type ChangeRecord, type ObservationChange, observationGroups } from "./change-records.ts";
import { mapConcurrently } from "./concurrency.ts";
import { observationChanges, planSeries, type SeriesPlan } from "./plan-series.ts";
import type { ClaimRow, SeriesRows } from "./rows.ts";
import { type Staging, stageItem, stageNewItems } from "./stage.ts";

/** What staging a series did. */
export interface StagedSeries {
  readonly key: SeriesKey;
  readonly records: readonly ChangeRecord[];
  readonly addedClaims: number;
  readonly unchangedRows: number;
}

/** Finds an entity as it will stand after the release. */
export type EntityAfter = (id: EntityId) => AnyEntity | undefined;

/**
 * Stages a group of series; the results come in the order of the groups. Series that are new are written in batches,
 * the others one by one under the condition that nobody has touched them.
 */
export async function stageSeries(
  staging: Staging,
  groups: readonly SeriesRows[],
  entityAfter: EntityAfter,
  maxBytes = MAX_BODY_BYTES,
): Promise<StagedSeries[]> {
  const targets = groups.map((group) => target(group, entityAfter));
  const first = await firstItems(staging, targets);
  const staged = await mapConcurrently(targets, staging.concurrency, async (one) => {
    const item = first.get(seriesId(one.rows.key));
    const { writes, ...done } = await planItems(staging, one, item, maxBytes);
    if (item === undefined) return { done, fresh: writes.map((write) => write.item) };
    for (const write of writes) await stageItem(staging, "series", write.item, write.before);
    return { done, fresh: [] };
  });
  await stageNewItems(
    staging,
    "series",
    staged.flatMap(({ fresh }) => fresh),
  );
  return staged.map(({ done }) => done);
}

interface Target {
  readonly rows: SeriesRows;
  readonly subject: Subject;
  readonly metric: Entity<"metric">;
}

function target(rows: SeriesRows, entityAfter: EntityAfter): Target {
  const subject = entityAfter(rows.key.subject);
  const metric = entityAfter(entityId("metric", rows.key.metric)) as Entity<"metric"> | undefined;
  if (!subject || !isSubject(subject) || !metric) throw new Error(`unchecked reference in ${seriesId(rows.key)}`);
  return { rows: dated(rows, entityAfter), subject, metric };
}

/** Rows that do not repeat when their source was published take the date from the source. */
function dated({ key, rows }: SeriesRows, entityAfter: EntityAfter): SeriesRows {
  const undated = ({ publishedOn, source }: ClaimRow) => publishedOn === "" && source !== "";
  if (!rows.some(undated)) return { key, rows };
  const dateOf = (source: string) => {
    const entity = entityAfter(entityId("source", source)) as Entity<"source"> | undefined;
    return entity?.body.publishedOn ?? "";
  };
  return { key, rows: rows.map((row) => (undated(row) ? { ...row, publishedOn: dateOf(row.source) } : row)) };
}

async function firstItems({ store, scope }: Staging, targets: readonly Target[]): Promise<Map<string, Item>> {
  const keys = targets.map(({ subject, metric, rows }) =>
    seriesItemKey(seriesPlacement(rows.key, subject, metric.body.topic)),
  );
  const items = await store.getMany(store.tables.series, keys, scope(), true);
  return new Map(items.map((item) => [seriesId(itemKey(item).key), item]));
}

/** An item to write, and the one that it takes the place of. */
interface Write {
  readonly item: Item;
  readonly before: Item | undefined;
}

async function planItems(
  staging: Staging,
  one: Target,
  first: Item | undefined,
  maxBytes: number,
): Promise<StagedSeries & { writes: Write[] }> {
  const parts = await storedParts(staging, first);
  const stored = mergeParts(parts.map(({ claims }) => claims));
  const plan = planSeries(stored, one.rows.rows, staging.base, staging.release);
  const { key } = one.rows;
  const { unchangedRows } = plan;
  if (plan.added.length === 0) return { key, records: [], addedClaims: 0, unchangedRows, writes: [] };
  const changes = observationChanges(key.frequency, plan, staging.base, staging.release);
  return {
    key,
    records: changeRecords(staging.release, key, seriesAction(stored, plan, changes, staging), changes),
    addedClaims: plan.added.length,
    unchangedRows,
    writes: await partWrites(staging, one, parts, plan, maxBytes, noticesOf(staging, one.metric, plan, first)),
  };
}

/** The notices of a series that is checked by itself; one that is part of a whole is checked when that is staged, too. */
function noticesOf({ release, base }: Staging, metric: Entity<"metric">, plan: SeriesPlan, first: Item | undefined) {
  if (metric.body.partOf) return undefined;
  const observations = resolve(plan.claims, { release, voids: base.voids });
  const notices = findNotices({ observations, maximum: metric.body.maximum });
  return withNotices(first?.notices?.B, base, release, notices);
}

interface StoredPart {
  readonly item: Item | undefined;
  /** Suffix of the key; undefined for the first part. */
  readonly name: string | undefined;
  /** First period that belongs to the part. */
  readonly from: number;
  readonly claims: Claim[];
}

async function storedParts(staging: Staging, first: Item | undefined): Promise<StoredPart[]> {
  if (!first) return [{ item: undefined, name: undefined, from: Number.NEGATIVE_INFINITY, claims: [] }];
  return (await partsOf(staging.store, first, staging.scope())).map((item) => {
    const { part } = itemKey(item);
    const from = part === undefined ? Number.NEGATIVE_INFINITY : (parseTimePeriod(part)?.index ?? 0);
    return { item, name: part, from, claims: claimsOf(item) };
  });
}

/**
 * The writes that bring the parts of a series up to date, in the order in which they are safe. A part that became too
 * large is cut: the new parts are written before the old one shrinks, so that every claim is always in one of them,
 * and for a moment in two, which readers take for one. The first part comes last: it says how many there are.
 */
async function partWrites(
  staging: Staging,
  { rows: { key }, subject, metric }: Target,
  parts: readonly StoredPart[],
  plan: SeriesPlan,
  maxBytes: number,
  notices: Uint8Array | undefined,
): Promise<Write[]> {
  const { store, scope } = staging;
  const writes: Write[] = [];
  let firstWrite: Write | undefined;
  let count = parts.length;
  for (const [i, part] of parts.entries()) {
    const until = parts[i + 1]?.from ?? Number.POSITIVE_INFINITY;
    const belongs = ({ period }: Claim) => period >= part.from && period < until;
    if (i > 0 && !plan.added.some(belongs)) continue;
    const [head, ...rest] = partition(plan.claims.filter(belongs), maxBytes);
    count += rest.length;
    const since = placedSince(staging, part.item);
    for (const piece of rest.reverse()) {
      const placement = seriesPlacement(key, subject, metric.body.topic, partName(key.frequency, piece.claims));
      const before = part.item && (await store.get(store.tables.series, seriesItemKey(placement), scope(), true));
      writes.push({ item: { ...seriesItem(placement, piece.body), ...since }, before });
    }
    const placement = seriesPlacement(key, subject, metric.body.topic, part.name);
    const item = { ...seriesItem(placement, head?.body ?? encodeClaims([])), ...since };
    if (i === 0) firstWrite = { item, before: part.item };
    else writes.push({ item, before: part.item });
  }
  const firstGains = plan.added.some(({ period }) => period < (parts[1]?.from ?? Number.POSITIVE_INFINITY));
  if (!firstWrite || !(firstGains || count > parts.length || notices !== undefined)) return writes;
  const history = notices ?? firstWrite.before?.notices?.B;
  const item = {
    ...firstWrite.item,
    ...(count > 1 ? { parts: { N: String(count) } } : {}),
    ...(history === undefined ? {} : { notices: { B: history } }),
  };
  return [...writes, { item, before: firstWrite.before }];
}

/** Since when the series stands where it does; a move that nobody will ever see has not happened. */
function placedSince({ base, release }: Staging, item: Item | undefined): Item {
  const since = item && numberOf(item, "placedSince");
  const counts = since !== undefined && (since === release || isVisible(since, base));
  return counts ? { placedSince: { N: String(since) } } : {};
}

function seriesAction(
  stored: readonly Claim[],
  plan: SeriesPlan,
  changes: readonly ObservationChange[],
  { base, release }: Staging,
): ChangeAction {
  if (!stored.some((claim) => isVisible(claim.release, base))) return "ADDED";
  if (changes.some((change) => change.new !== null)) return "REVISED";
  const left = resolve(plan.claims, { release, voids: base.voids }, new Set(OBSERVATION_STATUSES));
  return left.length === 0 ? "WITHDRAWN" : "REVISED";
}

function changeRecords(
  release: number,
  key: SeriesKey,
  action: ChangeAction,
  changes: readonly ObservationChange[],
): ChangeRecord[] {
  const node = seriesId(key) as ChangeRecord["node"];
  return observationGroups(changes).map((observations) => ({ release, action, node, observations }));
}
