import { PortalError } from "../errors.ts";
import {
  blockCountFor,
  blockKey,
  blockOf,
  decodeBlock,
  documentCount,
  encodeBlock,
  READINGS_VERSION,
  SEARCH_FORMAT,
  type SearchManifest,
  type TypeBlocks,
} from "../search/blocks.ts";
import { SEARCHED_TYPES, type SearchDocument, type SearchedType } from "../search/documents.ts";
import type { Item } from "../store/requests.ts";
import type { Staging } from "./stage.ts";
import { itemsById } from "./stage-entities.ts";

/** Documents by local id; null for one that goes. */
export type TypeChanges = Map<string, SearchDocument | null>;

export interface RewrittenBlocks {
  readonly manifest: SearchManifest;
  readonly items: Item[];
}

const NO_BLOCKS: TypeBlocks = { documents: 0, blocks: [0] };

/** The index with a release's changes: the blocks that they fall into are written anew, the others referred to. */
export async function rewriteBlocks(
  staging: Staging,
  base: SearchManifest,
  changed: ReadonlyMap<SearchedType, TypeChanges>,
): Promise<RewrittenBlocks> {
  const types: Partial<Record<SearchedType, TypeBlocks>> = { ...base.types };
  const items: Item[] = [];
  for (const type of SEARCHED_TYPES) {
    const changes = changed.get(type);
    if (!changes) continue;
    const others = documentCount({ format: SEARCH_FORMAT, types }) - (types[type]?.documents ?? 0);
    const written = await rewriteType(staging, type, types[type] ?? NO_BLOCKS, changes, staging.maxDocuments - others);
    types[type] = written.blocks;
    items.push(...written.items);
  }
  return { manifest: { format: SEARCH_FORMAT, readings: READINGS_VERSION, types }, items };
}

async function rewriteType(
  staging: Staging,
  type: SearchedType,
  before: TypeBlocks,
  changes: TypeChanges,
  room: number,
): Promise<{ blocks: TypeBlocks; items: Item[] }> {
  const touched = new Set([...changes.keys()].map((id) => blockOf(id, before.blocks.length)));
  let standing = await readBlocks(staging, type, before, touched);
  const documents = before.documents + applyChanges(standing, changes, room - before.documents);
  const count = blockCountFor(documents);
  if (count !== before.blocks.length) {
    // Where the number of blocks changes every document may lie elsewhere.
    const rest = new Set([...before.blocks.keys()].filter((block) => !touched.has(block)));
    standing = new Map([...standing, ...(await readBlocks(staging, type, before, rest))]);
  }
  const same = count === before.blocks.length;
  const blocks = same ? before.blocks.map((release, block) => (touched.has(block) ? 0 : release)) : emptyBlocks(count);
  const filled = Map.groupBy(standing.values(), ({ localId }) => blockOf(localId, count));
  const items: Item[] = [];
  for (const [block, members] of filled) {
    blocks[block] = staging.release;
    items.push({ id: { S: blockKey(type, block, staging.release) }, body: { B: encodeBlock(members) } });
  }
  return { blocks: { documents, blocks }, items };
}

function emptyBlocks(count: number): number[] {
  return new Array<number>(count).fill(0);
}

/** Lays changes over documents; returns by how many these grew. What there is no room for is left out. */
function applyChanges(standing: Map<string, SearchDocument>, changes: TypeChanges, room: number): number {
  const size = standing.size;
  for (const [id, document] of changes) if (document === null) standing.delete(id);
  for (const [id, document] of changes) {
    if (document && (standing.has(id) || standing.size - size < room)) standing.set(id, document);
  }
  return standing.size - size;
}

async function readBlocks(
  staging: Staging,
  type: SearchedType,
  { blocks }: TypeBlocks,
  wanted: ReadonlySet<number>,
): Promise<Map<string, SearchDocument>> {
  const keys = [...wanted].flatMap((block) => (blocks[block] ? [blockKey(type, block, blocks[block])] : []));
  if (keys.length === 0) return new Map();
  const items = await itemsById(staging, keys);
  if (items.size < keys.length) throw new PortalError("INTERNAL", `the search index lacks blocks of type ${type}`);
  return new Map([...items.values()].flatMap(decodeBlock).map((document) => [document.localId, document]));
}
