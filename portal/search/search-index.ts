import type { Dictionary } from "./dictionary.ts";
import { SEARCHED_TYPES, type SearchDocument, type SearchedType } from "./documents.ts";
import { enterDocument, hanNamesOf, newBuilders } from "./index-terms.ts";
import { Scratch } from "./scratch.ts";
import type { PlaceNames } from "./segmentation.ts";
import { wordsOfKind } from "./vocabulary.ts";
import { tokensOf } from "./words.ts";

/** A kind of a type, and the words that its members are found by. */
export interface IndexedKind {
  readonly type: SearchedType;
  readonly kind: string;
  readonly words: string;
  readonly terms: readonly string[];
  /** Numbers of the documents of this kind. */
  readonly documents: readonly number[];
}

/**
 * An index in memory. Documents are numbered by place and then type and id: what lies below a region is a range of
 * numbers. Columns go by these numbers.
 */
export interface SearchIndex {
  /** The release that brought it. */
  readonly release: number;
  readonly documents: readonly SearchDocument[];
  /** Positions in `SEARCHED_TYPES`. */
  readonly types: Uint8Array;
  /** Place, type and id: the order of the documents. */
  readonly keys: readonly string[];
  readonly kinds: readonly IndexedKind[];
  /** Smaller numbers for larger places: depth, then type, current before historical. */
  readonly sizes: Uint16Array;
  /** Letters of the longest name in Latin and in Han script. */
  readonly latinLengths: Uint8Array;
  readonly hanLengths: Uint8Array;
  /** Of a region: the first document behind what lies in it; 0 for others. */
  readonly ends: Uint32Array;
  /** Names, codes, readings and addresses as a whole, by their letters and digits alone. */
  readonly whole: Dictionary;
  readonly latin: Dictionary;
  /** What pinyin reads from the second and later characters of a name on. */
  readonly inner: Dictionary;
  readonly initials: Dictionary;
  readonly han: Dictionary;
  readonly places: PlaceNames;
  readonly scratch: Scratch;
}

export function buildIndex(release: number, byType: ReadonlyMap<SearchedType, readonly SearchDocument[]>): SearchIndex {
  const numbered = SEARCHED_TYPES.flatMap((type, t) =>
    (byType.get(type) ?? []).map((document) => ({ document, t, key: keyOf(document, t) })),
  ).sort((a, b) => (a.key < b.key ? -1 : 1));
  const count = numbered.length;
  const columns = {
    types: new Uint8Array(count),
    sizes: new Uint16Array(count),
    latinLengths: new Uint8Array(count),
    hanLengths: new Uint8Array(count),
    ends: new Uint32Array(count),
  };
  const terms = newBuilders();
  const places = new Set<string>();
  const kinds = new Map<string, IndexedKind & { documents: number[] }>();
  const open: { path: string; number: number }[] = [];
  for (let number = 0; number < count; number += 1) {
    const { document, t } = numbered[number] as (typeof numbered)[number];
    const type = SEARCHED_TYPES[t] as SearchedType;
    columns.types[number] = t;
    columns.sizes[number] = sizeOf(document, t);
    while (open.length > 0 && !document.path.startsWith(open.at(-1)?.path ?? "")) close(open.pop(), number);
    if (type === "region") {
      open.push({ path: document.path, number });
      for (const name of hanNamesOf(document)) places.add(name);
    }
    const kindKey = `${type}|${document.kind}`;
    const kind = kinds.get(kindKey) ?? newKind(type, document.kind);
    kind.documents.push(number);
    kinds.set(kindKey, kind);
    const lengths = enterDocument(document, type, number, terms);
    columns.latinLengths[number] = Math.min(255, lengths.latin);
    columns.hanLengths[number] = Math.min(255, lengths.han);
  }
  while (open.length > 0) close(open.pop(), count);
  return {
    release,
    documents: numbered.map(({ document }) => document),
    keys: numbered.map(({ key }) => key),
    kinds: [...kinds.values()],
    ...columns,
    whole: terms.whole.build(),
    latin: terms.latin.build(true),
    inner: terms.inner.build(),
    initials: terms.initials.build(),
    han: terms.han.build(),
    places,
    scratch: new Scratch(count),
  };

  function close(region: { number: number } | undefined, end: number): void {
    if (region) columns.ends[region.number] = end;
  }
}

function newKind(type: SearchedType, kind: string): IndexedKind & { documents: number[] } {
  const words = wordsOfKind(type, kind);
  return { type, kind, words, terms: tokensOf(words).map(({ term }) => term), documents: [] };
}

/** How many documents come before a key. */
export function placeOf({ keys }: Pick<SearchIndex, "keys">, key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The documents in a region and below it. */
export function rangeWithin(index: Pick<SearchIndex, "keys">, path: string): [from: number, to: number] {
  return [placeOf(index, path), placeOf(index, `${path}\uffff`)];
}

/** The number of the region that a path leads to; undefined where it is not in the index. */
export function regionAt(index: Pick<SearchIndex, "keys">, path: string): number | undefined {
  const key = `${path}#0${path.split("/").at(-2)}`;
  const place = placeOf(index, key);
  return index.keys[place] === key ? place : undefined;
}

/** `#` sorts below what a path goes on with; a region comes before all else that lies directly in it. */
function keyOf({ path, localId }: SearchDocument, type: number): string {
  return `${path}#${type}${localId}`;
}

/** Half levels from the root to nowhere at all. */
const NOWHERE = 40;

/** A body in a province counts as larger than a county and smaller than a prefecture. */
function sizeOf({ path, historical }: SearchDocument, type: number): number {
  let depth = 0;
  for (const character of path) if (character === "/") depth += 1;
  const place = depth === 0 ? NOWHERE : Math.min(2 * depth + (type === 0 ? 0 : 3), NOWHERE - 1);
  return place * 16 + type * 2 + (historical ? 1 : 0);
}
