import {
  type DirectiveLocation,
  GraphQLDirective,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLSchema,
  type GraphQLType,
  type GraphQLTypeResolver,
  GraphQLUnionType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  specifiedDirectives,
  specifiedScalarTypes,
} from "graphql";
import type { ArgumentOutlines, FieldOutlines, SchemaOutline, TypeOutline } from "../../schema/outline.ts";

type FieldResolver = GraphQLFieldResolver<unknown, unknown>;
type FieldResolvers = Readonly<Record<string, FieldResolver>>;
/** Of a scalar, the scalar itself; of others, functions by field and `__resolveType`. */
type TypeResolvers = GraphQLScalarType | FieldResolvers;

/**
 * The schema of an outline, with its resolvers. Both were checked when they were generated and compiled, so nothing is
 * checked again with every cold start but that each resolver has its place.
 */
export function executableSchema(outline: SchemaOutline, resolvers: object): GraphQLSchema {
  const resolversOf = resolvers as Readonly<Record<string, TypeResolvers>>;
  requirePlaces(outline, resolversOf);
  const types = new Map<string, GraphQLNamedType>(specifiedScalarTypes.map((type) => [type.name, type]));
  const references = new Map<string, GraphQLType>();

  /** `[Region!]!` as types of graphql-js. */
  function typeOf(reference: string): GraphQLType {
    const known = references.get(reference) ?? types.get(reference);
    if (known) return known;
    const type = reference.endsWith("!")
      ? new GraphQLNonNull(typeOf(reference.slice(0, -1)) as GraphQLInputType)
      : new GraphQLList(typeOf(reference.slice(1, -1)));
    references.set(reference, type);
    return type;
  }
  const named = <T extends GraphQLNamedType>(names: readonly string[]) => names.map((name) => types.get(name) as T);
  const args = (outlines: ArgumentOutlines): Record<string, GraphQLInputFieldConfig> =>
    mapped(outlines, (each) => ({ ...each, type: typeOf(each.type) as GraphQLInputType }));
  const fields = (
    outlines: FieldOutlines,
    resolve: FieldResolvers,
  ): Record<string, GraphQLFieldConfig<unknown, unknown>> =>
    mapped(outlines, (each, name) => ({
      deprecationReason: each.deprecationReason,
      type: typeOf(each.type) as GraphQLOutputType,
      ...(each.args ? { args: args(each.args) } : {}),
      ...(resolve[name] ? { resolve: resolve[name] } : {}),
    }));

  function build(name: string, type: TypeOutline): GraphQLNamedType {
    const given = resolversOf[name];
    if (type.kind === "SCALAR") {
      const { specifiedByURL } = type;
      return new GraphQLScalarType({ ...(given as GraphQLScalarType | undefined)?.toConfig(), name, specifiedByURL });
    }
    if (type.kind === "ENUM") return new GraphQLEnumType({ name, values: mapped(type.values, (each) => each) });
    if (type.kind === "INPUT_OBJECT") {
      return new GraphQLInputObjectType({ name, isOneOf: type.isOneOf ?? false, fields: () => args(type.fields) });
    }
    const { __resolveType, ...resolve } = (given ?? {}) as FieldResolvers;
    const resolveType = __resolveType as GraphQLTypeResolver<unknown, unknown> | undefined;
    if (type.kind === "UNION") {
      return new GraphQLUnionType({ name, types: () => named<GraphQLObjectType>(type.types), resolveType });
    }
    const config = {
      name,
      interfaces: () => named<GraphQLInterfaceType>(type.interfaces ?? []),
      fields: () => fields(type.fields, resolve),
    };
    return type.kind === "OBJECT"
      ? new GraphQLObjectType(config)
      : new GraphQLInterfaceType({ ...config, resolveType });
  }

  const ours = Object.entries(outline.types).map(([name, type]) => build(name, type));
  for (const type of ours) types.set(type.name, type);
  const directives = Object.entries(outline.directives).map(
    ([name, each]) =>
      new GraphQLDirective({ ...each, name, args: args(each.args), locations: each.locations as DirectiveLocation[] }),
  );
  return new GraphQLSchema({
    query: types.get("Query") as GraphQLObjectType,
    types: ours,
    directives: [...directives, ...specifiedDirectives],
    assumeValid: true,
  });
}

function requirePlaces({ types }: SchemaOutline, resolvers: Readonly<Record<string, TypeResolvers>>): void {
  for (const [name, given] of Object.entries(resolvers)) {
    const type = types[name];
    if (given instanceof GraphQLScalarType && type?.kind === "SCALAR") continue;
    const isAbstract = type?.kind === "INTERFACE" || type?.kind === "UNION";
    for (const key of Object.keys(given)) {
      const hasPlace = key === "__resolveType" ? isAbstract : type?.kind === "OBJECT" && key in type.fields;
      if (!hasPlace) throw new Error(`there is a resolver for ${name}.${key}, which the schema does not have`);
    }
  }
}

function mapped<T, R>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => R): Record<string, R> {
  const result: Record<string, R> = {};
  for (const key in record) result[key] = map(record[key] as T, key);
  return result;
}

/** Whether a document may ask for the schema; it may also only seem to. */
export function asksForSchema(source: string | undefined): boolean {
  return source !== undefined && /__(schema|type)\b/.test(source);
}

interface Described {
  description?: string | null | undefined;
}

/** Gives a schema that was built without descriptions those of its SDL. */
export function describeSchema(schema: GraphQLSchema, sdl: string): void {
  for (const definition of parse(sdl, { noLocation: true }).definitions) {
    const described = "description" in definition ? definition.description?.value : undefined;
    if (definition.kind === "DirectiveDefinition") {
      const directive = schema.getDirective(definition.name.value);
      describe(directive, described);
      describeAll(directive?.args, definition.arguments);
    } else if ("name" in definition && definition.name) {
      const type = schema.getType(definition.name.value);
      describe(type, described);
      if ("fields" in definition && (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))) {
        const fields = type.getFields();
        describeAll(Object.values(fields), definition.fields);
        for (const field of definition.fields ?? []) {
          const known = fields[field.name.value];
          if ("arguments" in field && known && "args" in known) describeAll(known.args, field.arguments);
        }
      }
      if (definition.kind === "EnumTypeDefinition" && type && "getValues" in type) {
        describeAll(type.getValues(), definition.values);
      }
    }
  }
}

interface DefinitionNode {
  readonly name: { readonly value: string };
  readonly description?: { readonly value: string } | undefined;
}

function describeAll(
  known: readonly (Described & { readonly name: string })[] | undefined,
  nodes: readonly DefinitionNode[] | undefined,
): void {
  for (const { name, description } of nodes ?? []) {
    describe(
      known?.find((each) => each.name === name.value),
      description?.value,
    );
  }
}

function describe(described: Described | null | undefined, description: string | undefined): void {
  if (described && description !== undefined) described.description = description;
}
