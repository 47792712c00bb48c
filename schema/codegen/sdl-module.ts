import { type GraphQLSchema, printSchema } from "graphql";

/**
 * A graphql-codegen plugin: a TypeScript module that exports the printed schema as `sdl`, so that a bundled function
 * carries the contract with its descriptions and reads no file at run time.
 */
export function plugin(schema: GraphQLSchema): string {
  return `export const sdl: string = \`${escapeTemplate(printSchema(schema))}\n\`;\n`;
}

/** Backslashes, backticks and `${` end or alter a template literal (ECMA-262 §12.9.6) unless they are escaped. */
function escapeTemplate(text: string): string {
  return text.replace(/[\\`]|\$(?=\{)/g, "\\$&");
}
