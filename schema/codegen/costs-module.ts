import {
  type ConstDirectiveNode,
  type GraphQLArgument,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  valueFromASTUntyped,
} from "graphql";

/**
 * A graphql-codegen plugin: what `@cost` and `@listSize` say, as a module for the bundled functions. The printed schema
 * does not carry directives where they are applied, and a table needs no parsing with every cold start.
 */
export function plugin(schema: GraphQLSchema): string {
  const types: Record<string, number> = {};
  const fields: Record<string, object> = {};
  const inputs: Record<string, number> = {};
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    const weight = weightOf(type.astNode?.directives);
    if (weight !== undefined) types[type.name] = weight;
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        const cost = fieldCost(field.astNode?.directives, field.args);
        if (Object.keys(cost).length > 0) fields[`${type.name}.${field.name}`] = cost;
      }
    }
    if (!isInputObjectType(type)) continue;
    for (const { name, astNode } of Object.values(type.getFields())) {
      const weight = weightOf(astNode?.directives);
      if (weight !== undefined) inputs[`${type.name}.${name}`] = weight;
    }
  }
  return `${HEAD}export const costs: CostTable = ${JSON.stringify({ types, fields, inputs }, null, 2)};\n`;
}

const HEAD = `export interface ListSize {
  readonly assumed?: number;
  readonly slicing?: readonly string[];
  readonly fields?: readonly string[];
}

export interface FieldCost {
  readonly weight?: number;
  readonly arguments?: Readonly<Record<string, number>>;
  readonly size?: ListSize;
}

/** Weights by type, by field (\`Type.field\`) and by input field (\`Input.field\`). */
export interface CostTable {
  readonly types: Readonly<Record<string, number>>;
  readonly fields: Readonly<Record<string, FieldCost>>;
  readonly inputs: Readonly<Record<string, number>>;
}

`;

type Directives = readonly ConstDirectiveNode[] | undefined;

function fieldCost(directives: Directives, args: readonly GraphQLArgument[]): object {
  const weight = weightOf(directives);
  const size = sizeOf(directives);
  const weights = args.map(({ name, astNode }) => [name, weightOf(astNode?.directives)] as const);
  const weighed = weights.filter(([, each]) => each !== undefined);
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(weighed.length === 0 ? {} : { arguments: Object.fromEntries(weighed) }),
    ...(size === undefined ? {} : { size }),
  };
}

/** @throws when a weight is no number of 0 or more: better here than as a request that costs NaN. */
function weightOf(directives: Directives): number | undefined {
  const given = argumentsOf(directives, "cost");
  if (!given) return undefined;
  const weight = Number(given.weight);
  if (!(weight >= 0)) throw new Error(`@cost(weight: "${given.weight}") is no weight`);
  return weight;
}

function sizeOf(directives: Directives): object | undefined {
  const given = argumentsOf(directives, "listSize");
  if (!given) return undefined;
  const { assumedSize, slicingArguments, sizedFields } = given;
  return {
    ...(assumedSize === undefined ? {} : { assumed: assumedSize }),
    ...(slicingArguments === undefined ? {} : { slicing: slicingArguments }),
    ...(sizedFields === undefined ? {} : { fields: sizedFields }),
  };
}

function argumentsOf(directives: Directives, name: string): Record<string, unknown> | undefined {
  const found = directives?.find((directive) => directive.name.value === name);
  if (!found) return undefined;
  return Object.fromEntries((found.arguments ?? []).map((arg) => [arg.name.value, valueFromASTUntyped(arg.value)]));
}
