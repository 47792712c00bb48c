/** All that answering a search takes, in one place: loaded when somebody searches first, and by nobody else. */
export { SEARCHED_TYPES, type SearchedType } from "./documents.ts";
export { parseQuery } from "./query.ts";
export { search } from "./search.ts";
export { countByRegion, countHits } from "./search-facets.ts";
export type { SearchIndex } from "./search-index.ts";
export { SearchShelf } from "./shelf.ts";
export { suggest } from "./suggest.ts";
