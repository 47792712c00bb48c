import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInputObjectType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
} from "graphql";
import { type CostTable, costs as costsOfSchema, type FieldCost } from "../../../schema/generated/costs.ts";
import { type Answering, collectFields } from "./selection.ts";

/** What an operation can be expected to take, before anything is read. */
export interface OperationCost {
  /** In units: half a DynamoDB read unit, which is what one item of up to 4 KB takes. */
  readonly units: number;
  /** Fields that the answer would have. */
  readonly fields: number;
}

const NOTHING: OperationCost = { units: 0, fields: 0 };

/** What a question about the schema counts: it reads nothing, and takes time as some dozen items do. */
const INTROSPECTION: OperationCost = { units: 25, fields: 5_000 };

type Arguments = Readonly<Record<string, unknown>>;
/** Sizes of lists that are fields below the one whose arguments say them (`sizedFields`). */
type Sizes = Readonly<Record<string, number>>;

/**
 * The cost of an operation by the static analysis of the IBM GraphQL cost specification (§6.1.1): the weight of every
 * field as often as it would be resolved, and of every object that the answer would hold, lists as long as their
 * arguments or `assumedSize` say. Of an abstract type the dearest possible type counts. Fields of one name are merged
 * and `@skip`/`@include` obeyed, as in execution.
 *
 * The document must be valid and within `LIMITS`; arguments that do not coerce count nothing, execution refuses them.
 *
 * @throws GraphQLError BAD_USER_INPUT where the condition of `@skip` or `@include` does not coerce.
 */
export function operationCost(
  operation: OperationDefinitionNode,
  answering: Answering,
  costs: CostTable = costsOfSchema,
): OperationCost {
  const root = answering.schema.getRootType(operation.operation);
  if (!root) return NOTHING;
  const { units, fields } = new CostAnalysis(answering, costs).ofRoot(root, operation);
  // Sums of decimal fractions: 0.1 + 0.2 must not round up to a unit more.
  return { units: Math.ceil(Number(units.toFixed(6))), fields };
}

class CostAnalysis {
  readonly #answering: Answering;
  readonly #costs: CostTable;
  /** Costs of objects by type and selection: abstract types in abstract types would otherwise multiply the work. */
  readonly #known = new Map<string, OperationCost>();
  readonly #numbers = new Map<FieldNode, number>();

  constructor(answering: Answering, costs: CostTable) {
    this.#answering = answering;
    this.#costs = costs;
  }

  ofRoot(type: GraphQLObjectType, { selectionSet }: OperationDefinitionNode): OperationCost {
    return this.#plusWeight(type, this.#fields(collectFields([selectionSet], type, this.#answering), type, {}));
  }

  #fields(named: ReadonlyMap<string, readonly FieldNode[]>, type: GraphQLObjectType, sizes: Sizes): OperationCost {
    return [...named.values()].map((nodes) => this.#field(nodes, type, sizes)).reduce(sum, NOTHING);
  }

  #field(nodes: readonly FieldNode[], type: GraphQLObjectType, sizes: Sizes): OperationCost {
    const [node] = nodes as readonly [FieldNode, ...FieldNode[]];
    const name = node.name.value;
    if (name === "__type") return INTROSPECTION;
    if (name === "__schema") return this.#schema(nodes);
    const field = type.getFields()[name];
    const args = field && argumentsOf(field, node, this.#answering.variables);
    if (!args) return { units: 0, fields: 1 };
    const cost = this.#costs.fields[`${type.name}.${name}`] ?? {};
    const own = (cost.weight ?? 0) + this.#argumentWeights(field, args, cost);
    const size = isListType(getNullableType(field.type)) ? (sizes[name] ?? sizeOf(cost, args)) : 1;
    const object = this.#object(getNamedType(field.type), nodes, sizedFields(cost, args));
    return { units: own + size * object.units, fields: 1 + size * object.fields };
  }

