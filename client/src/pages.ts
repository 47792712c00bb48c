import type { Operation } from "./operation.ts";
import type { RequestOptions, Transport } from "./transport.ts";

export interface PageOptions extends RequestOptions {
  /** How many a request asks for, 1 to 100; they come one by one whatever it is. */
  readonly pageSize?: number | undefined;
  /** Cursor to begin behind. */
  readonly after?: string | undefined;
}

/** A page of any connection. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface Walk<Result, Variables, Item> {
  readonly operation: Operation<Result, Variables>;
  readonly variables: (page: { readonly first: number; readonly after: string | undefined }) => Variables;
  /** Null where that whose list it is does not exist: there is nothing in it. */
  readonly pageOf: (result: Result) => Page<Item> | null | undefined;
}

const PAGE_SIZE = 100;

/** Every item of a connection from its first page to its last; a page is asked for when somebody gets to it. */
export async function* walk<Result, Variables, Item>(
  transport: Transport,
  { operation, variables, pageOf }: Walk<Result, Variables, Item>,
  { pageSize = PAGE_SIZE, after, signal }: PageOptions,
): AsyncGenerator<Item, void, void> {
  let cursor = after;
  for (;;) {
    const page = pageOf(await transport.send(operation, variables({ first: pageSize, after: cursor }), { signal }));
    if (!page) return;
    yield* page.items;
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === null) return;
    cursor = page.pageInfo.endCursor;
  }
}
