import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildSchema,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isIntrospectionType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
} from "graphql";
import { describe, expect, test } from "vitest";
import { operationCost } from "../../functions/graphql/cost/cost.ts";
import { fragmentsOf } from "../../functions/graphql/cost/selection.ts";
import { LIMITS } from "../../functions/graphql/limits.ts";
import { requireWithinLimits } from "../../functions/graphql/limits-document.ts";
import { costs } from "../../schema/generated/costs.ts";
import { sdl } from "../../schema/generated/sdl.ts";

const root = join(import.meta.dirname, "../..");
const schema = buildSchema(sdl);
const types = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter((type) => !isIntrospectionType(type));

function costOf(query: string, variables: Record<string, unknown> = {}) {
  const document = parse(query);
  const operation = document.definitions[0] as OperationDefinitionNode;
  return operationCost(operation, { schema, fragments: fragmentsOf(document), variables });
}

const unitsOf = (query: string, variables?: Record<string, unknown>) => costOf(query, variables).units;

describe("the schema", () => {
  test("says of every type what an object costs", () => {
    expect(types.map(({ name }) => name).filter((name) => costs.types[name] === undefined)).toEqual([]);
  });

  test("says of every list of objects how long it is taken to be", () => {
    const sized = new Set(
      types.flatMap((type) =>
        Object.values(type.getFields()).flatMap(({ name, type: returned }) =>
          (costs.fields[`${type.name}.${name}`]?.size?.fields ?? []).map(
            (field) => `${getNamedType(returned).name}.${field}`,
          ),
        ),
      ),
    );
    const unsized = types.flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type)))
        .map((field) => `${type.name}.${field.name}`)
        .filter((place) => !sized.has(place) && costs.fields[place]?.size === undefined),
    );
    expect(unsized).toEqual([]);
  });
});

/** `Query` itself weighs 1: what looks up HEAD. */
describe("the cost of an operation", () => {
  test.for<[units: number, query: string]>([
    [1, "{ __typename }"],
    [3, '{ region(code: "ZZ") { id name { text } } }'],
    [4, '{ region(code: "ZZ") { parent { id } } }'],
    [1 + 2 + 5, "{ platforms { nodes { id } } }"],
    [1 + 2 + 25, "{ platforms(first: 100) { nodes { id } } }"],
    [1 + 2 + 25, "{ platforms(last: 100) { edges { node { id } } } }"],
    [1 + 2 + 5 + 25, "{ platforms { nodes { region { code } } } }"],
    [1 + 2 + 2, "{ platforms(first: 0) { totalCount } }"],
    [26, "{ __schema { types { name } } }"],
    [51, "{ __schema { a: types { name } b: types { kind } directives { name } } }"],
  ])("is %i for %s", ([units, query]) => {
    expect(unitsOf(query)).toBe(units);
  });

  test("counts what arguments and their fields weigh when they are given", () => {
    const none = unitsOf("{ platforms(first: 0) { nodes { id } } }");
    expect(unitsOf('{ platforms(filter: { within: "52" }, first: 0) { nodes { id } } }')).toBe(none + 1);
    expect(unitsOf("{ platforms(orderBy: { field: NAME }, first: 0) { nodes { id } } }")).toBe(none + 10);
    expect(unitsOf("{ platforms(filter: null, first: 0) { nodes { id } } }")).toBe(none);
  });

  test("resolves variables", () => {
    const query = "query ($n: Int) { platforms(first: $n) { nodes { id } } }";
    expect(unitsOf(query, { n: 100 })).toBe(unitsOf("{ platforms(first: 100) { nodes { id } } }"));
    expect(unitsOf(query)).toBe(unitsOf("{ platforms { nodes { id } } }"));
    const ids = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    expect(unitsOf(ids, { ids: Array(100).fill("region:1") })).toBe(1 + 200 + 100);
  });

  test("leaves out what is not included, and counts what is merged once", () => {
    const bare = unitsOf('{ region(code: "ZZ") { id } }');
    const query = 'query ($all: Boolean!) { region(code: "ZZ") { id children @include(if: $all) { totalCount } } }';
    expect(unitsOf(query, { all: false })).toBe(bare);
    expect(unitsOf(query, { all: true })).toBe(bare + 4);
    expect(
      unitsOf(
        '{ region(code: "ZZ") { id } region(code: "ZZ") { code } ...f } fragment f on Query { region(code: "ZZ") { level } }',
      ),
    ).toBe(bare);
  });

  test("is that of the dearest type where several are possible", () => {
    const query = '{ node(id: "x") { ... on Source { id } ... on Region { children(first: 100) { nodes { id } } } } }';
    expect(unitsOf(query)).toBe(Math.ceil(1 + 1 + 0.25 + 2 + 25));
  });

  test("counts the fields of the answer", () => {
    expect(costOf('{ region(code: "ZZ") { id names { text language } } }').fields).toBe(1 + 1 + 1 + 2 * 2);
  });
});

