import type { Entity } from "../catalogue/entities.ts";
import { entityOf } from "../catalogue/items.ts";
import { listEntities } from "../catalogue/lists.ts";
import { type EntityId, entityId, type SeriesKey, seriesId } from "../identifiers.ts";
import { MAX_PAGE_SIZE } from "../paging/page.ts";
import type { Claim } from "../series/claims.ts";
import { claimsOf, isSubject, itemKey, seriesItemKey, seriesPlacement } from "../series/items.ts";
import { withNotices } from "../series/notice-history.ts";
import { findNotices, type Whole } from "../series/notices.ts";
import { mergeParts, partsOf } from "../series/read.ts";
import { type Observation, resolve, type Vintage } from "../series/resolution.ts";
import { thousandsBetween } from "../series/units.ts";
import { chunks, type Item } from "../store/requests.ts";
import { mapConcurrently } from "./concurrency.ts";
import { type Staging, stageItem } from "./stage.ts";
import type { EntityAfter } from "./stage-series.ts";

type Metric = Entity<"metric">;

/** Series that are checked together. */
const BATCH = 100;

/**
 * Holds parts against their wholes, once all claims of a release are staged: series that it touched and whose metric
 * is a part, and the parts of series that it touched. (Series that stand alone are checked where they are staged.)
 */
export async function stageNotices(
  staging: Staging,
  touched: readonly SeriesKey[],
  entityAfter: EntityAfter,
): Promise<void> {
  const metrics = new MetricRelations(staging, entityAfter);
  const keys = new Map<string, SeriesKey>();
  for (const key of touched) {
    if (await metrics.wholeOf(key.metric)) keys.set(seriesId(key), key);
    for (const part of await metrics.partsOf(key.metric)) {
      const partKey = { ...key, metric: part.localId };
      keys.set(seriesId(partKey), partKey);
    }
  }
  for (const batch of chunks([...keys.values()], BATCH)) await checkBatch(staging, batch, metrics, entityAfter);
}

/** The metrics among `metrics` that are a part of another, or have parts. */
export async function relatedMetrics(
  staging: Staging,
  metrics: ReadonlySet<string>,
  entityAfter: EntityAfter,
): Promise<ReadonlySet<string>> {
  const relations = new MetricRelations(staging, entityAfter);
  const related = await mapConcurrently([...metrics], staging.concurrency, async (metric) => {
    const relates = (await relations.wholeOf(metric)) ?? (await relations.partsOf(metric))[0];
    return relates ? [metric] : [];
  });
  return new Set(related.flat());
}

async function checkBatch(
  staging: Staging,
  keys: readonly SeriesKey[],
  metrics: MetricRelations,
  entityAfter: EntityAfter,
): Promise<void> {
  const wholes = await Promise.all(keys.map(async (key) => ({ key, whole: await metrics.wholeOf(key.metric) })));
  const wholeKeys = wholes.flatMap(({ key, whole }) => (whole ? [{ ...key, metric: whole.localId }] : []));
  const items = await firstParts(staging, [...keys, ...wholeKeys], entityAfter);
  const vintage: Vintage = { release: staging.release, voids: staging.base.voids };
  const observations = async (key: SeriesKey): Promise<Observation[]> =>
    resolve(await allClaims(staging, items.get(seriesId(key))), vintage);

  await mapConcurrently(wholes, staging.concurrency, async ({ key, whole }) => {
    const item = items.get(seriesId(key));
    const metric = await metrics.metric(key.metric);
    if (!item || !metric) return;
    const notices = findNotices({
      observations: await observations(key),
      maximum: metric.body.maximum,
      whole: whole && (await wholeFor(metric, whole, () => observations({ ...key, metric: whole.localId }))),
    });
    const history = withNotices(item.notices?.B, staging.base, staging.release, notices);
    if (history !== undefined) await stageItem(staging, "series", { ...item, notices: { B: history } }, item);
  });
}

async function wholeFor(part: Metric, whole: Metric, read: () => Promise<Observation[]>): Promise<Whole | undefined> {
  const thousands = thousandsBetween(part.body.unit, whole.body.unit);
  return thousands === null ? undefined : { name: whole.localId, thousands, observations: await read() };
}

/** First items of series, by series id; a series that is not there has none. */
async function firstParts(
  staging: Staging,
  keys: readonly SeriesKey[],
  entityAfter: EntityAfter,
): Promise<Map<string, Item>> {
  const wanted = new Map<string, Item>();
  for (const key of keys) {
    const subject = entityAfter(key.subject);
    // The topic matters to an index only, not to the table's key.
    if (subject && isSubject(subject)) wanted.set(seriesId(key), seriesItemKey(seriesPlacement(key, subject, "")));
  }
  const items = await staging.store.getMany(staging.store.tables.series, [...wanted.values()], staging.scope(), true);
  return new Map(items.map((item) => [seriesId(itemKey(item).key), item]));
}

async function allClaims({ store, scope }: Staging, first: Item | undefined): Promise<readonly Claim[]> {
  return first ? mergeParts((await partsOf(store, first, scope())).map(claimsOf)) : [];
}

/** How metrics belong together, each looked up once a publication. */
class MetricRelations {
  readonly #staging: Staging;
  readonly #entityAfter: EntityAfter;
  readonly #parts = new Map<string, Promise<Metric[]>>();
  readonly #metrics = new Map<string, Promise<Metric | undefined>>();

  constructor(staging: Staging, entityAfter: EntityAfter) {
    this.#staging = staging;
    this.#entityAfter = entityAfter;
  }

  metric(localId: string): Promise<Metric | undefined> {
    const known = this.#metrics.get(localId) ?? this.#loadMetric(entityId("metric", localId));
    this.#metrics.set(localId, known);
    return known;
  }

  async wholeOf(localId: string): Promise<Metric | undefined> {
    const whole = (await this.metric(localId))?.body.partOf;
    return whole && this.metric(whole.slice("metric:".length));
  }

  partsOf(localId: string): Promise<Metric[]> {
    const known = this.#parts.get(localId) ?? this.#loadParts(localId);
    this.#parts.set(localId, known);
    return known;
  }

  async #loadMetric(id: EntityId): Promise<Metric | undefined> {
    const named = this.#entityAfter(id);
    if (named) return named as Metric;
    const { store, scope } = this.#staging;
    const item = await store.get(store.tables.catalogue, { id: { S: id } }, scope(), true);
    return item && (entityOf(item, this.#vintage) as Metric | undefined);
  }

  async #loadParts(localId: string): Promise<Metric[]> {
    const { store, scope } = this.#staging;
    const source = { store, scope: scope(), vintage: this.#vintage, kinds: async () => [] };
    const order = { field: "REGION", descending: false } as const;
    const request = { type: "metric", parent: entityId("metric", localId), order } as const;
    const parts: Metric[] = [];
    let after: string | undefined;
    do {
      const page = await listEntities(source, request, {
        limit: MAX_PAGE_SIZE,
        backward: false,
        ...(after ? { after } : {}),
      });
      parts.push(...page.entries.map(({ node }) => node as Metric));
      after = page.hasNextPage ? page.entries.at(-1)?.position : undefined;
    } while (after);
    return parts;
  }

  get #vintage(): Vintage {
    return { release: this.#staging.release, voids: this.#staging.base.voids };
  }
}
