import { buildSchema, printSchema } from "graphql";
import { describe, expect, test } from "vitest";
import { resolvers } from "../../functions/graphql/resolvers/index.ts";
import { asksForSchema, describeSchema, executableSchema } from "../../functions/graphql/schema.ts";
import { outline } from "../../schema/generated/outline.ts";
import { sdl } from "../../schema/generated/sdl.ts";

describe("the schema that is served", () => {
  test("is, with its descriptions, the schema of the SDL", () => {
    const schema = executableSchema(outline, resolvers);
    expect(printSchema(schema)).not.toContain('"""');
    describeSchema(schema, sdl);
    expect(printSchema(schema)).toBe(printSchema(buildSchema(sdl)));
  });

  test("takes no resolver that has no place in it", () => {
    expect(() => executableSchema(outline, { Query: { nothing: () => null } })).toThrow("Query.nothing");
    expect(() => executableSchema(outline, { Nothing: { id: () => null } })).toThrow("Nothing.id");
  });

  test.for([
    ["{ __schema { types { name } } }", true],
    ['query { __type(name: "Region") { name } }', true],
    ["{ __typename }", false],
    [undefined, false],
  ] as const)("is asked for by %s: %s", ([source, asked]) => {
    expect(asksForSchema(source)).toBe(asked);
  });
});
