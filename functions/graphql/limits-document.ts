import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  Lexer,
  parse,
  type SelectionSetNode,
  Source,
  TokenKind,
} from "graphql";
import { LRUCache } from "lru-cache";
import { queryLimitExceeded } from "./errors.ts";
import { type DocumentLimit, LIMITS } from "./limits.ts";

/** Marks every error that graphql-js throws because a document has more tokens than it was told to read. */
const TOO_MANY_TOKENS = /Parsing aborted/;

/** Characters of documents that are remembered to be within limits: some thousand of them. */
const REMEMBERED = 2 * 1024 ** 2;

/** `requireWithinLimits` that looks at a document once. */
export function documentCheck(remembered = REMEMBERED): (source: string) => void {
  const passed = new LRUCache<string, true>({ maxSize: remembered, sizeCalculation: (_, source) => source.length + 1 });
  return (source) => {
    if (passed.has(source)) return;
    requireWithinLimits(source);
    passed.set(source, true);
  };
}

/**
 * Looks at a document before it is validated: validation itself takes time that grows with the square of what some
 * documents hold. A document that is no GraphQL passes; whoever parses it next says what is wrong with it.
 *
 * @throws GraphQLError QUERY_LIMIT_EXCEEDED
 */
export function requireWithinLimits(source: string): void {
  // A character takes at most three bytes (RFC 3629): most documents need no counting.
  if (source.length * 3 > LIMITS.DOCUMENT_BYTES.allowed) requireWithin("DOCUMENT_BYTES", Buffer.byteLength(source));
  requireWithin("NESTING", nestingOf(source));
  const document = parsed(source);
  if (document) new DocumentMeasure(document).measure();
}

const OPENING: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** The most brackets that are open at once, as far as they are known to be too many or the parser would read on. */
function nestingOf(source: string): number {
  const lexer = new Lexer(new Source(source));
  let deepest = 0;
  let open = 0;
  try {
    for (let tokens = 0; tokens <= LIMITS.TOKENS.allowed && deepest <= LIMITS.NESTING.allowed; tokens += 1) {
      const { kind } = lexer.advance();
      if (kind === TokenKind.EOF) return deepest;
      if (OPENING.has(kind)) open += 1;
      else if (CLOSING.has(kind)) open -= 1;
      deepest = Math.max(deepest, open);
    }
  } catch {
    // What is no token is found again by the parser, which is asked next.
  }
  return deepest;
}

function parsed(source: string): DocumentNode | undefined {
  try {
    return parse(source, { maxTokens: LIMITS.TOKENS.allowed, noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError && TOO_MANY_TOKENS.test(error.message)) throw queryLimitExceeded("TOKENS");
    return undefined;
  }
}

function requireWithin(limit: DocumentLimit, amount: number): void {
  if (amount > LIMITS[limit].allowed) throw queryLimitExceeded(limit);
}

/** A selection set, and the fragments that one is in there. */
interface Place {
  readonly set: SelectionSetNode;
  readonly within: readonly string[];
}

/** A field where it stands, and the fragments that one is in there. */
interface FieldUse {
  readonly field: FieldNode;
  readonly within: readonly string[];
}

/**
 * Walks a document as execution would, fields of one name merged and fragments entered wherever they are used, but
 * without knowing types, so that fields which exclude each other count as merged. It stops where FIELDS is passed.
 */
class DocumentMeasure {
  readonly #document: DocumentNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  #fields = 0;
  #aliases = 0;
  #directives = 0;

  constructor(document: DocumentNode) {
    this.#document = document;
    const fragments = document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
    requireWithin("FRAGMENTS", fragments.length);
  }

  measure(): void {
    for (const definition of this.#document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      const { variableDefinitions = [], selectionSet, kind } = definition;
      this.#countDirectives(definition.directives);
      for (const variable of variableDefinitions) this.#countDirectives(variable.directives);
      requireWithin("VARIABLES", variableDefinitions.length);
      // Fragments are measured for themselves too: those that nobody uses are validated like the others.
      const within = kind === Kind.FRAGMENT_DEFINITION ? [definition.name.value] : [];
      const named = this.#fieldsIn([{ set: selectionSet, within }]);
      if (kind === Kind.OPERATION_DEFINITION) {
        requireWithin("ROOT_FIELDS", named.size);
        const questions = [...named.values()].filter(([use]) => use?.field.name.value === "__schema");
        requireWithin("SCHEMA_QUESTIONS", questions.length);
      }
      this.#descend(named, 1);
    }
  }

  #descend(named: ReadonlyMap<string, readonly FieldUse[]>, depth: number): void {
    requireWithin("DEPTH", depth);
    for (const uses of named.values()) {
      requireWithin("SAME_NAME", uses.length);
      const places = uses.flatMap(({ field, within }) =>
        field.selectionSet ? [{ set: field.selectionSet, within }] : [],
      );
      if (places.length > 0) this.#descend(this.#fieldsIn(places), depth + 1);
    }
  }

  /** The fields of selection sets that are merged, by the name under which they are answered. */
  #fieldsIn(places: readonly Place[]): Map<string, FieldUse[]> {
    const named = new Map<string, FieldUse[]>();
    const entered = new Set<string>();
    for (const place of places) this.#collect(place, named, entered);
    return named;
  }

  #collect({ set, within }: Place, named: Map<string, FieldUse[]>, entered: Set<string>): void {
    for (const selection of set.selections) {
      this.#fields += 1;
      requireWithin("FIELDS", this.#fields);
      this.#countDirectives(selection.directives);
      if (selection.kind === Kind.FIELD) this.#note({ field: selection, within }, named);
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        this.#collect({ set: selection.selectionSet, within }, named, entered);
      else this.#enter(selection.name.value, within, named, entered);
    }
  }

  #note(use: FieldUse, named: Map<string, FieldUse[]>): void {
    const { alias, name } = use.field;
    if (alias) {
      this.#aliases += 1;
      requireWithin("ALIASES", this.#aliases);
    }
    const key = (alias ?? name).value;
    const uses = named.get(key);
    if (uses) uses.push(use);
    else named.set(key, [use]);
  }

  /** Execution enters a fragment once for each selection set; one that is within itself is for validation to refuse. */
  #enter(name: string, within: readonly string[], named: Map<string, FieldUse[]>, entered: Set<string>): void {
    const fragment = this.#fragments.get(name);
    if (!fragment || entered.has(name) || within.includes(name)) return;
    entered.add(name);
    this.#collect({ set: fragment.selectionSet, within: [...within, name] }, named, entered);
  }

  #countDirectives(directives: readonly unknown[] = []): void {
    this.#directives += directives.length;
    requireWithin("DIRECTIVES", this.#directives);
  }
}
