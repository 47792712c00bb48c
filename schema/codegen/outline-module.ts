import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  isUnionType,
} from "graphql";
import type { ArgumentOutline, FieldOutline, SchemaOutline, TypeOutline } from "../outline.ts";

/**
 * A graphql-codegen plugin: the outline of the schema, as JSON in a string, which V8 reads faster than JavaScript.
 * Descriptions, three quarters of the SDL, are for those who ask for the schema.
 */
export function plugin(schema: GraphQLSchema): string {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  const directives = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive));
  const outline: SchemaOutline = {
    types: byName(types, outlineOf),
    directives: byName(directives, ({ args, locations, isRepeatable }) => ({
      args: byName(args, argumentOutline),
      locations,
      ...(isRepeatable ? { isRepeatable } : {}),
    })),
  };
  const json = JSON.stringify(JSON.stringify(outline));
  return `import type { SchemaOutline } from "../outline.ts";\n\nexport const outline: SchemaOutline = JSON.parse(\n  ${json},\n);\n`;
}

function outlineOf(type: GraphQLNamedType): TypeOutline {
  if (isObjectType(type) || isInterfaceType(type)) {
    const interfaces = type.getInterfaces().map(({ name }) => name);
    return {
      kind: isObjectType(type) ? "OBJECT" : "INTERFACE",
      fields: byName(Object.values(type.getFields()), (field): FieldOutline => {
        const { args, deprecationReason } = field;
        return {
          type: `${field.type}`,
          ...(args.length > 0 ? { args: byName(args, argumentOutline) } : {}),
          ...(deprecationReason ? { deprecationReason } : {}),
        };
      }),
      ...(interfaces.length > 0 ? { interfaces } : {}),
    };
  }
  if (isInputObjectType(type)) {
    const fields = byName(Object.values(type.getFields()), argumentOutline);
    return { kind: "INPUT_OBJECT", fields, ...(type.isOneOf ? { isOneOf: true } : {}) };
  }
  if (isUnionType(type)) return { kind: "UNION", types: type.getTypes().map(({ name }) => name) };
  if (isEnumType(type)) {
    const values = byName(type.getValues(), ({ deprecationReason }) =>
      deprecationReason ? { deprecationReason } : {},
    );
    return { kind: "ENUM", values };
  }
  const { specifiedByURL } = type;
  return { kind: "SCALAR", ...(specifiedByURL ? { specifiedByURL } : {}) };
}

function argumentOutline({
  type,
  defaultValue,
  deprecationReason,
}: GraphQLArgument | GraphQLInputField): ArgumentOutline {
  return {
    type: `${type}`,
    ...(defaultValue === undefined ? {} : { defaultValue }),
    ...(deprecationReason ? { deprecationReason } : {}),
  };
}

function byName<T extends { readonly name: string }, R>(
  named: readonly T[],
  outline: (each: T) => R,
): Record<string, R> {
  return Object.fromEntries(named.map((each) => [each.name, outline(each)]));
}
