import type { EntityBodies } from "../../portal/catalogue/entities.ts";
import { type NumberedChange, readChanges } from "../../portal/releases/changes.ts";
import type { Snapshot } from "../../portal/snapshot.ts";
import { requireJson } from "./lists.ts";
import { Problem } from "./problem.ts";
import { type Asked, BASE_COST, JSON_TYPE, listBody, type Page, type Question, type Route } from "./request.ts";
import { changeJson } from "./resources.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;
/** Of a change with its observations; blocks of 32 changes are read, and most are small. */
const COST_PER_CHANGE = 0.5;
/** A change can speak of a hundred observations with their notes: a page ends before it grows past this. */
const MAX_CHARACTERS = 1_500_000;

/** The feed is one list for everybody, in GraphQL as here: a cursor of the one resumes the other. */
const LIST = "changes";

/** `/v1/changes`: what happened, in the order of releases, from the first one on or after a cursor or a release. */
export const changeRoutes: readonly Route[] = [
  { path: "/changes", parameters: ["after", "limit"], ask: changesQuestion },
];

function changesQuestion({ parameters, cursors, head, accept }: Asked): Question {
  requireJson(accept);
  const limit = parameters.wholeNumber("limit", { least: 1, most: MAX_LIMIT }) ?? DEFAULT_LIMIT;
  const after = parameters.text("after") ?? "";
  const release = /^(?:release:)?(\d{1,9})$/.exec(after)?.[1];
  const known = after === "" || release !== undefined ? undefined : Number(cursors.open(after, LIST, "after"));
  const page = (changes: readonly NumberedChange[], from: number, hasMore: boolean): Page => {
    const { items, last } = cut(changes, from);
    const resume = cursors.seal(String(last), LIST);
    const next = hasMore || items.length < changes.length ? resume : null;
    return { body: listBody(items, next, { resume }), next };
  };
  return {
    cost: BASE_COST + Math.ceil(limit * COST_PER_CHANGE),
    contentType: JSON_TYPE,
    answer: async (snapshot) => {
      const from = known ?? (await lastChangeOf(snapshot, Number(release ?? 0)));
      const { entries, hasNextPage } = await readChanges(snapshot, Math.min(from, head.changes), limit);
      return page(
        entries.map(({ node }) => node),
        from,
        hasNextPage,
      );
    },
  };
}

function cut(changes: readonly NumberedChange[], from: number) {
  const items: unknown[] = [];
  let last = from;
  let characters = 0;
  for (const change of changes) {
    const item = changeJson(change);
    characters += JSON.stringify(item).length;
    if (items.length > 0 && characters > MAX_CHARACTERS) break;
    items.push(item);
    last = change.sequence;
  }
  return { items, last };
}

/** Where the feed goes on after a release; release 0 is before the first. */
async function lastChangeOf(snapshot: Snapshot, release: number): Promise<number> {
  if (release === 0) return 0;
  const body: EntityBodies["release"] | undefined = (await snapshot.entity<"release">(`release:${release}`))?.body;
  if (body) return body.lastChange;
  throw new Problem(400, "BAD_USER_INPUT", `after: there is no release ${release}`, { members: { argument: "after" } });
}
