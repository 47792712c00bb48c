import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
} from "graphql";
import { storeError } from "../../portal/store/calls.ts";
import type { SchemaOutline } from "../../schema/outline.ts";
import type { RequestContext } from "./context.ts";
import { type Answering, collectFields } from "./cost/selection.ts";
import { LIMITS } from "./limits.ts";

/** Claims are looked at faster than fields are answered. */
const CLAIMS_PER_FIELD = 4;

/**
 * How large an answer has become. The cost takes lists to be as long as `@listSize` says, and a series can be much longer:
 * each list is counted as it is found, before anything is made of it. Once the answer is too large, nothing of it will be
 * sent, so whoever resolves a field need not work for it any more.
 */
export class AnswerSize {
  readonly #allowed: number;
  #fields = 0;
  #answering: Answering | undefined;
  /** graphql-js hands the same nodes to a field wherever it stands in a list. */
  readonly #perEntry = new WeakMap<readonly FieldNode[], number>();

  constructor(allowed: number = LIMITS.ANSWER_FIELDS.allowed) {
    this.#allowed = allowed;
  }

  get exceeded(): boolean {
    return this.#fields > this.#allowed;
  }

  /** Counts what takes as long to make as so many fields. False when the answer is too large with it. */
  admits(fields: number): boolean {
    this.#fields += fields;
    return !this.exceeded;
  }

  /** Counts claims that are to be looked at, of which a series may have tens of thousands. */
  admitsClaims(claims: number): boolean {
    return this.admits(claims / CLAIMS_PER_FIELD);
  }

  /** Counts the entries of a list with their fields, lists below not among them: those are counted when they are found. */
  admitsList(entries: number, info: GraphQLResolveInfo): boolean {
    let fields = this.#perEntry.get(info.fieldNodes);
    if (fields === undefined) {
      fields = Math.max(1, this.#fieldsOf(getNamedType(info.returnType), info.fieldNodes, this.#answeringOf(info)));
      this.#perEntry.set(info.fieldNodes, fields);
    }
    return this.admits(entries * fields);
  }

  #answeringOf({ schema, fragments, variableValues }: GraphQLResolveInfo): Answering {
    this.#answering ??= {
      schema,
      fragments: new Map(Object.entries(fragments)),
      variables: variableValues,
    };
    return this.#answering;
  }

  /** The fields of one object, of the type that has most where it is abstract; none of a leaf. */
  #fieldsOf(type: GraphQLNamedType, nodes: readonly FieldNode[], answering: Answering): number {
    if (isAbstractType(type)) {
      const possible = answering.schema.getPossibleTypes(type);
      return Math.max(...possible.map((each) => this.#fieldsOf(each, nodes, answering)));
    }
    if (!isObjectType(type)) return 0;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    let total = 0;
    for (const below of collectFields(sets, type, answering).values()) total += 1 + this.#below(type, below, answering);
    return total;
  }

  #below(type: GraphQLObjectType, nodes: readonly FieldNode[], answering: Answering): number {
    const field = type.getFields()[nodes[0]?.name.value ?? ""];
    if (!field || isListType(getNullableType(field.type))) return 0;
    return this.#fieldsOf(getNamedType(field.type), nodes, answering);
  }
}

type Resolver = GraphQLFieldResolver<unknown, RequestContext>;
type Resolvers = Readonly<Record<string, object>>;

/** The resolvers with each one of a list counting what it finds. */
export function countingLists({ types }: SchemaOutline, resolvers: object): Resolvers {
  const counting: Record<string, object> = { ...(resolvers as Resolvers) };
  for (const [name, type] of Object.entries(types)) {
    if (type.kind !== "OBJECT") continue;
    const own = (counting[name] ?? {}) as Readonly<Record<string, Resolver>>;
    const lists = Object.entries(type.fields).filter(([, field]) => field.type.startsWith("["));
    if (lists.length === 0) continue;
    const counted = lists.map(([field]) => [field, countingList(own[field] ?? defaultFieldResolver)] as const);
    counting[name] = { ...own, ...Object.fromEntries(counted) };
  }
  return counting;
}

/**
 * Of an answer that is too large lists are empty: an error in each of their places would be more of what is too much
 * already. That it is none is told in the end, of the whole.
 */
function countingList(resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    if (context.answer.exceeded) return [];
    const found = resolve(source, args, context, info);
    const counted = (list: unknown) =>
      !Array.isArray(list) || context.answer.admitsList(list.length, info) ? list : [];
    if (!(found instanceof Promise)) return counted(found);
    return found.then((list: unknown) => {
      // Whoever asked has gone by then. What is still to come would be read in vain, and made in vain.
      if (context.scope.signal.aborted) throw storeError(context.scope.signal.reason);
      return counted(list);
    });
  };
}
