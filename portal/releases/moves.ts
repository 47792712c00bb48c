import { type AnyEntity, type EntityBodies, pathCodes, type RegionBody } from "../catalogue/entities.ts";
import { entityOf, ghostRelease } from "../catalogue/items.ts";
import { typePartition } from "../catalogue/placement.ts";
import { splitEntityId } from "../identifiers.ts";
import {
  isGhost,
  isSubject,
  itemKey,
  type Subject,
  seriesItemKey,
  seriesPlacement,
  TOPIC_END,
} from "../series/items.ts";
import { isVisible } from "../series/resolution.ts";
import { type Item, numberOf, textOf } from "../store/requests.ts";
import { mapConcurrently } from "./concurrency.ts";
import type { EntityChange } from "./merge-entities.ts";
import { removeItem, type Staging, stageItem } from "./stage.ts";

/** Everything that can lie in a region. */
const PLACED = [
  typePartition("region"),
  typePartition("region", true),
  typePartition("agency"),
  typePartition("platform"),
  typePartition("complex"),
];

/** Finds the entities below a path: one Query per type and megabyte. */
export type FindBelow = (partition: string, path: string) => Promise<AnyEntity[]>;

/**
 * A region that gets another parent takes everything below it along: the changes of a release, with those of what
 * lies below moved regions and has no row of its own.
 */
export async function withMoves(changes: readonly EntityChange[], findBelow: FindBelow): Promise<EntityChange[]> {
  const moved = changes.filter(
    ({ type, before, after }) => type === "region" && before && after && pathOf(before) !== pathOf(after),
  );
  if (moved.length === 0) return [...changes];
  const newPaths = new Map(moved.map(({ localId, after }) => [localId, pathOf(after)]));
  const known = new Set<string>(changes.map(({ id }) => id));
  const result = [...changes];
  for (const { before } of moved) {
    for (const partition of PLACED) {
      for (const entity of await findBelow(partition, pathOf(before))) {
        const path = movedPath(pathOf(entity.body), newPaths);
        // The index also knows where something was, or would have come, that lies elsewhere.
        if (known.has(entity.id) || path === pathOf(entity.body)) continue;
        known.add(entity.id);
        result.push({
          ...splitEntityId(entity.id),
          id: entity.id,
          before: entity.body,
          after: { ...entity.body, path },
        } as EntityChange);
      }
    }
  }
  return result;
}

/** A path after its nearest moved ancestor went elsewhere. */
export function movedPath(path: string, newPaths: ReadonlyMap<string, string>): string {
  const codes = pathCodes(path);
  for (let i = codes.length - 1; i >= 0; i -= 1) {
    const moved = newPaths.get(codes[i] as string);
    if (moved !== undefined)
      return (
        moved +
        codes
          .slice(i + 1)
          .map((code) => `${code}/`)
          .join("")
      );
  }
  return path;
}

function pathOf(body: EntityBodies[keyof EntityBodies] | null): string {
  return (body as Partial<RegionBody> | null)?.path ?? "";
}

/**
 * Moves the series of subjects whose keys change with their place. Readers of earlier releases go on to find them
 * where they were: under another table key the old item stays; under the same one a copy (a ghost) holds the old
 * place in the index.
 */
export async function stageSeriesMoves(staging: Staging, changes: readonly EntityChange[]): Promise<void> {
  const subjects = changes.flatMap((change) => {
    const [from, to] = [subjectOf(change, change.before), subjectOf(change, change.after)];
    return from && to && keysOf(from) !== keysOf(to) ? [{ from, to }] : [];
  });
  await mapConcurrently(subjects, staging.concurrency, ({ from, to }) => moveSeries(staging, from, to));
}

function subjectOf({ type, id, localId }: EntityChange, body: EntityChange["before"]): Subject | undefined {
  const entity = { type, id, localId, body, release: 0 } as AnyEntity;
  return body && isSubject(entity) ? entity : undefined;
}

/** The keys that depend on where a subject lies, for any one metric. */
function keysOf(subject: Subject): string {
  return JSON.stringify(seriesPlacement({ metric: "-", subject: subject.id, frequency: "A" }, subject, "-"));
}

