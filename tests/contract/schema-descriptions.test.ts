import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { describe, expect, it } from "vitest";
import { sdl } from "../../schema/generated/sdl.ts";

const schemaFolder = join(import.meta.dirname, "../../schema");

describe("the schema", () => {
  it("describes every type, field, argument and enum value", () => {
    expect(undescribed(schemaFromFiles())).toEqual([]);
  });

  it("keeps its descriptions in the module that is served", () => {
    expect(undescribed(buildSchema(sdl))).toEqual([]);
  });

  it("lists what has no description, by its coordinate", () => {
    const bare = buildSchema(`
      directive @late(by: Int) on FIELD_DEFINITION
      scalar Text
      enum Kind { OTHER }
      input Filter { kind: Kind }
      interface Node { id: ID! }
      type Query { node(id: ID! filter: Filter): Node text: Text """ """ blank: Int }
    `);
    expect(undescribed(bare)).toEqual([
      "@late",
      "@late(by:)",
      "Filter",
      "Filter.kind",
      "Kind",
      "Kind.OTHER",
      "Node",
      "Node.id",
      "Query",
      "Query.blank",
      "Query.node",
      "Query.node(filter:)",
      "Query.node(id:)",
      "Query.text",
      "Text",
    ]);
  });
});

describe("what is generated from the schema", () => {
  const expected = printSchema(lexicographicSortSchema(schemaFromFiles()));

  it("prints the SDL files, sorted, in schema.graphql", () => {
    const printed = readFileSync(join(schemaFolder, "generated/schema.graphql"), "utf8");
    expect(printSchema(buildSchema(printed))).toBe(expected);
  });

  it("carries the same text in the module that is served", () => {
    expect(sdl.trim()).toBe(expected);
  });
});

function schemaFromFiles(): GraphQLSchema {
  const files = readdirSync(schemaFolder).filter((name) => name.endsWith(".graphql"));
  return buildSchema(files.map((name) => readFileSync(join(schemaFolder, name), "utf8")).join("\n"));
}

interface Element {
  /** Schema coordinate (GraphQL specification, Schema Coordinates): `Type.field(argument:)`. */
  readonly coordinate: string;
  readonly description: string | null | undefined;
}

/** Schema coordinates of all elements of our own without a description, sorted. */
function undescribed(schema: GraphQLSchema): string[] {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  const directives = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive));
  const elements = [
    ...types.flatMap((type) => [{ coordinate: type.name, description: type.description }, ...membersOf(type)]),
    ...directives.flatMap(({ name, description, args }) => [
      { coordinate: `@${name}`, description },
      ...argumentsOf(`@${name}`, args),
    ]),
  ];
  return elements
    .filter(({ description }) => !description?.trim())
    .map(({ coordinate }) => coordinate)
    .sort();
}

function membersOf(type: GraphQLNamedType): Element[] {
  if (isEnumType(type)) {
    return type.getValues().map(({ name, description }) => ({ coordinate: `${type.name}.${name}`, description }));
  }
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map(({ name, description }) => ({
      coordinate: `${type.name}.${name}`,
      description,
    }));
  }
  if (isObjectType(type) || isInterfaceType(type)) {
    return Object.values(type.getFields()).flatMap(({ name, description, args }) => {
      const coordinate = `${type.name}.${name}`;
      return [{ coordinate, description }, ...argumentsOf(coordinate, args)];
    });
  }
  return [];
}

function argumentsOf(coordinate: string, args: readonly GraphQLArgument[]): Element[] {
  return args.map(({ name, description }) => ({ coordinate: `${coordinate}(${name}:)`, description }));
}
