import { DictionaryBuilder, FIELD, type Field } from "./dictionary.ts";
import type { SearchDocument, SearchedType } from "./documents.ts";
import { shortName } from "./short-names.ts";
import { gramsOf, isHan, squash, tokensOf } from "./words.ts";

/** The dictionaries of an index while documents are entered into them. */
export type Builders = ReturnType<typeof newBuilders>;

export function newBuilders() {
  return {
    whole: new DictionaryBuilder(),
    latin: new DictionaryBuilder(),
    inner: new DictionaryBuilder(),
    initials: new DictionaryBuilder(),
    han: new DictionaryBuilder(),
  };
}

/** Letters of pinyin that are looked up: three syllables and more. */
export const PINYIN_LENGTH = 12;
/** The same where a name is read from its start: as far as anybody types. */
const WHOLE_PINYIN_LENGTH = 40;

/** Letters of the longest name in each script. */
interface NameLengths {
  readonly latin: number;
  readonly han: number;
}

export function enterDocument(
  document: SearchDocument,
  type: SearchedType,
  number: number,
  builders: Builders,
): NameLengths {
  const lengths = enterNames(document, type, number, builders);
  enterPinyin(document, type, number, builders);
  enterCodes(document, type, number, builders);
  return lengths;
}

function enterNames(
  { en, zh }: SearchDocument,
  type: SearchedType,
  number: number,
  { whole, latin, han }: Builders,
): NameLengths {
  const names = new Set<string>();
  const words = new Set<string>();
  const grams = new Set<string>();
  const longest = { latin: 0, han: 0 };
  for (const name of [en, zh]) {
    if (name === "") continue;
    const tokens = tokensOf(name);
    names.add(tokens.map(({ term }) => term).join(""));
    const short = type === "region" ? shortName(name) : name;
    if (short !== name) names.add(squash(short));
    const letters = { latin: 0, han: 0 };
    for (const token of tokens) {
      letters[token.han ? "han" : "latin"] += token.term.length;
      if (token.han) for (const gram of gramsOf(token.term)) grams.add(gram);
      else words.add(token.term);
    }
    longest.latin = Math.max(longest.latin, letters.latin);
    longest.han = Math.max(longest.han, letters.han);
  }
  for (const name of names) whole.add(name, number, FIELD.NAME);
  for (const word of words) latin.add(word, number, FIELD.NAME);
  for (const gram of grams) han.add(gram, number, FIELD.NAME);
  return longest;
}

/** Enters id, host, and the ISO 3166 code of a region or the publisher of a source. */
function enterCodes(
  { localId, host, also }: SearchDocument,
  type: SearchedType,
  number: number,
  { whole, latin, han }: Builders,
): void {
  const isRegion = type === "region";
  const enter = (text: string, field: Field) => {
    const terms = tokensOf(text).map(({ term }) => term);
    for (const term of terms) latin.add(term, number, field);
    whole.add(terms.join(""), number, field);
  };
  enter(localId, isRegion ? FIELD.CODE : FIELD.ID);
  if (host !== "") enter(host, FIELD.HOST);
  for (const domain of domainsOf(host)) whole.add(squash(domain), number, FIELD.HOST);
  if (isRegion) whole.add(squash(also), number, FIELD.CODE);
  for (const token of tokensOf(also)) {
    if (!token.han) latin.add(token.term, number, isRegion ? FIELD.CODE : FIELD.ALSO);
    else for (const gram of new Set(gramsOf(token.term))) han.add(gram, number, FIELD.ALSO);
  }
}

/** What a host lies in: sh.gov.cn of data.sh.gov.cn, but not gov.cn. */
function domainsOf(host: string): string[] {
  const labels = host.split(".");
  return labels.slice(0, -3).map((_, i) => labels.slice(i + 1).join("."));
}

/** Enters how the Chinese name reads: as a whole, from each of its characters on, and by initials. */
function enterPinyin(
  { pinyin, en, zh }: SearchDocument,
  type: SearchedType,
  number: number,
  { whole, latin, inner, initials }: Builders,
): void {
  if (pinyin.length === 0) return;
  const short = type === "region" ? pinyin.slice(0, hanCount(shortName(zh === "" ? en : zh))) : pinyin;
  for (const reading of new Set(withU([pinyin.join(""), short.join("")]))) {
    whole.add(reading, number, FIELD.PINYIN);
    latin.add(reading.slice(0, WHOLE_PINYIN_LENGTH), number, FIELD.PINYIN);
  }
  // Nobody looks for a place by 市.
  for (let i = 1; i < short.length; i += 1) {
    for (const reading of withU([joined(pinyin, i)])) inner.add(reading, number, FIELD.INNER);
  }
  let letters = "";
  for (const [i, syllable] of pinyin.slice(0, PINYIN_LENGTH).entries()) {
    letters += syllable[0] ?? "";
    const ends = i + 1 === short.length || i + 1 === Math.min(pinyin.length, PINYIN_LENGTH);
    if (ends && letters.length >= 2) initials.add(letters, number, FIELD.INITIALS);
  }
}

function joined(syllables: readonly string[], from: number): string {
  let text = "";
  for (let i = from; i < syllables.length && text.length < PINYIN_LENGTH; i += 1) text += syllables[i];
  return text.slice(0, PINYIN_LENGTH);
}

/** 吕梁 is typed as lvliang and as luliang. */
function withU(readings: readonly string[]): string[] {
  return readings.flatMap((reading) => (reading.includes("v") ? [reading, reading.replaceAll("v", "u")] : [reading]));
}

/** What a region is called in Han script, where that is more than a character. */
export function hanNamesOf({ en, zh }: SearchDocument): string[] {
  const name = zh === "" ? en : zh;
  return [name, shortName(name)].filter((one) => one.length > 1 && isHan(one));
}

function hanCount(text: string): number {
  return tokensOf(text).reduce((sum, { han, term }) => sum + (han ? Array.from(term).length : 0), 0);
}
