import { FIELD, forEach } from "./dictionary.ts";
import type { QueryWord, SearchQuery } from "./query.ts";
import type { SearchIndex } from "./search-index.ts";
import { squash } from "./words.ts";

/** Whole names before names that begin with the text, these before the rest: each is worth more than any match. */
export const WHOLE_NAME = 2;
const BEGINNING = 1;

/** Words of the longest name of a place that is looked for among others: Hong Kong, Inner Mongolia, gui yang shi. */
const NAME_WORDS = 4;

/** Leaves in the scratch what the text as a whole comes to, held against whole names and their beginnings. */
export function scoreWholes(index: SearchIndex, query: SearchQuery): void {
  const { whole, short, dotted } = query;
  const { scratch } = index;
  forEach(index.whole.exact(whole), (document, field) => {
    const part = field === FIELD.HOST && squash(index.documents[document]?.host ?? "") !== whole;
    if (part && !dotted) return;
    scratch.offerWhole(document, part ? BEGINNING + 0.95 : WHOLE_NAME + (field === FIELD.PINYIN ? 0.85 : 0.9));
  });
  scorePlaceInPlace(index, query);
  // Guizhou Province is the region of Guizhou.
  if (short !== whole) {
    forEach(index.whole.exact(short), (document, field) => {
      if ((field === FIELD.NAME || field === FIELD.PINYIN) && isRegion(index, document)) {
        scratch.offerWhole(document, WHOLE_NAME + 0.8);
      }
    });
  }
  forEach(index.whole.longer(whole), (document, field) => {
    if (field === FIELD.ID || (field === FIELD.HOST && !dotted)) return;
    scratch.offerWhole(document, BEGINNING + 0.9);
  });
}

function isRegion({ ends }: SearchIndex, document: number): boolean {
  return (ends[document] ?? 0) > 0;
}

/** 贵州省贵阳市, Guiyang, Guizhou: where all words name regions, the one that lies in the others is meant. */
function scorePlaceInPlace(index: SearchIndex, { words }: SearchQuery): void {
  if (words.length < 2) return;
  const named = regionsNamed(index, words, 0, new Set());
  if (!named || named.length < 2) return;
  for (const regions of named) {
    for (const region of regions) {
      const others = named.filter((one) => one !== regions);
      if (others.every((around) => around.some((one) => one < region && region < (index.ends[one] ?? 0)))) {
        index.scratch.offerWhole(region, WHOLE_NAME + 0.82);
      }
    }
  }
}

/** The regions of each name in a row of names; undefined where the words are no such row. */
function regionsNamed(
  index: SearchIndex,
  words: readonly QueryWord[],
  from: number,
  failed: Set<number>,
): number[][] | undefined {
  if (from === words.length) return [];
  if (failed.has(from)) return undefined;
  for (let to = Math.min(words.length, from + NAME_WORDS); to > from; to -= 1) {
    const regions = regionsCalled(index, words.slice(from, to));
    if (regions.length === 0) continue;
    const rest = regionsNamed(index, words, to, failed);
    if (rest) return [regions, ...rest];
  }
  // 省 beside a name that goes without it.
  if (words[from]?.required === false && from > 0) {
    const rest = regionsNamed(index, words, from + 1, failed);
    if (rest) return rest;
  }
  failed.add(from);
  return undefined;
}

function regionsCalled(index: SearchIndex, words: readonly QueryWord[]): number[] {
  const regions = new Set<number>();
  forEach(index.whole.exact(words.map(({ term }) => term).join("")), (document, field) => {
    if ((field === FIELD.NAME || field === FIELD.PINYIN) && isRegion(index, document)) regions.add(document);
  });
  return [...regions];
}
