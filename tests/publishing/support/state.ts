import type { EntityId, EntityType, SeriesKey, SubjectId } from "../../../portal/identifiers.ts";
import { requireNodeId } from "../../../portal/identifiers.ts";
import { readChanges } from "../../../portal/releases/changes.ts";
import { vintageOf } from "../../../portal/releases/head.ts";
import { noticesAt } from "../../../portal/series/notice-history.ts";
import { readPanel } from "../../../portal/series/panel.ts";
import { isVisible, resolve, type Vintage } from "../../../portal/series/resolution.ts";
import type { Snapshot } from "../../../portal/snapshot.ts";
import type { TestPortal } from "../../support/portal.ts";

/**
 * All that a portal can tell: what stood at every release, the lists and counts of HEAD, the whole feed. Releases are
 * called by their place in the history, because a publication that came to nothing uses up a number.
 */
export async function stateOf(portal: TestPortal): Promise<unknown> {
  const snapshot = await portal.snapshot();
  const changes = await changesOf(snapshot);
  const releases = [...new Set(changes.map(({ release }) => release))];
  const nodes = [...new Set(changes.map(({ node }) => node))].sort().map((node) => requireNodeId(node, "node"));
  const entities = nodes.flatMap((node) => ("entity" in node ? [node.entity] : []));
  const series = nodes.flatMap((node) => ("series" in node ? [node.series] : []));
  const vintages = [];
  for (const release of releases) {
    const vintage = vintageOf(snapshot.head, release);
    // The children of each region cost a Query each: they are looked at where something has moved last.
    const parents = release >= (releases.at(-2) ?? 0) ? entities.filter((id) => id.startsWith("region:")) : [];
    vintages.push({
      ...(await vintageState(snapshot, vintage, entities, series)),
      panels: await panelsOf(snapshot, vintage, [...new Set(series.map(({ metric }) => metric))], parents),
    });
  }
  const { release, knownOn, lease } = snapshot.head;
  const state = { head: { release, knownOn, lease }, changes, vintages, lists: await listsOf(snapshot, entities) };
  return renumbered(state, releases);
}

/** What there is as of a release; the same whenever it is asked for. */
export async function seenAsOf(portal: TestPortal, release: number): Promise<unknown> {
  const snapshot = await portal.snapshot();
  const nodes = new Set(
    (await changesOf(snapshot)).filter((change) => change.release <= release).map(({ node }) => node),
  );
  const references = [...nodes].sort().map((node) => requireNodeId(node, "node"));
  const entities = references.flatMap((node) => ("entity" in node ? [node.entity] : []));
  const series = references.flatMap((node) => ("series" in node ? [node.series] : []));
  const vintage = vintageOf(snapshot.head, release);
  const regions = entities.filter((id) => id.startsWith("region:"));
  return {
    ...(await vintageState(snapshot, vintage, entities, series)),
    panels: await panelsOf(snapshot, vintage, [...new Set(series.map(({ metric }) => metric))], regions),
  };
}

async function changesOf(snapshot: Snapshot) {
  const changes = [];
  for (let after = 0; after < snapshot.head.changes; after = changes.length) {
    changes.push(...(await readChanges(snapshot, after, 100)).entries.map(({ node }) => node));
  }
  return changes;
}

async function vintageState(
  snapshot: Snapshot,
  vintage: Vintage,
  entities: readonly EntityId[],
  series: readonly SeriesKey[],
) {
  const body = (await snapshot.entity(`release:${vintage.release}`, vintage))?.body;
  const { committedAt: _, digest: __, ...release } = { committedAt: "", digest: "", ...body };
  const standing = await Promise.all(entities.map((id) => snapshot.entity(id, vintage)));
  const facts = await Promise.all(series.map((key) => seriesState(snapshot, key, vintage)));
  return { release, standing, facts };
}

const PANEL_KINDS = ["PROVINCE", "PREFECTURE", "COUNTY", "agency", "platform", "complex"];

