import type { Placed } from "../catalogue/entities.ts";
import { type EntityId, SUBJECT_TYPES, splitEntityId } from "../identifiers.ts";
import { readChanges } from "../releases/changes.ts";
import { vintageOf } from "../releases/head.ts";
import type { Snapshot } from "../snapshot.ts";
import { ENTITY_TABLES } from "./entity-tables.ts";
import type { Manifest } from "./manifest.ts";
import { SERIES_TABLES } from "./series-tables.ts";

const ALL_TABLES = [...ENTITY_TABLES, ...SERIES_TABLES].map(({ name }) => name);
const SERIES_TABLE_NAMES = SERIES_TABLES.map(({ name }) => name);

/** More changes than this are not looked at: to write the tables again then costs about as much. */
const MAX_CHANGES = 20_000;
const CHANGES_PER_READ = 640;

/**
 * The tables that the releases since a dump have changed, by the change feed. A subject or a region that moved changes
 * the region codes and the order of the tables of series too, though no claim was added.
 */
export async function changedTables(snapshot: Snapshot, { release, lastChange }: Manifest): Promise<Set<string>> {
  const changed = new Set(["releases"]);
  if (snapshot.head.changes - lastChange > MAX_CHANGES) return new Set(ALL_TABLES);
  const subjects = new Set<EntityId>();
  let after = lastChange;
  while (after < snapshot.head.changes && changed.size < ALL_TABLES.length) {
    const { entries } = await readChanges(snapshot, after, CHANGES_PER_READ);
    for (const { node } of entries) {
      if (node.node.startsWith("series:")) for (const name of SERIES_TABLE_NAMES) changed.add(name);
      else noteEntity(node.node as EntityId, changed, subjects);
    }
    after += CHANGES_PER_READ;
  }
  if (SERIES_TABLE_NAMES.every((name) => changed.has(name))) return changed;
  const earlier = vintageOf(snapshot.head, release);
  const moved = await Promise.all([...subjects].map((id) => hasMoved(snapshot, id, earlier)));
  if (moved.includes(true)) for (const name of SERIES_TABLE_NAMES) changed.add(name);
  return changed;
}

function noteEntity(id: EntityId, changed: Set<string>, subjects: Set<EntityId>): void {
  const { type } = splitEntityId(id);
  const table = ENTITY_TABLES.find((each) => each.type === type);
  if (table) changed.add(table.name);
  if ((SUBJECT_TYPES as readonly string[]).includes(type)) subjects.add(id);
}

async function hasMoved(snapshot: Snapshot, id: EntityId, earlier: Snapshot["vintage"]): Promise<boolean> {
  const [before, now] = await Promise.all([snapshot.entity(id, earlier), snapshot.entity(id)]);
  if (!before || !now) return false;
  const [from, to] = [before.body, now.body] as (Placed & { readonly level?: string })[];
  return from?.path !== to?.path || (before.type === "region" && from?.level !== to?.level);
}