async function moveSeries(staging: Staging, from: Subject, to: Subject): Promise<void> {
  const { store, scope } = staging;
  const items = await store.queryAll(
    { table: store.tables.series, index: "bySubject", partition: { attribute: "subject", value: from.id } },
    scope,
  );
  for (const item of items) {
    const { key, part } = itemKey(item);
    if (isGhost(item)) {
      await dropVoidGhost(staging, item);
      continue;
    }
    const topic = (textOf(item, "topicMetric") ?? "").split(TOPIC_END)[0] ?? "";
    const [old, now] = [seriesPlacement(key, from, topic, part), seriesPlacement(key, to, topic, part)];
    if (textOf(item, "metricGroup") !== old.metricGroup || isMoved(staging, item, now)) continue;
    if (old.metricGroup === now.metricGroup) await replace(staging, item, old, now);
    else await relocate(staging, item, old, now);
  }
}

type Placement = ReturnType<typeof seriesPlacement>;

/** What an earlier run has moved, or staged anew, stands in its new place already; a move that never happened does not count. */
function isMoved({ base }: Staging, item: Item, to: Placement): boolean {
  const since = numberOf(item, "placedSince");
  const stands = textOf(item, "place") === to.place && textOf(item, "metricKind") === to.metricKind;
  return stands && (since === undefined || !base.voids.has(since));
}

/** Same table key, other place in the index: a copy under a key of its own keeps the old place. */
async function replace(staging: Staging, item: Item, from: Placement, to: Placement): Promise<void> {
  const { store, release } = staging;
  await store.put(store.tables.series, ghostOf(leftBehind(staging, item, from), release), staging.writing());
  await stageItem(staging, "series", { ...item, ...attributes(to), placedSince: number(release) }, item);
}

/** Another table key: the item is copied there, and the old one marked as being for earlier readers only. */
async function relocate(staging: Staging, item: Item, from: Placement, to: Placement): Promise<void> {
  const { store, scope, release } = staging;
  const target = await store.get(store.tables.series, seriesItemKey(to), scope(), true);
  // It has been there before: what it was then stays for those who ask as of then.
  if (target?.placedUntil) await store.put(store.tables.series, ghostOf(target, release), staging.writing());
  const { placedUntil: _, ...copied } = item;
  // What an earlier run has copied may hold claims of the release by now.
  if (!target || numberOf(target, "placedSince") !== release) {
    await stageItem(staging, "series", { ...copied, ...attributes(to), placedSince: number(release) }, target);
  }
  await stageItem(staging, "series", leftBehind(staging, item, from), item);
}

/** An item as it stood where it is going away from; the mark of a move that never happened does not count. */
function leftBehind({ base, release }: Staging, { placedSince, ...item }: Item, from: Placement): Item {
  const since = placedSince && isVisible(Number(placedSince.N), base) ? { placedSince } : {};
  return { ...item, ...attributes(from), ...since, placedUntil: number(release) };
}

/** A copy under a key of its own, side by side with the item. */
function ghostOf(item: Item, release: number): Item {
  const suffixed = ["subjectFrequency", "metricFrequency", "topicMetric"].map((name) => [
    name,
    { S: `${textOf(item, name)}|@${release}` },
  ]);
  return { ...item, ...Object.fromEntries(suffixed) };
}

/** A ghost of a move that nobody will ever see would hold the old place for ever. */
async function dropVoidGhost(staging: Staging, item: Item): Promise<void> {
  const until = numberOf(item, "placedUntil");
  const { metricGroup, subjectFrequency } = item;
  if (until === undefined || !staging.base.voids.has(until) || !metricGroup || !subjectFrequency) return;
  await removeItem(staging, "series", { metricGroup, subjectFrequency });
}

function attributes(placement: Placement): Item {
  return Object.fromEntries(Object.entries(placement).map(([name, value]) => [name, { S: value }]));
}

function number(n: number): { N: string } {
  return { N: String(n) };
}

/** Reads the entities below a path as a vintage has them, from the index. */
export function findBelow({ store, scope, base }: Pick<Staging, "store" | "scope" | "base">): FindBelow {
  return async (partition, path) => {
    const items = await store.queryAll(
      {
        table: store.tables.catalogue,
        index: "byRegion",
        partition: { attribute: "type", value: partition },
        sort: { attribute: "place", prefix: path },
      },
      scope,
    );
    // A ghost of a release that happened does not know what became of its entity since.
    const current = items.filter((item) => !isVisible(ghostRelease(textOf(item, "id") ?? "") ?? Infinity, base));
    return current.map((item) => entityOf(item, base)).filter((entity) => entity !== undefined);
  };
}