function panelsOf(snapshot: Snapshot, vintage: Vintage, metrics: readonly string[], parents: readonly EntityId[]) {
  return Promise.all(
    metrics.flatMap((metric) => [
      ...PANEL_KINDS.map((kind) => panelState(snapshot, metric, { kind, within: "WORLD/" }, vintage)),
      ...parents.map((id) => panelState(snapshot, metric, { childrenOf: id }, vintage)),
    ]),
  );
}

async function seriesState(snapshot: Snapshot, key: SeriesKey, vintage: Vintage) {
  const records = await snapshot.series(key.subject, key.metric);
  const record = records.find(({ key: { frequency } }) => frequency === key.frequency);
  const claims = (record?.claims ?? []).filter(({ release }) => isVisible(release, vintage));
  return { key, claims, observations: resolve(claims, vintage), notices: noticesAt(record?.notices, vintage).notices };
}

async function panelState(
  snapshot: Snapshot,
  metric: string,
  of: Parameters<typeof readPanel>[1]["of"],
  vintage: Vintage,
) {
  const statuses = new Set(["A", "P", "E", "F", "T", "M", "O", "Q"] as const);
  const panel = await readPanel(snapshot, { metric, of, statuses, vintage });
  return panel && { metric, of, ...panel };
}

type Wanted = Omit<Parameters<Snapshot["list"]>[0], "order">;

const LISTED: readonly EntityType[] = ["region", "agency", "platform", "complex", "metric", "source", "release"];

async function listsOf(snapshot: Snapshot, entities: readonly EntityId[]) {
  const wanted: Wanted[] = LISTED.map((type) => ({ type }));
  wanted.push({ type: "region", historical: true });
  const lists = await Promise.all(
    wanted.flatMap((list) => [listState(snapshot, list, "REGION"), listState(snapshot, list, "NAME")]),
  );
  for (const id of entities) {
    const entity = /^(region|agency):/.test(id) ? await snapshot.entity(id as SubjectId) : null;
    if (entity?.type === "agency") lists.push(await listState(snapshot, { type: "platform", parent: id }, "REGION"));
    if (entity?.type !== "region") continue;
    const { path: within } = entity.body as { path: string };
    lists.push(
      await listState(snapshot, { type: "region", parent: id }, "REGION"),
      await listState(snapshot, { type: "region", within }, "REGION"),
      await listState(snapshot, { type: "platform", within }, "REGION"),
    );
  }
  return lists;
}

async function listState(snapshot: Snapshot, wanted: Wanted, field: "REGION" | "NAME") {
  const request = { ...wanted, order: { field, descending: false } };
  const ids: string[] = [];
  for (let after: string | undefined, more = true; more; ) {
    const page = await snapshot.list(request, { limit: 100, backward: false, ...(after ? { after } : {}) });
    ids.push(...page.entries.map(({ node }) => node.id));
    after = page.entries.at(-1)?.position;
    more = page.hasNextPage;
  }
  return { ...wanted, field, ids, total: await snapshot.total(request) };
}

/** Release numbers by their place in the history, wherever they stand in the state. */
function renumbered(state: unknown, releases: readonly number[]): unknown {
  const placeOf = (release: number) => releases.indexOf(release) + 1;
  return JSON.parse(JSON.stringify(state), (name, value: unknown) => {
    if (name === "release" && typeof value === "number") return placeOf(value);
    if (typeof value === "string") return value.replace(/^release:(\d+)$/, (_, n) => `release:${placeOf(Number(n))}`);
    return value;
  });
}

/** Lists whose total is kept and is not what paging through them counts. */
export function wrongTotals(state: unknown): unknown[] {
  const { lists } = state as { lists: { type: string; ids: readonly string[]; total: number | null }[] };
  return lists.filter(({ type, ids, total }) => type !== "release" && total !== null && total !== ids.length);
}
