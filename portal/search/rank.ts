import type { SearchedType } from "./documents.ts";
import { SEARCHED_TYPES } from "./documents.ts";
import { matchWords } from "./matching.ts";
import type { SearchQuery } from "./query.ts";
import { placeOf, rangeWithin, type SearchIndex } from "./search-index.ts";
import { scoreWholes, WHOLE_NAME } from "./wholes.ts";

/** What a hit may be. */
export interface SearchFilter {
  /** All types where there are none. */
  readonly types?: readonly SearchedType[];
  /** Path of a region: it and everything below it. */
  readonly within?: string;
}

/**
 * All hits of a query, as numbers whose order is that of the hits. From the front: how well a document matches, in
 * thousandths; how large its place is; how long its name; its own number.
 */
export type Ranking = Float64Array;

const BEST = WHOLE_NAME + 1;
/** A name of which the words cover much is worth this more than one of which they cover little. */
const COVERAGE = 0.1;
const STEPS = 50;
const REST = 0.9;

const DOCUMENTS = 2 ** 20;
const LENGTHS = 256;
const SIZES = 1024;
const THOUSANDTHS = 1000;

export function rank(index: SearchIndex, query: SearchQuery, filter: SearchFilter): Ranking {
  if (query.words.length === 0) return new Float64Array();
  const scratch = matchWords(index, query);
  const { required, wholes } = scratch;
  scoreWholes(index, query);
  const candidates = admitted(index, scratch.documents.subarray(0, scratch.found), filter);
  // Where nothing has all words, what has the most of them is shown.
  let most = 0;
  for (const document of candidates) most = Math.max(most, required[document] ?? 0);
  const needed = most * 2 >= query.words.filter((word) => word.required).length ? most : Number.POSITIVE_INFINITY;
  // What is called as the text says is found whatever its words are: 丰县, Beijing city.
  const hits = candidates.filter((document) => (required[document] ?? 0) >= needed || (wholes[document] ?? 0) > 0);
  return ranked(index, hits);
}

export function documentAt(rank: number): number {
  return rank % DOCUMENTS;
}

/** Between 0 and 3, with three decimals; comparable within an answer. */
export function scoreAt(rank: number): number {
  const worse = Math.floor(rank / (DOCUMENTS * LENGTHS * SIZES));
  return (BEST * THOUSANDTHS - worse) / THOUSANDTHS;
}

/** The first ranks behind `after` in order, at most `limit`. */
export function smallest(ranking: Ranking, limit: number, after = -1): number[] {
  const heap: number[] = [];
  for (const rank of ranking) {
    if (rank <= after || (heap.length === limit && rank >= (heap[0] as number))) continue;
    if (heap.length === limit) replaceLargest(heap, rank);
    else push(heap, rank);
  }
  return heap.sort((a, b) => a - b);
}

/** Where a hit stands, for whoever comes back with another index: its rank without its number, and its key. */
export function positionOf(index: SearchIndex, rank: number): string {
  return `${Math.floor(rank / DOCUMENTS)}|${index.keys[documentAt(rank)]}`;
}

/** The rank that everything behind a position is larger than. */
export function rankAt(index: SearchIndex, position: string): number {
  const bar = position.indexOf("|");
  // U+0000 follows nothing: the place behind the key, whether or not it is still there.
  const place = placeOf(index, `${position.slice(bar + 1)}\u0000`);
  return Number(position.slice(0, bar)) * DOCUMENTS + place - 1;
}

function admitted(index: SearchIndex, documents: Uint32Array, { types, within }: SearchFilter): Uint32Array {
  if (types === undefined && within === undefined) return documents;
  const wanted = SEARCHED_TYPES.map((type) => types === undefined || types.includes(type));
  const [from, to] = within === undefined ? [0, index.keys.length] : rangeWithin(index, within);
  return documents.filter(
    (document) => document >= from && document < to && wanted[index.types[document] ?? 0] === true,
  );
}

/** Ranks hits, which are thousands for a broad word. */
function ranked(index: SearchIndex, hits: Uint32Array): Ranking {
  const { sizes, latinLengths, hanLengths, scratch } = index;
  const { scores, latinLetters, hanLetters, wholes } = scratch;
  const ranking = new Float64Array(hits.length);
  for (let i = 0; i < hits.length; i += 1) {
    const document = hits[i] as number;
    const latin = latinLengths[document] as number;
    const han = hanLengths[document] as number;
    let score = wholes[document] as number;
    if (score === 0) {
      const coverage = Math.max(
        share(latinLetters[document] as number, latin),
        share(hanLetters[document] as number, han),
      );
      // In steps: what matches about as well is to be told apart by its place.
      score = (Math.round(((scores[document] as number) + COVERAGE * coverage) * STEPS) / STEPS) * REST;
    }
    const worse = Math.round((BEST - score) * THOUSANDTHS);
    const size = worse * SIZES + (sizes[document] as number);
    ranking[i] = (size * LENGTHS + Math.max(latin, han)) * DOCUMENTS + document;
  }
  return ranking;
}

function share(letters: number, length: number): number {
  return length === 0 ? 0 : Math.min(1, letters / length);
}

function push(heap: number[], rank: number): void {
  let at = heap.push(rank) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if ((heap[parent] as number) >= rank) break;
    heap[at] = heap[parent] as number;
    at = parent;
  }
  heap[at] = rank;
}

function replaceLargest(heap: number[], rank: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as number) > (heap[child] as number)) child += 1;
    if ((heap[child] as number) <= rank) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = rank;
}
