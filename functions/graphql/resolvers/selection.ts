import {
  type FieldNode,
  type FragmentSpreadNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionNode,
} from "graphql";

/**
 * Whether a field's selection asks for the field at the end of a path below it, in any fragment; `@skip` and
 * `@include` are not looked at, so that the answer may be yes too often, never too seldom.
 */
export function selects(info: GraphQLResolveInfo, path: readonly string[]): boolean {
  return info.fieldNodes.some((node) => holds(node, path, info));
}

/** The fields of a name right below a field, in the fragments that hold for a type. */
export function fieldsNamed(info: GraphQLResolveInfo, name: string, type: GraphQLObjectType): FieldNode[] {
  return info.fieldNodes.flatMap((node) => fieldsIn(node, info, type)).filter((node) => node.name.value === name);
}

function fieldsIn(node: SelectionNode, info: GraphQLResolveInfo, type: GraphQLObjectType): FieldNode[] {
  return selectionsOf(node, info).flatMap((child) => {
    if (child.kind === Kind.FIELD) return [child];
    return holdsFor(child, info, type) ? fieldsIn(child, info, type) : [];
  });
}

function holdsFor(
  fragment: InlineFragmentNode | FragmentSpreadNode,
  info: GraphQLResolveInfo,
  type: GraphQLObjectType,
) {
  const { typeCondition } =
    fragment.kind === Kind.FRAGMENT_SPREAD ? (info.fragments[fragment.name.value] ?? {}) : fragment;
  const condition = typeCondition && info.schema.getType(typeCondition.name.value);
  return !condition || condition === type || (isAbstractType(condition) && info.schema.isSubType(condition, type));
}

function holds(node: SelectionNode, path: readonly string[], info: GraphQLResolveInfo): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return true;
  return selectionsOf(node, info).some((child) =>
    child.kind === Kind.FIELD ? child.name.value === name && holds(child, rest, info) : holds(child, path, info),
  );
}

function selectionsOf(node: SelectionNode, { fragments }: GraphQLResolveInfo): readonly SelectionNode[] {
  const set = node.kind === Kind.FRAGMENT_SPREAD ? fragments[node.name.value]?.selectionSet : node.selectionSet;
  return set?.selections ?? [];
}
