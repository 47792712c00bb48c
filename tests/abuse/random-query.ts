import {
  type GraphQLArgument,
  GraphQLBoolean,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";

/** A random operation that the schema allows, with variables that fit. */
export interface RandomQuery {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Texts that may stand for an argument or input field, by its name, or by `Field.name` where that differs. */
export type Texts = Readonly<Record<string, readonly (string | number)[]>>;

const MOST_FIELDS = 3;
const DEEPEST = 5;

/** Writes operations from a schema: all that a choice is needed for comes from `random`, a number in [0, 1). */
export class QueryWriter {
  readonly #schema: GraphQLSchema;
  readonly #texts: Texts;
  readonly #random: () => number;
  #names = 0;
  #definitions: string[] = [];
  #fragments: string[] = [];
  #variables: Record<string, unknown> = {};

  constructor(schema: GraphQLSchema, texts: Texts, random: () => number) {
    this.#schema = schema;
    this.#texts = texts;
    this.#random = random;
  }

  write(): RandomQuery {
    [this.#names, this.#definitions, this.#fragments, this.#variables] = [0, [], [], {}];
    const selection = this.#selection(this.#schema.getQueryType() as GraphQLObjectType, 0);
    const definitions = this.#definitions.length > 0 ? `(${this.#definitions.join(", ")})` : "";
    return {
      query: [`query Random${definitions} ${selection}`, ...this.#fragments].join("\n"),
      variables: this.#variables,
    };
  }

  /** Fields have names of their own, so that none is merged with one of other arguments. */
  #selection(type: GraphQLNamedType, depth: number): string {
    const parts = isAbstractType(type) ? this.#narrowed(type.name, depth) : [];
    if (isObjectType(type) || isInterfaceType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => depth < DEEPEST || isShallow(field));
      const count = 1 + this.#below(MOST_FIELDS);
      for (let i = 0; i < count && fields.length > 0; i += 1)
        parts.push(this.#field(type.name, this.#one(fields), depth));
    }
    if (parts.length === 0 || this.#chance(0.1)) parts.push("__typename");
    return `{ ${parts.join(" ")} }`;
  }

  #narrowed(type: string, depth: number): string[] {
    const possible = this.#schema.getPossibleTypes(this.#schema.getType(type) as never);
    const count = this.#below(3);
    return Array.from({ length: count }, () => this.#one(possible)).map((each) => {
      const selection = this.#selection(each, depth);
      if (this.#chance(0.5)) return `... on ${each.name} ${this.#condition()} ${selection}`;
      const name = this.#name("F");
      this.#fragments.push(`fragment ${name} on ${each.name} ${selection}`);
      return `...${name} ${this.#condition()}`;
    });
  }

  #field(parent: string, field: GraphQLField<unknown, unknown>, depth: number): string {
    const type = getNamedType(field.type);
    const selection = isCompositeType(type) ? ` ${this.#selection(type, depth + 1)}` : "";
    const place = `${parent}.${field.name}`;
    return `${this.#name("x")}: ${field.name}${this.#arguments(field.args, place)} ${this.#condition()}${selection}`;
  }

  #arguments(args: readonly GraphQLArgument[], place: string): string {
    const given = args
      .filter((arg) => isNonNullType(arg.type) || this.#chance(0.35))
      .map((arg) => this.#argument(arg, place));
    return given.length === 0 ? "" : `(${given.join(", ")})`;
  }

  #argument({ name, type }: GraphQLArgument, place: string): string {
    const value = this.#value(type, name, place);
    if (!this.#chance(0.4)) return `${name}: ${literal(value, type)}`;
    return `${name}: ${this.#variable(type, value)}`;
  }

  /** A variable of the type, or one that may be null and has a default, wherever it is used; sent as null at times. */
  #variable(type: GraphQLInputType, value: unknown): string {
    const variable = this.#name("v");
    if (this.#chance(0.3)) {
      this.#definitions.push(`$${variable}: ${getNullableType(type)} = ${literal(value, type)}`);
      if (this.#chance(0.7)) this.#variables[variable] = this.#chance(0.3) ? null : value;
    } else {
      this.#definitions.push(`$${variable}: ${type}`);
      this.#variables[variable] = value;
    }
    return `$${variable}`;
  }

  #condition(): string {
    if (!this.#chance(0.1)) return "";
    const directive = this.#chance(0.5) ? "skip" : "include";
    if (this.#chance(0.5)) return `@${directive}(if: ${this.#chance(0.5)})`;
    return `@${directive}(if: ${this.#variable(new GraphQLNonNull(GraphQLBoolean), this.#chance(0.5))})`;
  }

  #value(type: GraphQLInputType, name: string, place: string): unknown {
    if (isNonNullType(type)) return this.#value(type.ofType, name, place);
    if (isListType(type)) return Array.from({ length: this.#below(4) }, () => this.#value(type.ofType, name, place));
    if (isEnumType(type)) return this.#one(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      const given = type.isOneOf
        ? [this.#one(fields)]
        : fields.filter((field) => isNonNullType(field.type) || this.#chance(0.5));
      return Object.fromEntries(given.map((field) => [field.name, this.#value(field.type, field.name, type.name)]));
    }
    const texts = this.#texts[`${place}.${name}`] ?? this.#texts[name];
    if (!texts) throw new Error(`nothing is known that ${place}(${name}:) could be`);
    return this.#one(texts);
  }

  #name(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #one<T>(values: readonly T[]): T {
    return values[this.#below(values.length)] as T;
  }
}

function isShallow(field: GraphQLField<unknown, unknown>): boolean {
  return !isCompositeType(getNamedType(field.type)) && field.args.every((arg) => !isNonNullType(arg.type));
}

/** A value as it stands in a document: enum values and the keys of objects without quotes. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (isListType(type)) return `[${(value as unknown[]).map((each) => literal(each, type.ofType)).join(", ")}]`;
  if (isEnumType(type)) return String(value);
  if (!isInputObjectType(type)) return JSON.stringify(value);
  const fields = type.getFields();
  const parts = Object.entries(value as object).map(([name, each]) => {
    const field = fields[name];
    return field ? `${name}: ${literal(each, field.type)}` : "";
  });
  return `{ ${parts.join(", ")} }`;
}

/** Mulberry32: the same numbers for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
