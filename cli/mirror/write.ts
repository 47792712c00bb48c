import { ENTITY_TABLES } from "../../portal/export/entity-tables.ts";
import type { DumpFormatName } from "../../portal/export/formats.ts";
import { type DumpedTable, documentText } from "../../portal/export/manifest.ts";
import { SERIES_TABLES } from "../../portal/export/series-tables.ts";
import { storeText } from "../../portal/export/store-text.ts";
import { type TableTarget, writeTables } from "../../portal/export/table-writer.ts";
import { type EntityId, isSubjectId, splitEntityId } from "../../portal/identifiers.ts";
import { isSubject, panelKind } from "../../portal/series/items.ts";
import type { Base, Place } from "./base.ts";
import type { News } from "./catch-up.ts";
import { Atlas, type Entities, fromRow, type MirroredEntity } from "./entities.ts";
import { keyIn, MIRROR_VERSION, type MirrorFolder, type MirrorManifest, PLACES } from "./folder.ts";
import type { PortalApi } from "./portal-api.ts";
import { mergedSeries } from "./series.ts";

export interface WriteOptions {
  readonly api: PortalApi;
  readonly folder: MirrorFolder;
  readonly format: DumpFormatName;
  readonly base: Base;
  readonly news: News;
  readonly onTable: (name: string, rows: number) => void;
}

/** Writes the tables that the news change, all of them over a base that is no mirror yet, and makes them count. */
export async function writeMirror(options: WriteOptions): Promise<MirrorManifest> {
  const { api, folder, format, base, news, onTable } = options;
  const before = await entitiesOf(base);
  const after = new Map(before);
  for (const [id, entity] of news.entities) {
    if (entity) after.set(id, entity);
    else after.delete(id);
  }
  const [old, now] = [new Atlas(before), new Atlas(after)];
  const places = new Map([...base.places].filter(([id]) => !after.has(id as EntityId)));
  const moved = new Set<string>();
  for (const [id, entity] of before) {
    const place = placeOf(old, entity);
    const next = after.get(id);
    if (!place) continue;
    if (!next) places.set(id, place);
    else if (!isSame(place, placeOf(now, next))) moved.add(id);
  }

  const next = await folder.beginNext();
  const target: TableTarget = {
    store: next,
    release: news.release,
    formats: format === "ndjson" ? [format] : [format, "ndjson"],
    keyOf: (name) => keyIn(format, name),
  };
  const tables: DumpedTable[] = [];
  const keep = (written: readonly DumpedTable[]) => {
    tables.push(...written);
    for (const { name, rows } of written) onTable(name, rows);
  };
  const changedTypes = new Set([...news.entities.keys()].map((id) => splitEntityId(id).type));
  for (const table of ENTITY_TABLES) {
    const known = base.tables.get(table.name);
    if (known && !changedTypes.has(table.type)) tables.push(known);
    else
      keep(
        await writeTables([table], target, async ([writer]) => writer?.write(now.table(table.type).map(table.rowOf))),
      );
  }
  const kept = SERIES_TABLES.map(({ name }) => base.tables.get(name)).filter((table) => table !== undefined);
  const standsStill = news.series.size === 0 && moved.size === 0 && !changedTypes.has("metric");
  if (kept.length === SERIES_TABLES.length && standsStill) tables.push(...kept);
  else {
    const merging = {
      api,
      base,
      news,
      moved,
      places,
      placeOf: (id: EntityId) => placeOfId(now, after, id),
      metrics: after,
    };
    keep(
      await writeTables(SERIES_TABLES, target, async (writers) => {
        for await (const { key, claims, region, unit } of mergedSeries(merging)) {
          const vintage = { release: Number.MAX_SAFE_INTEGER, voids: new Set<number>() };
          const series = { record: { key, claims, notices: undefined }, region, unit, vintage };
          for (const [i, { rowsOf }] of SERIES_TABLES.entries()) await writers[i]?.write(rowsOf(series));
        }
      }),
    );
  }
  const memory = documentText(Object.fromEntries([...places].sort(([a], [b]) => (a < b ? -1 : 1))));
  const manifest: MirrorManifest = {
    ...{ version: MIRROR_VERSION, portal: api.url, format, release: news.release },
    ...(releaseFacts(after, news.release) as Omit<MirrorManifest, "version" | "portal" | "format" | "release">),
    tables,
    places: await storeText(next, PLACES, memory),
  };
  await folder.commit(next, manifest);
  return manifest;
}

async function entitiesOf(base: Base): Promise<Map<EntityId, MirroredEntity>> {
  const entities = new Map<EntityId, MirroredEntity>();
  for (const { name, type } of ENTITY_TABLES) {
    for await (const row of base.rows(name)) {
      const entity = fromRow(type, row);
      entities.set(entity.id, entity);
    }
  }
  return entities;
}

function releaseFacts(entities: Entities, release: number) {
  const { title, publisher, publishedOn, committedAt, lastChange } = entities.get(`release:${release}`)?.body ?? {};
  return { title, publisher, publishedOn, committedAt, lastChange };
}

function placeOfId(atlas: Atlas, entities: Entities, id: EntityId): Place | undefined {
  const entity = entities.get(id);
  return entity && placeOf(atlas, entity);
}

/** Where the series of a subject stand; undefined for what is none. */
function placeOf(atlas: Atlas, mirrored: MirroredEntity): Place | undefined {
  if (!isSubjectId(mirrored.id)) return undefined;
  const entity = atlas.entity(mirrored);
  return isSubject(entity) ? { kind: panelKind(entity), path: entity.body.path } : undefined;
}

function isSame(a: Place, b: Place | undefined): boolean {
  return a.kind === b?.kind && a.path === b.path;
}
