import { type EntityId, entityId } from "../identifiers.ts";
import { SEARCHED_TYPES } from "./documents.ts";
import { matchesOf, type SearchMatch } from "./highlight.ts";
import type { SearchQuery } from "./query.ts";
import { documentAt, rank, type SearchFilter, smallest } from "./rank.ts";
import type { SearchIndex } from "./search-index.ts";

/** A name that goes on from what was typed. */
export interface Suggestion extends Pick<SearchMatch, "text" | "language" | "ranges"> {
  readonly id: EntityId;
  /** The release that the index is of. */
  readonly release: number;
}

/** How many hits are looked at for each suggestion that is wanted: those that match by name come first as a rule. */
const LOOKED_AT = 4;

/** The names of the best hits that match by their name, each with where it does; costs no call to the store. */
export function suggest(index: SearchIndex, query: SearchQuery, filter: SearchFilter, limit: number): Suggestion[] {
  const suggestions: Suggestion[] = [];
  for (const one of smallest(rank(index, query, filter), LOOKED_AT * limit)) {
    if (suggestions.length === limit) break;
    const document = documentAt(one);
    const named = matchesOf(index, document, query).filter(({ field }) => field === "NAME");
    const [best] = named.toSorted((a, b) => matchedLength(b) - matchedLength(a));
    if (!best) continue;
    const type = SEARCHED_TYPES[index.types[document] ?? 0] ?? "region";
    const id = entityId(type, index.documents[document]?.localId ?? "");
    suggestions.push({ id, release: index.release, text: best.text, language: best.language, ranges: best.ranges });
  }
  return suggestions;
}

function matchedLength({ ranges }: SearchMatch): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}
