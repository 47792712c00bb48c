import type { Entity } from "../../portal/catalogue/entities.ts";
import { MAX_PAGE_SIZE } from "../../portal/paging/page.ts";
import { Portal } from "../../portal/portal.ts";
import { callScope } from "../../portal/store/calls.ts";
import { columns } from "../output/table.ts";
import type { Result, Session } from "./session.ts";

type Release = Entity<"release">;

/** The latest releases, newest first. */
export async function releases({ target }: Session, last: number): Promise<Result> {
  const found = await latest(target.store, last);
  if (found.length === 0) return { json: { releases: [] }, text: "Nothing has been published yet." };
  const rows = found.map(({ localId, body }) => [
    Number(localId),
    body.publishedOn,
    body.committedAt,
    body.entities,
    body.claims,
    body.changes,
    `${body.title} (${body.publisher})`,
  ]);
  return {
    json: { releases: found.map(({ localId, body }) => ({ release: Number(localId), ...body })) },
    text: columns(["release", "published", "committed at", "entities", "claims", "changes", "title"], rows),
  };
}

async function latest(store: Session["target"]["store"], last: number): Promise<Release[]> {
  const snapshot = await new Portal({ store, headMaxAgeMs: 0 }).snapshot(callScope());
  const request = { type: "release", order: { field: "REGION", descending: true } } as const;
  const found: Release[] = [];
  let after: string | undefined;
  do {
    const limit = Math.min(MAX_PAGE_SIZE, last - found.length);
    const page = await snapshot.list(request, { limit, backward: false, ...(after ? { after } : {}) });
    found.push(...page.entries.map(({ node }) => node as Release));
    after = page.hasNextPage ? page.entries.at(-1)?.position : undefined;
  } while (after && found.length < last);
  return found;
}
