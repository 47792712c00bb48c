import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLDirective,
  GraphQLError,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { conditionRefused } from "../errors.ts";

/** What decides which fields of an operation are answered. */
export interface Answering {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** As coerced by the operation's definitions. */
  readonly variables: { readonly [name: string]: unknown };
}

export function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

/**
 * The fields that will be answered of an object, by the name under which they are; fields of one name are answered
 * once (GraphQL specification, CollectFields).
 *
 * @throws GraphQLError BAD_USER_INPUT where a variable makes the condition of `@skip` or `@include` null.
 */
export function collectFields(
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  answering: Answering,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const entered = new Set<string>();
  const collect = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (!isAnswered(selection, answering.variables)) continue;
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        const known = fields.get(name);
        if (known) known.push(selection);
        else fields.set(name, [selection]);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : enter(selection.name.value);
      if (fragment && holdsFor(fragment.typeCondition?.name.value, type, answering.schema))
        collect(fragment.selectionSet);
    }
  };
  const enter = (name: string) => {
    if (entered.has(name)) return undefined;
    entered.add(name);
    return answering.fragments.get(name);
  };
  for (const set of sets) collect(set);
  return fields;
}

function isAnswered(selection: SelectionNode, variables: Answering["variables"]): boolean {
  if (!selection.directives?.length) return true;
  return (
    conditionOf(GraphQLSkipDirective, selection, variables) !== true &&
    conditionOf(GraphQLIncludeDirective, selection, variables) !== false
  );
}

function conditionOf(
  directive: GraphQLDirective,
  selection: SelectionNode,
  variables: Answering["variables"],
): unknown {
  try {
    return getDirectiveValues(directive, selection, variables)?.if;
  } catch (error) {
    throw error instanceof GraphQLError ? conditionRefused(error) : error;
  }
}

function holdsFor(condition: string | undefined, type: GraphQLObjectType, schema: GraphQLSchema): boolean {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  return isAbstractType(named) && schema.isSubType(named, type);
}
