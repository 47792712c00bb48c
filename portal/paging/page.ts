import { badInput } from "../errors.ts";

/** Relay's paging arguments, as a caller gives them. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** A page of a list: how many, which way, strictly between which positions. */
export interface Page {
  readonly limit: number;
  readonly backward: boolean;
  readonly after?: string;
  readonly before?: string;
}

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/**
 * Checks paging arguments and opens their cursors. Throws `BAD_USER_INPUT` that names the argument.
 * @param open turns a cursor into the position that it stands for, or throws.
 */
export function requirePage(args: PageArguments, open: (cursor: string, argument: string) => string): Page {
  const { first, after, last, before } = args;
  if (first != null && last != null) throw badInput("last", "first and last cannot be used together");
  const backward = last != null;
  return {
    limit: requireSize(backward ? last : (first ?? DEFAULT_PAGE_SIZE), backward ? "last" : "first"),
    backward,
    ...(after == null ? {} : { after: open(after, "after") }),
    ...(before == null ? {} : { before: open(before, "before") }),
  };
}

function requireSize(size: number, argument: string): number {
  if (Number.isInteger(size) && size >= 1 && size <= MAX_PAGE_SIZE) return size;
  throw badInput(argument, `${argument} must lie between 1 and ${MAX_PAGE_SIZE}`);
}

/** One page of a list: the entries in list order, and whether there is more on either side. */
export interface PageOf<Node> {
  readonly entries: readonly PageEntry<Node>[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

export interface PageEntry<Node> {
  /** Where the entry stands in its list: what a cursor seals. */
  readonly position: string;
  readonly node: Node;
}

/**
 * Cuts a page out of entries that were read in the direction of paging, one more than asked for where there is one.
 * Relay: a page that starts after a cursor has a previous one, namely what holds the cursor; and the other way round.
 */
export function cutPage<Node>(read: readonly PageEntry<Node>[], page: Page): PageOf<Node> {
  const more = read.length > page.limit;
  const entries = read.slice(0, page.limit);
  if (page.backward) {
    return { entries: entries.reverse(), hasPreviousPage: more, hasNextPage: page.before !== undefined };
  }
  return { entries, hasNextPage: more, hasPreviousPage: page.after !== undefined };
}
