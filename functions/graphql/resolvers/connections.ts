import type { AnyEntity } from "../../../portal/catalogue/entities.ts";
import { facetOfList } from "../../../portal/catalogue/list-facets.ts";
import type { ListRequest } from "../../../portal/catalogue/list-plan.ts";
import { type EntityId, requireIdOf } from "../../../portal/identifiers.ts";
import { type PageArguments, requirePage } from "../../../portal/paging/page.ts";
import type { RequestContext } from "../context.ts";
import type { ConnectionModel, EdgeModel } from "../models.ts";

/** The resolvers that all connection types share. */
export const connection = {
  edges: <Node>({ page, cursorOf }: ConnectionModel<Node>): EdgeModel<Node>[] =>
    page.entries.map(({ node, position }) => ({ node, cursor: cursorOf(position) })),
  nodes: <Node>({ page }: ConnectionModel<Node>): Node[] => page.entries.map(({ node }) => node),
  pageInfo: <Node>({ page, cursorOf }: ConnectionModel<Node>) => {
    const [first, last] = [page.entries[0], page.entries.at(-1)];
    return {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: first ? cursorOf(first.position) : null,
      endCursor: last ? cursorOf(last.position) : null,
    };
  },
  totalCount: <Node>({ total }: ConnectionModel<Node>): Promise<number | null> => total(),
};

/** What the SDL's list fields take, beside paging. */
export interface ListArguments extends PageArguments {
  readonly orderBy?:
    | { readonly field: "REGION" | "NAME" | "ID"; readonly direction?: "ASC" | "DESC" | undefined }
    | null
    | undefined;
}

type Conditions = Omit<ListRequest, "type" | "order" | "within"> & {
  /** A region's id as the caller gave it, or the path of one that is known. */
  readonly within?: string | null | undefined;
  readonly withinPath?: string;
};

/** One page of a list of entities. A region that does not exist has nothing in it. */
export async function listConnection<T extends AnyEntity>(
  context: RequestContext,
  type: T["type"],
  args: ListArguments,
  { within, withinPath, ...conditions }: Conditions,
): Promise<ConnectionModel<T>> {
  const snapshot = await context.snapshot();
  const order = {
    field: args.orderBy?.field === "NAME" ? ("NAME" as const) : ("REGION" as const),
    descending: args.orderBy?.direction === "DESC",
  };
  const region = within == null ? undefined : requireIdOf("region", within, "filter.within");
  const list = JSON.stringify([type, region ?? withinPath ?? null, conditions, order]);
  const page = requirePage(args, (cursor, argument) => context.cursors.open(cursor, list, argument));
  const cursorOf = (position: string) => context.cursors.seal(position, list);
  const path = region === undefined ? withinPath : await regionPath(context, region);
  if (path === null || isTooLong(conditions.kind))
    return { page: EMPTY, cursorOf, total: async () => 0, facet: nothing };
  const request: ListRequest = { type, order, ...conditions, ...(path === undefined ? {} : { within: path }) };
  return {
    page: (await snapshot.list(request, page)) as ConnectionModel<T>["page"],
    cursorOf,
    total: () => snapshot.total(request),
    facet: (facet) => facetOfList(snapshot, request, facet),
  };
}

const nothing = async () => new Map();

export const EMPTY = { entries: [], hasNextPage: false, hasPreviousPage: false };

async function regionPath(context: RequestContext, id: `region:${string}`): Promise<string | null> {
  const region = await (await context.snapshot()).entity<"region">(id);
  return region?.body.path ?? null;
}

/** What no topic or language is longer than; the store refuses longer keys. */
const MAX_TEXT = 80;

/** Whether nothing can have this topic or language, so that the store need not be asked. */
export function isTooLong(text: string | null | undefined): boolean {
  return (text ?? "").length > MAX_TEXT;
}

/** Leaves out what was not asked for: the core tells "absent" from "undefined". */
export function given<K extends string, V>(name: K, value: V | null | undefined): { [P in K]?: V } {
  return (value == null ? {} : { [name]: value }) as { [P in K]?: V };
}

export function operatorId(operator: string | null | undefined): { parent?: EntityId } {
  return operator == null ? {} : { parent: requireIdOf("agency", operator, "filter.operator") };
}
