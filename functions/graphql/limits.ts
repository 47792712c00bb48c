/** What is measured of a document before anything else looks at it. */
export type DocumentLimit =
  | "DOCUMENT_BYTES"
  | "TOKENS"
  | "NESTING"
  | "DEPTH"
  | "ROOT_FIELDS"
  | "ALIASES"
  | "FIELDS"
  | "SAME_NAME"
  | "SCHEMA_QUESTIONS"
  | "DIRECTIVES"
  | "FRAGMENTS"
  | "VARIABLES";

/** What `extensions.limit` of QUERY_LIMIT_EXCEEDED can be. */
export type LimitName = DocumentLimit | "ANSWER_FIELDS";

export interface Limit {
  readonly allowed: number;
  /** What there is too much of, as a message says it. */
  readonly of: string;
  /** Why there is such a limit, and why it is no lower. */
  readonly because: string;
}

/**
 * The largest documents that are looked at, whoever sends them. Cost is for fairness and differs by caller; these keep
 * what happens before cost is known (parsing, validation, the computation of cost itself) to some milliseconds.
 */
export const LIMITS: Readonly<Record<LimitName, Limit>> = {
  DOCUMENT_BYTES: {
    allowed: 32 * 1024,
    of: "bytes",
    because: "the parser reads every one; values belong into variables",
  },
  TOKENS: {
    allowed: 2_000,
    of: "tokens",
    because: "parsing and validation take time for each; the introspection query of tools has 184",
  },
  NESTING: {
    allowed: 50,
    of: "brackets, braces and parentheses within each other",
    because: "the parser calls itself for each; fields of the greatest depth with their arguments have some 20",
  },
  DEPTH: {
    allowed: 16,
    of: "levels of fields",
    because: "each level can multiply what the one above it asks for; the introspection query has 15",
  },
  ROOT_FIELDS: {
    allowed: 40,
    of: "fields of the query itself",
    because: "they are all read at once; the provinces of a country fit",
  },
  ALIASES: {
    allowed: 150,
    of: "aliases",
    because: "they ask for the same thing many times",
  },
  FIELDS: {
    allowed: 2_500,
    of: "fields, those of fragments counted wherever these are used",
    because: "a few fragments that use each other can stand for millions of fields",
  },
  SAME_NAME: {
    allowed: 25,
    of: "fields that would be merged into one",
    because: "validation compares each with each; fragments that all ask for an id are few",
  },
  SCHEMA_QUESTIONS: {
    allowed: 1,
    of: "`__schema` in an operation",
    because: "each can be answered with all that there is to say of the schema, and one suffices for that",
  },
  DIRECTIVES: {
    allowed: 100,
    of: "directives",
    because: "each is validated on its own and most say nothing new",
  },
  FRAGMENTS: {
    allowed: 50,
    of: "fragment definitions",
    because: "validation compares each with each",
  },
  VARIABLES: {
    allowed: 50,
    of: "variables",
    because: "each is validated and coerced on its own",
  },
  ANSWER_FIELDS: {
    allowed: 250_000,
    of: "fields in the answer, lists taken to be as long as @listSize says",
    because: "an answer is made in memory; larger ones come as a bulk export",
  },
};

/** After so many errors validation stops: the rest of a hostile document is not worth telling. */
export const MAX_VALIDATION_ERRORS = 20;

/** After so many errors of variables the rest is not told either: each quotes the value that is wrong. */
export const MAX_VARIABLE_ERRORS = 5;

/** Messages quote what was sent; a value of 256 KB need not come back. */
export const MAX_MESSAGE_LENGTH = 500;
