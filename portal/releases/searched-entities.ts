import type { AnyEntity } from "../catalogue/entities.ts";
import { listEntities } from "../catalogue/lists.ts";
import { isSearched, SEARCHED_LEVELS, type SearchedType } from "../search/documents.ts";
import type { Staging } from "./stage.ts";

/** Entities to a page. */
const PAGE = 1000;

/** All entities of a type that can be searched, as the base of a publication has them. */
export async function searchedEntities(staging: Staging, type: SearchedType): Promise<AnyEntity[]> {
  if (staging.base.release === 0) return [];
  if (type !== "region") return listed(staging, { type });
  const lists = SEARCHED_LEVELS.flatMap((kind) => [
    { type, kind },
    { type, kind, historical: true },
  ]);
  const found: AnyEntity[] = [];
  for (const list of lists) found.push(...(await listed(staging, list)));
  return found;
}

async function listed(
  { store, scope, base }: Staging,
  list: { readonly type: SearchedType; readonly kind?: string; readonly historical?: boolean },
): Promise<AnyEntity[]> {
  const found: AnyEntity[] = [];
  let after: string | undefined;
  do {
    const page = await listEntities(
      { store, scope: scope(), vintage: base, kinds: async () => [] },
      { ...list, order: { field: "REGION", descending: false } },
      { limit: PAGE, backward: false, ...(after === undefined ? {} : { after }) },
    );
    found.push(...page.entries.map(({ node }) => node).filter(({ body }) => isSearched(list.type, body)));
    after = page.hasNextPage ? page.entries.at(-1)?.position : undefined;
  } while (after !== undefined);
  return found;
}
