import { pathCodes } from "../catalogue/entities.ts";
import { SEARCHED_TYPES, type SearchDocument } from "./documents.ts";
import type { QueryWord, SearchQuery } from "./query.ts";
import { regionAt, type SearchIndex } from "./search-index.ts";
import { wordsOfKind } from "./vocabulary.ts";
import { hasHan, isOneTypoFrom, type Token, tokensOf } from "./words.ts";

/** Where in a text of a hit the words of the query were found. */
export interface SearchMatch {
  readonly field: "NAME" | "CODE" | "ADDRESS" | "PUBLISHER" | "PLACE" | "KIND";
  readonly text: string;
  readonly language: "EN" | "ZH" | null;
  /** UTF-16 offsets, in order, apart from each other. */
  readonly ranges: readonly TextRange[];
}

export interface TextRange {
  readonly start: number;
  readonly end: number;
}

interface Place {
  readonly field: SearchMatch["field"];
  readonly text: string;
  readonly language: SearchMatch["language"];
  /** Syllables of its Han characters. */
  readonly pinyin?: readonly string[];
}

/** What of a document matches: of its names and codes all that do, of its place and kind only what these lack. */
export function matchesOf(index: SearchIndex, document: number, query: SearchQuery): SearchMatch[] {
  const own = placesOf(index, document);
  const matches = own.map((place) => matchIn(place, query.words));
  const found = new Set(matches.flatMap(({ words }) => words));
  const rest = query.words.filter((word) => !found.has(word));
  const around = rest.length === 0 ? [] : surroundingsOf(index, document).map((place) => matchIn(place, rest));
  return [...matches, ...around].flatMap(({ match }) => (match.ranges.length > 0 ? [match] : []));
}

function placesOf(index: SearchIndex, number: number): Place[] {
  const document = index.documents[number] as SearchDocument;
  const type = SEARCHED_TYPES[index.types[number] ?? 0];
  const places: Place[] = namesOf(document, type === "source");
  if (type === "region") places.push({ field: "CODE", text: document.localId, language: null });
  if (document.also !== "") {
    places.push({ field: type === "region" ? "CODE" : "PUBLISHER", text: document.also, language: null });
  }
  if (document.host !== "") places.push({ field: "ADDRESS", text: document.host, language: null });
  if (type !== "region") places.push({ field: "CODE", text: document.localId, language: null });
  return places;
}

function namesOf({ en, zh, pinyin, kind }: SearchDocument, isSource: boolean): Place[] {
  if (isSource) {
    const language = kind.startsWith("zh") ? "ZH" : kind.startsWith("en") ? "EN" : null;
    return [{ field: "NAME", text: en, language, pinyin }];
  }
  const names: Place[] = [];
  if (en !== "") names.push({ field: "NAME", text: en, language: "EN", ...(zh === "" ? { pinyin } : {}) });
  if (zh !== "") names.push({ field: "NAME", text: zh, language: "ZH", pinyin });
  return names;
}

/** The regions that a document lies in, nearest first, and what its kind is called. */
function surroundingsOf(index: SearchIndex, number: number): Place[] {
  const document = index.documents[number] as SearchDocument;
  const type = SEARCHED_TYPES[index.types[number] ?? 0] ?? "region";
  const codes = pathCodes(document.path);
  const regions: Place[] = [];
  for (let depth = type === "region" ? codes.length - 1 : codes.length; depth > 0; depth -= 1) {
    const region = regionAt(index, `${codes.slice(0, depth).join("/")}/`);
    const around = region === undefined ? undefined : index.documents[region];
    if (around) regions.push(...namesOf(around, false).map((name): Place => ({ ...name, field: "PLACE" })));
  }
  const words = wordsOfKind(type, document.kind);
  const kinds = words
    .split(" ")
    .filter((word) => word !== "")
    .map((text): Place => ({ field: "KIND", text, language: hasHan(text) ? "ZH" : "EN" }));
  return [...regions, ...kinds];
}