describe("a document", () => {
  const many = (count: number, text: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => text(i)).join(" ");
  const nested = (depth: number) =>
    `{ region(code: "1") ${"{ parent ".repeat(depth - 2)}{ id }${" }".repeat(depth - 2)} }`;
  const AT: Readonly<Record<Exclude<keyof typeof LIMITS, "ANSWER_FIELDS">, (amount: number) => string>> = {
    DOCUMENT_BYTES: (amount) => `{a} #${"x".repeat(amount - 5)}`,
    TOKENS: (amount) => `{ a(a: [${"1 ".repeat(amount - 9)}]) }`,
    NESTING: (amount) => `{ f(a: ${"[".repeat(amount - 2)}${"]".repeat(amount - 2)}) }`,
    DEPTH: nested,
    ROOT_FIELDS: (amount) => `{ ${many(amount, (i) => `f${i}`)} }`,
    ALIASES: (amount) => `{ f { ${many(amount, (i) => `a${i}: f`)} } }`,
    FIELDS: (amount) => usedTenTimes(Math.floor((amount - 20) / 11), (amount - 20) % 11),
    SAME_NAME: (amount) => `{ ${"f ".repeat(amount)}}`,
    SCHEMA_QUESTIONS: (amount) => `{ ${many(amount, (i) => `a${i}: __schema { f }`)} }`,
    DIRECTIVES: (amount) => `{ f ${"@d ".repeat(amount)}}`,
    FRAGMENTS: (amount) => `{ f } ${many(amount, (i) => `fragment f${i} on Query { f }`)}`,
    VARIABLES: (amount) => `query (${many(amount, (i) => `$v${i}: Int`)}) { f }`,
  };
  /** A fragment counts for itself and wherever it is used, where the field around it and its name count as well. */
  const usedTenTimes = (size: number, more: number) =>
    `{ ${many(10, (i) => `f${i} { ...F ${i === 0 ? many(more, (j) => `x${j}`) : ""} }`)} } fragment F on X { ${many(size, (i) => `a${i}`)} }`;

  test.for(Object.entries(AT))("may have as many of %s as are allowed, and no more", ([limit, at]) => {
    const { allowed, of } = LIMITS[limit as keyof typeof LIMITS];
    expect(() => requireWithinLimits(at(allowed))).not.toThrow();
    expect(() => requireWithinLimits(at(allowed + 1))).toThrow(
      expect.objectContaining({
        message: `At most ${allowed} ${of} are allowed.`,
        extensions: expect.objectContaining({ code: "QUERY_LIMIT_EXCEEDED", limit, allowed }),
      }),
    );
  });

  test("of the tools that ask for the schema is within limits", () => {
    const options = { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, oneOf: true };
    expect(() => requireWithinLimits(getIntrospectionQuery(options))).not.toThrow();
  });

  test.for(
    readdirSync(join(root, "schema/operations"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".graphql"),
    ),
  )("of ours is within limits and cheap: %s", (name) => {
    const query = readFileSync(join(root, "schema/operations", name), "utf8");
    expect(() => requireWithinLimits(query)).not.toThrow();
    expect(unitsOf(query)).toBeLessThan(200);
  });
});

describe("the documentation", () => {
  const api = readFileSync(join(root, "docs/api.md"), "utf8");

  test("tells every limit", () => {
    const section = api.slice(api.indexOf("## Limits"), api.indexOf("## Errors"));
    const told = [...section.matchAll(/^\| `([A-Z_]+)` +\| +([\d,]+) \| (.+?) +\| (.+?) +\|$/gm)].map(
      ([, name, allowed, of, because]) => [name, { allowed: Number(allowed?.replaceAll(",", "")), of, because }],
    );
    expect(Object.fromEntries(told)).toEqual(LIMITS);
  });

  test("tells every code", () => {
    const codes = schema.getType("ErrorCode");
    if (!isEnumType(codes)) throw new Error("the schema lists its codes");
    const section = api.slice(api.indexOf("## Errors"));
    const told = [...section.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(told.sort()).toEqual(
      codes
        .getValues()
        .map(({ name }) => name)
        .sort(),
    );
  });
});
