import { withVersion } from "../catalogue/versions.ts";
import { blockKeys, READINGS_VERSION, SEARCH_FORMAT, type SearchManifest } from "../search/blocks.ts";
import {
  documentOf,
  encodeDocument,
  isSearched,
  namesToRead,
  SEARCHED_TYPES,
  type SearchDocument,
  type SearchedType,
} from "../search/documents.ts";
import { manifestAt, manifestItem, manifestVersions } from "../search/manifest.ts";
import { loadPinyin, type ReadAloud } from "../search/pinyin.ts";
import { isVisible } from "../series/resolution.ts";
import { mapConcurrently } from "./concurrency.ts";
import type { EntityChange } from "./merge-entities.ts";
import { rewriteBlocks, type TypeChanges } from "./search-blocks.ts";
import { searchedEntities } from "./searched-entities.ts";
import { removeItem, type Staging, stageItem, stageNewItems } from "./stage.ts";
import { itemsById } from "./stage-entities.ts";

/**
 * Brings the search index up to date with a release; one that changes nothing that is searched neither reads nor writes
 * here. Returns the keys of the blocks that readers of the release before still need, for the next one to remove.
 */
export async function stageSearch(staging: Staging, changes: readonly EntityChange[]): Promise<string[]> {
  const changed = await changedDocuments(changes);
  if (changed.size === 0) return [];
  const before = (await itemsById(staging, ["search"])).get("search");
  const versions = manifestVersions(before);
  const found = manifestAt(versions, staging.base)?.manifest;
  const base = found?.readings === READINGS_VERSION ? found : undefined;
  const rebuilt = base ? changed : await allDocuments(staging, changed);
  const { manifest, items } = await rewriteBlocks(staging, base ?? EMPTY, rebuilt);
  const kept = new Set(blockKeys(manifest));
  // The manifest goes first: what a publication that dies has written can then be found, and removed, by the next one.
  const version = { release: staging.release, body: manifest };
  await stageItem(staging, "catalogue", manifestItem(withVersion(versions, staging.base, version)), before);
  await stageNewItems(staging, "catalogue", items);
  await mapConcurrently(abandoned(staging, versions, kept), staging.concurrency, (key) =>
    removeItem(staging, "catalogue", { id: { S: key } }),
  );
  const standing = versions.find(({ release }) => isVisible(release, staging.base))?.body;
  return standing ? blockKeys(standing).filter((key) => !kept.has(key)) : [];
}

const EMPTY: SearchManifest = { format: SEARCH_FORMAT, types: {} };

/** Blocks that publications wrote which came to nothing. */
function abandoned(
  { base }: Staging,
  versions: ReturnType<typeof manifestVersions>,
  kept: ReadonlySet<string>,
): string[] {
  return versions
    .filter(({ release }) => !isVisible(release, base))
    .flatMap(({ release, body }) => (body ? blockKeys(body).filter((key) => key.endsWith(`@${release}`)) : []))
    .filter((key) => !kept.has(key));
}

/** The documents that a release changes, by type and id; null for one that goes. */
async function changedDocuments(changes: readonly EntityChange[]): Promise<Map<SearchedType, TypeChanges>> {
  const read = await readerFor(changes.flatMap(({ before, after }) => [before, after]));
  const changed = new Map<SearchedType, TypeChanges>();
  for (const { type, localId, before, after } of changes) {
    const [from, to] = [before, after].map((body) =>
      isSearched(type, body) ? documentOf(type as SearchedType, localId, body as never, read) : null,
    ) as [SearchDocument | null, SearchDocument | null];
    if (isSame(from, to)) continue;
    const ofType: TypeChanges = changed.get(type as SearchedType) ?? new Map();
    changed.set(type as SearchedType, ofType.set(localId, to));
  }
  return changed;
}

function isSame(from: SearchDocument | null, to: SearchDocument | null): boolean {
  if (from === null || to === null) return from === to;
  return JSON.stringify(encodeDocument(from)) === JSON.stringify(encodeDocument(to));
}

/** Everything that stands and can be searched, with what a release changes: where there is no index to go on from. */
async function allDocuments(
  staging: Staging,
  changed: ReadonlyMap<SearchedType, TypeChanges>,
): Promise<Map<SearchedType, TypeChanges>> {
  const all = new Map<SearchedType, TypeChanges>();
  for (const type of SEARCHED_TYPES) {
    const entities = await searchedEntities(staging, type);
    const read = await readerFor(entities.map(({ body }) => body));
    const documents: TypeChanges = new Map(
      entities.map(({ localId, body }) => [localId, documentOf(type, localId, body as never, read)]),
    );
    for (const [localId, document] of changed.get(type) ?? []) documents.set(localId, document);
    if (documents.size > 0) all.set(type, documents);
  }
  return all;
}

async function readerFor(bodies: readonly (EntityChange["before"] | null)[]): Promise<ReadAloud> {
  return bodies.some((body) => body && namesToRead(body)) ? loadPinyin() : () => [];
}
