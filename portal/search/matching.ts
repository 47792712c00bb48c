import { type Dictionary, FIELD, type Field, forEach, type Occurrences } from "./dictionary.ts";
import { PINYIN_LENGTH } from "./index-terms.ts";
import type { QueryWord, SearchQuery } from "./query.ts";
import type { Scratch } from "./scratch.ts";
import type { IndexedKind, SearchIndex } from "./search-index.ts";
import { gramsOf } from "./words.ts";

/** What a match counts for, by the field that it stands in: the whole word, its beginning, all but a typo. */
const WEIGHTS: Readonly<Record<Field, readonly [exact: number, prefix: number, near: number]>> = {
  [FIELD.NAME]: [1, 0.8, 0.6],
  [FIELD.PINYIN]: [0.8, 0.65, 0.5],
  [FIELD.CODE]: [0.9, 0.5, 0],
  [FIELD.HOST]: [0.7, 0.4, 0],
  [FIELD.ALSO]: [0.4, 0.3, 0.2],
  [FIELD.ID]: [0.5, 0.35, 0.3],
  [FIELD.INNER]: [0.6, 0.45, 0],
  [FIELD.INITIALS]: [0.2, 0.2, 0],
};
const PLACE = [0.5, 0.35, 0.3] as const;
const SMALLER_REGION = 0.6;
const KIND = [0.45, 0.35, 0] as const;

const EXACT = 0;
const PREFIX = 1;
const NEAR = 2;
type Closeness = typeof EXACT | typeof PREFIX | typeof NEAR;

/** Shorter beginnings of words say nothing of a place or a kind. */
const TELLING_PREFIX = 3;
/** Shorter words are too near to too many others. */
const TYPO_LENGTH = 5;
const LETTERS = /^[a-z]+$/;

/** Leaves in the scratch of an index what the words of a query match. */
export function matchWords(index: SearchIndex, { words }: SearchQuery): Scratch {
  const { scratch } = index;
  scratch.clear();
  const total = words.reduce((sum, { weight }) => sum + weight, 0);
  for (const word of words) {
    if (word.han) matchHan(index, word);
    else matchLatin(index, word);
    scratch.add(word.weight / total, word.required, word.term.length, word.han);
  }
  return scratch;
}

function matchLatin(index: SearchIndex, word: QueryWord): void {
  const { term, last } = word;
  const exact = index.latin.exact(term);
  if (exact) offerAll(index, exact, EXACT, true);
  if (term.length > 1 || last) {
    offerAll(index, index.latin.longer(term), PREFIX, last && term.length >= TELLING_PREFIX);
  }
  if (term.length > 1) {
    const read = term.slice(0, PINYIN_LENGTH);
    offerFound(index, index.inner, read);
    const letters = index.initials.exact(read);
    if (letters) offerAll(index, letters, EXACT, false);
  }
  // Yunan is a county, and Yunnan with a letter missing; but what lies in Yunnan is not meant then.
  if (!isNamed(exact) && term.length >= TYPO_LENGTH && LETTERS.test(term)) {
    for (const { occurrences } of index.latin.near(term)) offerAll(index, occurrences, NEAR, !exact);
  }
  matchKinds(index, word);
}

function isNamed(found: Occurrences | undefined): boolean {
  let named = false;
  forEach(found, (_document, field) => {
    named ||= field === FIELD.NAME;
  });
  return named;
}

function offerFound(index: SearchIndex, dictionary: Dictionary, term: string): void {
  const exact = dictionary.exact(term);
  if (exact) offerAll(index, exact, EXACT, false);
  offerAll(index, dictionary.longer(term), PREFIX, false);
}

/** @param places whether regions that match are offered for what lies in them. */
function offerAll(index: SearchIndex, found: Occurrences, closeness: Closeness, places: boolean): void {
  forEach(found, (document, field) => {
    const named = field === FIELD.NAME || field === FIELD.PINYIN || field === FIELD.INNER;
    index.scratch.offer(document, WEIGHTS[field][closeness], named);
    if (places && (field === FIELD.NAME || field === FIELD.PINYIN)) offerPlace(index, document, closeness);
  });
}

/** What lies in a region can be found by the region's name; smaller regions least of all. */
function offerPlace(index: SearchIndex, region: number, closeness: Closeness): void {
  const end = index.ends[region] ?? 0;
  for (let document = region + 1; document < end; document += 1) {
    index.scratch.offer(document, PLACE[closeness] * (index.types[document] === 0 ? SMALLER_REGION : 1), false);
  }
}

function matchKinds(index: SearchIndex, word: QueryWord): void {
  for (const kind of index.kinds) {
    const closeness = closenessToKind(kind, word);
    if (closeness === undefined) continue;
    for (const document of kind.documents) index.scratch.offer(document, KIND[closeness], false);
  }
}

function closenessToKind({ words, terms }: IndexedKind, { term, han, last }: QueryWord): Closeness | undefined {
  if (han) return term.length > 1 && words.includes(term) ? EXACT : undefined;
  if (terms.includes(term)) return EXACT;
  const telling = last && term.length >= TELLING_PREFIX;
  return telling && terms.some((one) => one.startsWith(term)) ? PREFIX : undefined;
}

function matchHan(index: SearchIndex, word: QueryWord): void {
  if (!offerHan(index, word.term)) {
    // A word that no name holds as a whole may be one that names part otherwise.
    for (const part of pairsOf(word.term)) offerHan(index, part);
  }
  matchKinds(index, word);
}

function pairsOf(term: string): string[] {
  const characters = Array.from(term);
  if (characters.length <= 2) return [];
  return Array.from({ length: Math.ceil(characters.length / 2) }, (_, i) =>
    characters.slice(2 * i, 2 * i + 2).join(""),
  );
}

/** Offers the documents that hold a run of characters; false where there is none. */
function offerHan(index: SearchIndex, term: string): boolean {
  const verified = term.length <= 2;
  let found = false;
  forEach(holdersOf(index, term), (document, field) => {
    if (!verified && !holds(index, document, field, term)) return;
    found = true;
    index.scratch.offer(document, WEIGHTS[field][EXACT], field === FIELD.NAME);
  });
  if (!found) return false;
  forEach(index.whole.exact(term), (document, field) => {
    if (field === FIELD.NAME) offerPlace(index, document, EXACT);
  });
  return true;
}

/** Documents that hold the rarest pair of neighbours of a run; any that holds the run is among them. */
function holdersOf({ han }: SearchIndex, term: string): Occurrences | undefined {
  if (Array.from(term).length === 1) return han.starting(term);
  let rarest: Occurrences | undefined;
  for (const pair of gramsOf(term)) {
    const holders = han.exact(pair);
    if (!holders) return undefined;
    if (!rarest || holders.to - holders.from < rarest.to - rarest.from) rarest = holders;
  }
  return rarest;
}

function holds({ documents }: SearchIndex, document: number, field: Field, term: string): boolean {
  const { en = "", zh = "", also = "" } = documents[document] ?? {};
  return field === FIELD.NAME ? zh.includes(term) || en.includes(term) : also.includes(term);
}
