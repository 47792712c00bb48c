/**
 * `@graphql-tools/schema` in the bundle of a function: Apollo Server loads it for servers that are given type
 * definitions. Ours is given a schema, built in `functions/graphql/schema.ts`.
 */
export function makeExecutableSchema(): never {
  throw new Error("this bundle has no @graphql-tools/schema: give Apollo Server a schema");
}
