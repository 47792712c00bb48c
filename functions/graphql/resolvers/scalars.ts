import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from "graphql";

/**
 * Our scalars are texts that the core reads: it knows the argument that a value was given for and can name it, which
 * a scalar cannot. Here only the kind of literal is checked.
 */
function textScalar(name: string): GraphQLScalarType<string, string> {
  return new GraphQLScalarType({
    name,
    serialize: (value) => String(value),
    parseValue: (value) => requireText(name, value),
    parseLiteral: (node) => requireText(name, node.kind === Kind.STRING ? node.value : undefined),
  });
}

function requireText(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new GraphQLError(`${name} takes a text`);
}

function requireReleaseRef(value: unknown): string | number {
  if (typeof value === "string" || Number.isInteger(value)) return value as string | number;
  throw new GraphQLError("ReleaseRef takes a release number or a date");
}

function releaseRefOf(node: ValueNode): unknown {
  if (node.kind === Kind.INT) return Number(node.value);
  return node.kind === Kind.STRING ? node.value : undefined;
}

export const scalars = {
  Decimal: textScalar("Decimal"),
  TimePeriod: textScalar("TimePeriod"),
  PartialDate: textScalar("PartialDate"),
  DateTime: textScalar("DateTime"),
  ReleaseRef: new GraphQLScalarType<string | number, string | number>({
    name: "ReleaseRef",
    serialize: requireReleaseRef,
    parseValue: requireReleaseRef,
    parseLiteral: (node) => requireReleaseRef(releaseRefOf(node)),
  }),
};