function matchIn(place: Place, words: readonly QueryWord[]): { match: SearchMatch; words: QueryWord[] } {
  const { pinyin = [], field, text, language } = place;
  const tokens = words.some(({ han }) => !han) ? tokensOf(text) : [];
  const found: QueryWord[] = [];
  const ranges: TextRange[] = [];
  for (const word of words) {
    const of = word.han
      ? hanRanges(text, word.term)
      : [...latinRanges(tokens, word), ...pinyinRanges(tokens, pinyin, word)];
    if (of.length > 0) found.push(word);
    ranges.push(...of);
  }
  return { match: { field, text, language, ranges: merged(ranges) }, words: found };
}

function hanRanges(text: string, term: string): TextRange[] {
  const ranges: TextRange[] = [];
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) {
    ranges.push({ start: at, end: at + term.length });
  }
  if (ranges.length > 0 || Array.from(term).length <= 2) return ranges;
  const characters = Array.from(term);
  return characters.flatMap((_, i) => (i % 2 === 0 ? hanRanges(text, characters.slice(i, i + 2).join("")) : []));
}

/** Words, else beginnings of words, else words with a typo. */
function latinRanges(all: readonly Token[], { term }: QueryWord): TextRange[] {
  const tokens = all.filter(({ han }) => !han);
  const exact = tokens.filter((token) => token.term === term);
  if (exact.length > 0) return exact.map(({ start, end }) => ({ start, end }));
  const longer = tokens.filter((token) => token.term.startsWith(term));
  if (longer.length > 0) {
    // Where folding changed the length of a word nobody can say where its beginning ends.
    return longer.map((token) => ({
      start: token.start,
      end: token.end - token.start === token.term.length ? token.start + term.length : token.end,
    }));
  }
  if (term.length < 5) return [];
  return tokens.filter((token) => isOneTypoFrom(token.term, term)).map(({ start, end }) => ({ start, end }));
}

/** The characters whose syllables, read one after the other, begin with the word, or whose initials are the word. */
function pinyinRanges(tokens: readonly Token[], pinyin: readonly string[], { term }: QueryWord): TextRange[] {
  if (pinyin.length === 0) return [];
  const places = tokens.flatMap(({ term: run, start, han }) => (han ? offsetsIn(run, start) : []));
  // A letter alone is looked for where a name begins, and nowhere else.
  const starts = term.length === 1 ? 1 : pinyin.length;
  for (const syllables of [pinyin, pinyin.map((syllable) => syllable.replace("v", "u"))]) {
    for (let from = 0; from < starts; from += 1) {
      const to = readUntil(syllables, from, term);
      const [first, last] = [places[from], places[to - 1]];
      if (to > from && first && last) return [{ start: first.start, end: last.end }];
    }
  }
  const initials = pinyin.map((syllable) => syllable[0] ?? " ").join("");
  if (initials.startsWith(term)) return rangeOver(places, term.length);
  const mistyped =
    term.length < 5 ? -1 : pinyin.findIndex((_, i) => isOneTypoFrom(pinyin.slice(0, i + 1).join(""), term));
  return mistyped < 0 ? [] : rangeOver(places, mistyped + 1);
}

/** The first characters of a name. */
function rangeOver(places: readonly TextRange[], count: number): TextRange[] {
  const [first, last] = [places[0], places[count - 1]];
  return first && last ? [{ start: first.start, end: last.end }] : [];
}

/** Where the syllables from one on have spelled the word, its last syllable perhaps in part; the start where they do not. */
function readUntil(syllables: readonly string[], from: number, term: string): number {
  let rest = term;
  let at = from;
  for (; rest !== "" && at < syllables.length; at += 1) {
    const syllable = syllables[at] ?? "";
    if (syllable === "") return from;
    if (rest.startsWith(syllable)) rest = rest.slice(syllable.length);
    else if (syllable.startsWith(rest)) rest = "";
    else return from;
  }
  return rest === "" ? at : from;
}

function offsetsIn(run: string, start: number): TextRange[] {
  let at = start;
  return Array.from(run, (character) => {
    const range = { start: at, end: at + character.length };
    at = range.end;
    return range;
  });
}

function merged(ranges: readonly TextRange[]): TextRange[] {
  const result: TextRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = result.at(-1);
    if (last && range.start <= last.end)
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    else result.push(range);
  }
  return result;
}
