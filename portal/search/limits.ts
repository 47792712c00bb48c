/**
 * Documents that an index holds. Entities that come when it is full are not found by search, and its answers say how
 * many those are. What an index of this size costs to load and to keep: docs/search.md.
 */
export const MAX_DOCUMENTS = 100_000;

/** UTF-16 units of a text that is searched for. */
export const MAX_TEXT_LENGTH = 200;

/** Words of it. */
export const MAX_WORDS = 16;
