import { REGION_LEVELS } from "../../portal/catalogue/entities.ts";
import { type EntityId, entityId, type SeriesKey, splitEntityId } from "../../portal/identifiers.ts";
import { type Claim, mergeClaims } from "../../portal/series/claims.ts";
import type { Base, Place } from "./base.ts";
import type { News } from "./catch-up.ts";
import { type Entities, regionAt } from "./entities.ts";
import type { PortalApi } from "./portal-api.ts";
import { type MirroredSeries, seriesIn } from "./rows.ts";

export interface Merging {
  readonly api: PortalApi;
  readonly base: Base;
  readonly news: News;
  /** Subjects that lie elsewhere now: their series come at another place, with another region. */
  readonly moved: ReadonlySet<string>;
  /** Where subjects lay that are no more; what is found out is added. */
  readonly places: Map<string, Place>;
  /** Where a subject lies; undefined for one that is no more. */
  readonly placeOf: (subject: EntityId) => Place | undefined;
  readonly metrics: Entities;
}

export interface MergedSeries extends MirroredSeries {
  readonly unit: string;
}

/** In which order kinds of subject come. */
const KINDS: readonly string[] = [...REGION_LEVELS, "agency", "platform", "complex"];

/** Metric, kind, place: what series are in the order of. */
type Position = readonly [metric: string, kind: number, place: string];

/**
 * The series of the base and the news together, in the order of the table. Memory holds what the news touch: the others
 * go by, one at a time.
 */
export async function* mergedSeries(merging: Merging): AsyncGenerator<MergedSeries> {
  const { base, metrics } = merging;
  const touched = await touchedSeries(merging);
  const waiting = [...touched.values()].sort((a, b) => compare(a.position, b.position));
  let next = 0;
  let position: Position = ["", 0, ""];
  for await (const series of seriesIn(base.rows("claims"))) {
    if (touched.has(series.id)) continue;
    // One of which nobody knows where it belongs stays behind the one that it stood behind.
    const own = positionOf(series.key, merging);
    if (own && compare(own, position) > 0) position = own;
    for (let at = waiting[next]; at && compare(at.position, position) < 0; at = waiting[next]) {
      yield* withUnit(at.series, metrics);
      next += 1;
    }
    yield* withUnit(series, metrics);
  }
  for (const { series } of waiting.slice(next)) yield* withUnit(series, metrics);
}

/** A metric that is no more takes its series along. */
function* withUnit(series: MirroredSeries, metrics: Entities): Generator<MergedSeries> {
  const metric = metrics.get(entityId("metric", series.key.metric));
  if (metric) yield { ...series, unit: String(metric.body.unit) };
}

interface Touched {
  readonly series: MirroredSeries;
  readonly position: Position;
}

/** The series that have news, or whose subject moved, as they are now. */
async function touchedSeries(merging: Merging): Promise<Map<string, Touched>> {
  const { base, news, moved } = merging;
  const found = new Map<string, MirroredSeries>();
  if (base.release > 0) {
    for await (const series of seriesIn(base.rows("claims"))) {
      if (news.series.has(series.id) || moved.has(series.key.subject)) found.set(series.id, series);
    }
  }
  const touched = new Map<string, Touched>();
  for (const [id, { key, claims }] of news.series) {
    const merged = mergeClaims(found.get(id)?.claims ?? [], claims);
    touched.set(id, await placed({ id, key, claims: merged, region: found.get(id)?.region ?? null }, merging));
  }
  for (const series of found.values())
    if (!touched.has(series.id)) touched.set(series.id, await placed(series, merging));
  return touched;
}

async function placed(series: MirroredSeries, merging: Merging): Promise<Touched> {
  const { subject } = series.key;
  if (!merging.placeOf(subject) && !merging.places.has(subject)) {
    merging.places.set(subject, await lastPlace(series, merging));
  }
  const place = merging.placeOf(subject) ?? (merging.places.get(subject) as Place);
  return { series: { ...series, region: regionAt(place.path) }, position: positionAt(series.key, place) };
}

/**
 * Where a subject lay that came and went between two looks at the portal: what is stored of it does not move any more,
 * and observations as of when there were some say in which region it was. Of a region nobody says any more which level
 * it had: it is taken for the lowest.
 */
async function lastPlace({ key, claims }: MirroredSeries, { api, placeOf }: Merging): Promise<Place> {
  const { type, localId } = splitEntityId(key.subject);
  const asOf = lastStated(claims);
  const region = asOf === undefined ? undefined : await api.regionOf(key.metric, key.subject, asOf);
  if (type !== "region") {
    return { kind: type, path: (region && placeOf(region as EntityId)?.path) || "" };
  }
  return { kind: REGION_LEVELS.at(-1) as string, path: `${localId}/` };
}

/** The last release that stated something of a series. */
function lastStated(claims: readonly Claim[]): number | undefined {
  const releases = claims.filter(({ status }) => status !== null).map(({ release }) => release);
  return releases.length === 0 ? undefined : Math.max(...releases);
}

function positionOf(key: SeriesKey, { placeOf, places }: Merging): Position | undefined {
  const place = placeOf(key.subject) ?? places.get(key.subject);
  return place && positionAt(key, place);
}

function positionAt({ metric, subject, frequency }: SeriesKey, { kind, path }: Place): Position {
  return [metric, KINDS.indexOf(kind), `${path}#${subject}|${frequency}`];
}

function compare(a: Position, b: Position): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  if (a[1] !== b[1]) return a[1] - b[1];
  return a[2] === b[2] ? 0 : a[2] < b[2] ? -1 : 1;
}
