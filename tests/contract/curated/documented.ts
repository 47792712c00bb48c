import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Ask, TestPortal } from "../../support/portal.ts";

const ROOT = join(import.meta.dirname, "../../..");
const EXAMPLES = join(ROOT, "schema/operations/examples");

type Json = Record<string, unknown>;

/** The queries of the README, each with the answer that it prints. */
const pairs = [
  ...readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/```graphql\n(.*?)```.*?```json\n(.*?)```/gs),
].map(([, query = "", answer = ""]) => ({ query, answer: JSON.parse(answer) as { data: Json } }));

export function describeDocumented(portal: Pick<TestPortal, "ask">): void {
  test("the README shows queries with their answers", () => {
    expect(pairs.length).toBeGreaterThan(5);
  });

  test.for(pairs)("the README prints what is answered: $query", async ({ query, answer }) => {
    const { data, errors } = await portal.ask<Json>(await withCursor(portal.ask, query, answer.data));
    expect(errors).toEqual([]);
    expect(withoutCursors(data)).toEqual(withoutCursors(answer.data));
  });

  test.for(readdirSync(EXAMPLES))("the example %s is answered with real data", async (file) => {
    const { data, errors } = await portal.ask<Json>(readFileSync(join(EXAMPLES, file), "utf8"));
    expect(errors).toEqual([]);
    for (const [field, value] of Object.entries(data)) {
      expect(value, field).not.toBeNull();
      expect(JSON.stringify(value).length, field).toBeGreaterThan(100);
    }
  });
}

/** A query whose cursor is cut at a "…": with that of the change before the one that the README shows. */
async function withCursor(ask: Ask, query: string, shown: Json): Promise<string> {
  if (!CUT_CURSOR.test(query)) return query;
  const { nodes } = shown.changes as { nodes: { nodeId: string; action: string }[] };
  const edges: ChangeEdge[] = [];
  for (let full = true; full; ) {
    const page: ChangeEdge[] = (await ask<Changes>(CHANGES, { after: edges.at(-1)?.cursor })).data.changes.edges;
    edges.push(...page);
    full = page.length === 100;
  }
  const at = edges.findIndex(({ node }) => node.nodeId === nodes[0]?.nodeId && node.action === nodes[0]?.action);
  return query.replace(CUT_CURSOR, `after: "${edges[at - 1]?.cursor}"`);
}

const CUT_CURSOR = /after: "[^"]*…"/;
const CHANGES = `query Changes($after: String) {
  changes(after: $after, first: 100) { edges { cursor node { nodeId action } } }
}`;

interface ChangeEdge {
  readonly cursor: string;
  readonly node: { readonly nodeId: string; readonly action: string };
}

interface Changes {
  readonly changes: { readonly edges: ChangeEdge[] };
}

/** Cursors are sealed with a key of the portal's own. */
function withoutCursors(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (key, value) => (key === "endCursor" ? typeof value : value));
}
