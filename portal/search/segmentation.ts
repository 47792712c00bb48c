import { wordsOfHan } from "./words.ts";

/** What regions are called in Han script, with and without what they are. */
export type PlaceNames = ReadonlySet<string>;

/** UTF-16 units of the longest name that is looked for. */
const LONGEST_NAME = 16;

/** A place is hardly dearer than the words around it, so that one that only seems to stand across two words loses. */
const WORD = 1;
const PLACE = 0.9;
const SUFFIX = 0.5;
const CHARACTER = 1.5;

/** What places and bodies end in: cut off without making what is left a worse word. */
const SUFFIXES = new Set("省 市 县 区 州 盟 旗 局 的 新区 地区 林区 自治区 自治州 自治县".split(" "));

interface Cut {
  readonly cost: number;
  readonly from: number;
}

/**
 * The words of a run of Han characters, at the least cost. `Intl.Segmenter` does not know many places and cuts them into
 * characters, or across (泰|州, 贵|安新|区): names of regions count as words, and characters that are left alone side
 * by side are taken together.
 */
export function segment(run: string, places: PlaceNames): string[] {
  const ends = segmentEnds(run);
  const best: Cut[] = [{ cost: 0, from: 0 }];
  for (let to = 1; to <= run.length; to += 1) {
    let found: Cut = { cost: Number.POSITIVE_INFINITY, from: to - 1 };
    for (let from = Math.max(0, to - LONGEST_NAME); from < to; from += 1) {
      const cost = (best[from]?.cost ?? 0) + costOf(run.slice(from, to), ends.get(to) === from, places);
      if (cost < found.cost) found = { cost, from };
    }
    best.push(found);
  }
  const words: string[] = [];
  for (let to = run.length; to > 0; to = best[to]?.from ?? 0) words.unshift(run.slice(best[to]?.from ?? 0, to));
  return joinSingles(words);
}

function costOf(text: string, isWord: boolean, places: PlaceNames): number {
  if (SUFFIXES.has(text)) return SUFFIX;
  if (places.has(text)) return PLACE;
  const single = isSingle(text);
  if (isWord && !single) return WORD;
  return single ? CHARACTER : Number.POSITIVE_INFINITY;
}

/** Where the words that the segmenter finds begin, by where they end. */
function segmentEnds(run: string): Map<number, number> {
  const ends = new Map<number, number>();
  let at = 0;
  for (const word of wordsOfHan(run)) {
    ends.set(at + word.length, at);
    at += word.length;
  }
  return ends;
}

function joinSingles(words: readonly string[]): string[] {
  const joined: string[] = [];
  let open = false;
  for (const word of words) {
    const single = isSingle(word) && !SUFFIXES.has(word);
    if (single && open) joined.push(`${joined.pop()}${word}`);
    else joined.push(word);
    open = single;
  }
  return joined;
}

function isSingle(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff);
}