  /** All types can be asked for under many names. */
  #schema(nodes: readonly FieldNode[]): OperationCost {
    const type = this.#answering.schema.getType("__Schema") as GraphQLObjectType;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const fields = [...collectFields(sets, type, this.#answering).values()];
    const lists = Math.max(1, fields.filter(([node]) => node?.name.value === "types").length);
    return { units: INTROSPECTION.units * lists, fields: INTROSPECTION.fields * lists };
  }

  /** One object of a type, the dearest of the possible ones where it is abstract; nothing where it is a leaf. */
  #object(type: GraphQLNamedType, nodes: readonly FieldNode[], sizes: Sizes): OperationCost {
    if (isAbstractType(type)) {
      const possible = this.#answering.schema.getPossibleTypes(type);
      return possible.map((each) => this.#object(each, nodes, sizes)).reduce(dearest, NOTHING);
    }
    if (!isObjectType(type)) return NOTHING;
    const key = `${type.name} ${nodes.map((node) => this.#numberOf(node))} ${JSON.stringify(sizes)}`;
    const known = this.#known.get(key) ?? this.#newObject(type, nodes, sizes);
    this.#known.set(key, known);
    return known;
  }

  #newObject(type: GraphQLObjectType, nodes: readonly FieldNode[], sizes: Sizes): OperationCost {
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    return this.#plusWeight(type, this.#fields(collectFields(sets, type, this.#answering), type, sizes));
  }

  #plusWeight({ name }: GraphQLObjectType, { units, fields }: OperationCost): OperationCost {
    return { units: units + (this.#costs.types[name] ?? 0), fields };
  }

  #argumentWeights(field: GraphQLField<unknown, unknown>, args: Arguments, cost: FieldCost): number {
    return field.args.reduce((total, { name, type }) => {
      const value = args[name];
      if (value === undefined || value === null) return total;
      const entries = Array.isArray(value) ? value.length : 1;
      return total + (cost.arguments?.[name] ?? 0) * entries + this.#inputWeights(getNamedType(type), value);
    }, 0);
  }

  /** Weights of the fields that are given of an input object, at any depth. */
  #inputWeights(type: GraphQLNamedType, value: unknown): number {
    if (!isInputObjectType(type) || typeof value !== "object" || value === null) return 0;
    if (Array.isArray(value)) return value.reduce((total, entry) => total + this.#inputWeights(type, entry), 0);
    return Object.values(type.getFields()).reduce((total, field) => {
      const given = (value as Arguments)[field.name];
      if (given === undefined || given === null) return total;
      const own = this.#costs.inputs[`${type.name}.${field.name}`] ?? 0;
      return total + own + this.#inputWeights(getNamedType(field.type), given);
    }, 0);
  }

  #numberOf(node: FieldNode): number {
    const number = this.#numbers.get(node) ?? this.#numbers.size;
    this.#numbers.set(node, number);
    return number;
  }
}

function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Answering["variables"],
): Arguments | undefined {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    return undefined;
  }
}

/** The largest that a slicing argument says, else the assumed size, else one. */
function sizeOf({ size }: FieldCost, args: Arguments): number {
  const given = (size?.slicing ?? []).flatMap((name) => {
    const value = args[name];
    if (Array.isArray(value)) return value.length;
    return typeof value === "number" ? Math.max(value, 0) : [];
  });
  return given.length > 0 ? Math.max(...given) : (size?.assumed ?? 1);
}

function sizedFields(cost: FieldCost, args: Arguments): Sizes {
  const names = cost.size?.fields ?? [];
  if (names.length === 0) return {};
  const size = sizeOf(cost, args);
  return Object.fromEntries(names.map((name) => [name, size]));
}

function sum(a: OperationCost, b: OperationCost): OperationCost {
  return { units: a.units + b.units, fields: a.fields + b.fields };
}

function dearest(a: OperationCost, b: OperationCost): OperationCost {
  return { units: Math.max(a.units, b.units), fields: Math.max(a.fields, b.fields) };
}
