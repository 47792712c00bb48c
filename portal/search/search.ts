import { type EntityId, entityId } from "../identifiers.ts";
import { cutPage, type Page, type PageOf } from "../paging/page.ts";
import { SEARCHED_TYPES } from "./documents.ts";
import { matchesOf, type SearchMatch } from "./highlight.ts";
import type { SearchQuery } from "./query.ts";
import { documentAt, positionOf, type Ranking, rank, rankAt, type SearchFilter, scoreAt, smallest } from "./rank.ts";
import type { SearchIndex } from "./search-index.ts";

export interface SearchHit {
  readonly id: EntityId;
  /** The release that the index is of. */
  readonly release: number;
  /** 2 and more: the whole name; 1 and more: its beginning; below: words of it, or of where and what it is. */
  readonly score: number;
  readonly matches: readonly SearchMatch[];
}

/** All that a query finds, best first; pages and highlights are made when they are asked for. */
export interface SearchResult {
  readonly ranking: Ranking;
  page(page: Page): PageOf<SearchHit>;
}

export function search(index: SearchIndex, query: SearchQuery, filter: SearchFilter): SearchResult {
  const ranking = rank(index, query, filter);
  return {
    ranking,
    page: (page) => {
      const after = page.after === undefined ? undefined : rankAt(index, page.after);
      const ranks = smallest(ranking, page.limit + 1, after);
      const read = ranks.map((one) => ({ position: positionOf(index, one), node: one }));
      const cut = cutPage(read, page);
      const entries = cut.entries.map(({ position, node }) => ({ position, node: hitOf(index, query, node) }));
      return { ...cut, entries };
    },
  };
}

function hitOf(index: SearchIndex, query: SearchQuery, rank: number): SearchHit {
  const document = documentAt(rank);
  const type = SEARCHED_TYPES[index.types[document] ?? 0] ?? "region";
  return {
    id: entityId(type, index.documents[document]?.localId ?? ""),
    release: index.release,
    score: scoreAt(rank),
    matches: matchesOf(index, document, query),
  };
}
