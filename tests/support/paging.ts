import type { ListField, ListQuery } from "./facts.ts";
import type { Answer, Ask } from "./portal.ts";

const TYPES: Readonly<Record<ListField, string>> = {
  regions: "Region",
  agencies: "Agency",
  platforms: "Platform",
  industrialComplexes: "IndustrialComplex",
  metrics: "Metric",
  sources: "Source",
};

export interface ListPage {
  readonly totalCount: number | null;
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly cursor: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

export interface PageArguments {
  readonly first?: number;
  readonly after?: string | null;
  readonly last?: number;
  readonly before?: string | null;
}

/** One page of a list, through the front door. */
export async function askForPage(ask: Ask, query: ListQuery, page: PageArguments): Promise<Answer<{ list: ListPage }>> {
  const type = TYPES[query.list];
  const text = `query ($filter: ${type}Filter, $orderBy: ${type}Order, $first: Int, $after: String, $last: Int, $before: String) {
    list: ${query.list}(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes { id }
      edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  return ask(text, { filter: query.filter, orderBy: query.orderBy, ...page });
}

/** The ids of a whole list, page by page from its start; every page but the last is full. */
export async function pageForward(ask: Ask, query: ListQuery, size: number): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { nodes, pageInfo } = await pageOf(ask, query, { first: size, after });
    if (pageInfo.hasNextPage && nodes.length !== size) throw new Error("a page that is not the last is not full");
    if (pageInfo.hasPreviousPage !== (after !== null)) throw new Error("hasPreviousPage is wrong");
    ids.push(...nodes.map(({ id }) => id));
    after = pageInfo.endCursor;
    more = pageInfo.hasNextPage;
  }
  return ids;
}

/** The same from its end; the ids come in list order. */
export async function pageBackward(ask: Ask, query: ListQuery, size: number): Promise<string[]> {
  const ids: string[] = [];
  for (let before: string | null = null, more = true; more; ) {
    const { nodes, pageInfo } = await pageOf(ask, query, { last: size, before });
    if (pageInfo.hasPreviousPage && nodes.length !== size) throw new Error("a page that is not the first is not full");
    if (pageInfo.hasNextPage !== (before !== null)) throw new Error("hasNextPage is wrong");
    ids.unshift(...nodes.map(({ id }) => id));
    before = pageInfo.startCursor;
    more = pageInfo.hasPreviousPage;
  }
  return ids;
}

export async function pageOf(ask: Ask, query: ListQuery, page: PageArguments): Promise<ListPage> {
  const { data, errors } = await askForPage(ask, query, page);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("; "));
  return data.list;
}

export interface WholeList {
  readonly totalCount: number | null;
  readonly ids: readonly string[];
}

/** An operation has at most fifty variables, and a list has two. */
const LISTS_AT_ONCE = 20;

/** Many short lists by few operations, in the order of the queries; none may have more than a hundred entries. */
export async function listsAtOnce(ask: Ask, queries: readonly ListQuery[]): Promise<WholeList[]> {
  const lists: WholeList[] = [];
  for (let at = 0; at < queries.length; at += LISTS_AT_ONCE) {
    lists.push(...(await listsOf(ask, queries.slice(at, at + LISTS_AT_ONCE))));
  }
  return lists;
}

async function listsOf(ask: Ask, queries: readonly ListQuery[]): Promise<WholeList[]> {
  const variables = queries.flatMap(({ list, filter, orderBy }, i) => [
    { name: `filter${i}`, type: `${TYPES[list]}Filter`, value: filter },
    { name: `orderBy${i}`, type: `${TYPES[list]}Order`, value: orderBy },
  ]);
  const fields = queries.map(
    ({ list }, i) =>
      `l${i}: ${list}(first: 100, filter: $filter${i}, orderBy: $orderBy${i}) { totalCount nodes { id } }`,
  );
  const { data, errors } = await ask<Record<string, Pick<ListPage, "totalCount" | "nodes">>>(
    `query (${variables.map(({ name, type }) => `$${name}: ${type}`).join(" ")}) { ${fields.join("\n")} }`,
    Object.fromEntries(variables.map(({ name, value }) => [name, value])),
  );
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("; "));
  return queries.map((_, i) => {
    const { totalCount, nodes } = data[`l${i}`] as Pick<ListPage, "totalCount" | "nodes">;
    return { totalCount, ids: nodes.map(({ id }) => id) };
  });
}
