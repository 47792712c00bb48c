import { badInput } from "../errors.ts";
import { hostOf } from "./documents.ts";
import { MAX_TEXT_LENGTH, MAX_WORDS } from "./limits.ts";
import { type PlaceNames, segment } from "./segmentation.ts";
import { shortName } from "./short-names.ts";
import { isGeneric, isLink, isSuffix } from "./vocabulary.ts";
import { squash, tokensOf } from "./words.ts";

/** A word that is looked for. */
export interface QueryWord {
  readonly term: string;
  readonly han: boolean;
  /** Whether a hit must have it, as long as anything has them all. */
  readonly required: boolean;
  /** What it counts for beside others: words that half the names hold count less. */
  readonly weight: number;
  /** Whether it is the last one typed, and may not be finished. */
  readonly last: boolean;
}

export interface SearchQuery {
  /** Two texts of the same words, case and accents aside, are the same. */
  readonly text: string;
  readonly words: readonly QueryWord[];
  /** The text by its letters and digits: what whole names are held against. */
  readonly whole: string;
  /** The same without an administrative suffix, for regions; what `whole` is where it has none. */
  readonly short: string;
  /** Whether it may be the beginning of a host. */
  readonly dotted: boolean;
}

const GENERIC_WEIGHT = 0.4;
const LINK_WEIGHT = 0.1;

interface Term {
  readonly term: string;
  readonly han: boolean;
}

/**
 * Words behind the sixteenth are not looked up one by one, only with the text as a whole: a title that is pasted finds
 * what it is of, and a query has its bounds.
 *
 * @param places what regions are called: names that no dictionary has.
 * @throws BAD_USER_INPUT for a text that is too long.
 */
export function parseQuery(text: string, places: PlaceNames, argument = "text"): SearchQuery {
  if (text.length > MAX_TEXT_LENGTH) {
    throw badInput(argument, `${argument} may have ${MAX_TEXT_LENGTH} characters`);
  }
  const trimmed = text.normalize("NFKC").trim();
  const searched = hostIn(trimmed) ?? codeIn(trimmed) ?? trimmed;
  const tokens = tokensOf(searched);
  const terms = tokens
    .flatMap(({ term, han }): Term[] => (han ? segment(term, places) : [term]).map((word) => ({ term: word, han })))
    .slice(0, MAX_WORDS);
  const strong = terms.some((word) => !isWeak(word));
  const words = terms.map((word, i): QueryWord => {
    const weak = strong && isWeak(word);
    const suffix = isSuffixOf(terms[i - 1], word);
    const weight = weak ? LINK_WEIGHT : suffix || isGeneric(word.term) ? GENERIC_WEIGHT : 1;
    return { ...word, required: !weak && !suffix, weight, last: i === terms.length - 1 };
  });
  return {
    text: tokens.map(({ term }) => term).join(" "),
    words,
    whole: squash(searched),
    short: squash(shortName(withoutSuffix(searched, words))),
    dotted: searched.includes("."),
  };
}

/** A single Han character beside words is mostly a suffix, 市 or 省; links hold sentences together. */
function isWeak({ term, han }: Term): boolean {
  return isLink(term) || (han && Array.from(term).length === 1);
}

/** What a place is, behind its name: Beijing city, guizhou sheng. Behind other words xian is Xi'an. */
function isSuffixOf(before: Term | undefined, { term }: Term): boolean {
  return before !== undefined && isSuffix(term) && !isGeneric(before.term) && !isLink(before.term);
}

/** 贵州省 spelled guizhou sheng is guizhou. */
function withoutSuffix(text: string, words: readonly QueryWord[]): string {
  const last = words.at(-1);
  if (!last || last.han || last.required || isLink(last.term)) return text;
  return text.replace(/\s+[\w-]+\W*$/, "");
}

const HOST = /^(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?$/i;

/** The host of an address, as browsers take it: with or without a scheme. */
function hostIn(text: string): string | undefined {
  return hostOf(HOST.test(text) ? `//${text}` : text) || undefined;
}

const GB_T_2260 = /^(?:\d{2}0000|\d{4}00)$/;

/** Of provinces and prefectures as tables print them, with six digits: 520000 is 52. */
function codeIn(text: string): string | undefined {
  return GB_T_2260.test(text) ? text.replace(/(?:00)+$/, "") : undefined;
}
