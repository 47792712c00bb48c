import { isDeepStrictEqual } from "node:util";
import {
  type AnyEntity,
  type EntityBodies,
  type PlatformBody,
  pathCodes,
  REGION_LEVELS,
  type RegionBody,
} from "../catalogue/entities.ts";
import { type EntityId, entityId, splitEntityId } from "../identifiers.ts";
import { NAMED_TYPES } from "./files/columns.ts";
import type { ProblemCode, ProblemReport } from "./problems.ts";
import type { EntityRow } from "./rows.ts";

type AnyBody = EntityBodies[keyof EntityBodies];

/** What a release makes of an entity. Null: it did not exist before, or does not any more. */
export interface EntityChange {
  readonly id: EntityId;
  readonly type: EntityRow["type"];
  readonly localId: string;
  readonly before: AnyBody | null;
  readonly after: AnyBody | null;
}

/**
 * Lays the rows of a release over the entities that stand. Columns that a file has replace what stood, an empty cell
 * clears it; columns that it lacks leave it alone. Rows that change nothing are left out.
 * @param standing entities of the portal by id, among them all that the rows name or refer to.
 */
export function mergeEntities(
  rows: ReadonlyMap<EntityId, EntityRow>,
  standing: ReadonlyMap<EntityId, AnyEntity>,
  report: ProblemReport,
): EntityChange[] {
  const paths = new RegionPaths(rows, standing, report);
  const changes: EntityChange[] = [];
  for (const row of rows.values()) {
    const before = standing.get(row.id)?.body ?? null;
    const after = row.action === "D" ? null : mergedBody(row, before, paths);
    if (after) checkMerged(row, before, after, paths, report);
    if (!isDeepStrictEqual(before, after)) {
      changes.push({ id: row.id, type: row.type, localId: row.localId, before, after });
    }
  }
  return changes;
}

function mergedBody(row: EntityRow, before: AnyBody | null, paths: RegionPaths): AnyBody {
  const merged: Record<string, unknown> = { ...before, ...row.fields };
  for (const field of Object.keys(merged)) if (merged[field] === undefined) delete merged[field];
  if (row.type === "region") merged.path = paths.of(row.id);
  if (row.type === "agency" || row.type === "platform" || row.type === "complex") {
    const keepsRegion = before && !("region" in row.fields);
    merged.path = keepsRegion
      ? paths.kept((before as PlatformBody).path)
      : pathIn(merged.region as EntityId | undefined, paths);
  }
  return merged as unknown as AnyBody;
}

function pathIn(region: EntityId | undefined, paths: RegionPaths): string {
  return region ? paths.of(region) : "";
}

/** Rules that need to know what stood before. */
function checkMerged(
  row: EntityRow,
  before: AnyBody | null,
  after: AnyBody,
  paths: RegionPaths,
  report: ProblemReport,
): void {
  const problem = (column: string, code: ProblemCode, message: string, value = "") =>
    report.add({ file: row.file, line: row.line, column, code, message, value });
  const { nameEn, nameZh } = after as { nameEn?: string; nameZh?: string };
  if (NAMED_TYPES.has(row.type) && !nameEn && !nameZh) {
    problem("name_en", "MISSING_VALUE", "a name is needed, English or Chinese");
  }
  if (row.type === "region") checkRegion(row.id, after as RegionBody, paths, problem);
  if ((after as Partial<EntityBodies["metric"]>).partOf === row.id) {
    problem("part_of", "INVALID_VALUE", "no metric is a part of itself", row.localId);
  }
  if (row.type === "metric" && before) {
    const [old, now] = [before as EntityBodies["metric"], after as EntityBodies["metric"]];
    const message = "is fixed once published: its values would change their meaning; publish another metric instead";
    if (old.unit !== now.unit) problem("unit", "CANNOT_CHANGE", `the unit of a metric ${message}`, now.unit);
    if (old.topic !== now.topic) problem("topic", "CANNOT_CHANGE", `the topic of a metric ${message}`, now.topic);
  }
}

function checkRegion(
  id: EntityId,
  { level, parent, validFrom, validTo, replacedBy }: RegionBody,
  paths: RegionPaths,
  problem: (column: string, code: ProblemCode, message: string, value: string) => void,
): void {
  if (level === "WORLD" ? parent : !parent) {
    const message = level === "WORLD" ? "the world has no parent" : "every region below the world needs its parent";
    problem("parent_code", "INVALID_VALUE", message, parent ?? "");
  }
  if (validFrom && validTo && endsBefore(validTo, validFrom)) {
    problem("valid_to", "INVALID_VALUE", "lies before valid_from", validTo);
  }
  if (replacedBy?.includes(id)) problem("replaced_by", "INVALID_VALUE", "no region replaces itself", "");
  const above = parent && paths.levelOf(parent);
  if (above && REGION_LEVELS.indexOf(above) >= REGION_LEVELS.indexOf(level)) {
    problem("level", "INVALID_VALUE", `a ${level} cannot lie in a ${above}`, level);
  }
}

/** Whether a date lies before another one as far as both are known: `2018` does not lie before `2018-03`. */
function endsBefore(date: string, other: string): boolean {
  const known = Math.min(date.length, other.length);
  return date.slice(0, known) < other.slice(0, known);
}

/** Region paths after the release, worked out from the parents. */
class RegionPaths {
  readonly #rows: ReadonlyMap<EntityId, EntityRow>;
  readonly #standing: ReadonlyMap<EntityId, AnyEntity>;
  readonly #report: ProblemReport;
  readonly #known = new Map<EntityId, string>();
  readonly #underWay = new Set<EntityId>();

  constructor(
    rows: ReadonlyMap<EntityId, EntityRow>,
    standing: ReadonlyMap<EntityId, AnyEntity>,
    report: ProblemReport,
  ) {
    this.#rows = rows;
    this.#standing = standing;
    this.#report = report;
  }

  of(id: EntityId): string {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const row = this.#rows.get(id);
    if (!row || !("parent" in row.fields)) {
      const standing = this.#standing.get(id)?.body as RegionBody | undefined;
      return this.kept(standing?.path ?? `${splitEntityId(id).localId}/`);
    }
    const parent = row.fields.parent as EntityId | undefined;
    const path = `${parent ? this.#above(row, parent) : ""}${row.localId}/`;
    this.#known.set(id, path);
    return path;
  }

  /** A path that stood before, after the release has moved regions on it. */
  kept(path: string): string {
    const codes = pathCodes(path);
    for (let i = codes.length - 1; i >= 0; i -= 1) {
      const id = entityId("region", codes[i] as string);
      const fields = this.#rows.get(id)?.fields;
      if (fields && "parent" in fields) {
        return (
          this.of(id) +
          codes
            .slice(i + 1)
            .map((code) => `${code}/`)
            .join("")
        );
      }
    }
    return path;
  }

  levelOf(id: EntityId): RegionBody["level"] | undefined {
    const standing = this.#standing.get(id)?.body as RegionBody | undefined;
    return (this.#rows.get(id)?.fields.level as RegionBody["level"] | undefined) ?? standing?.level;
  }

  #above(row: EntityRow, parent: EntityId): string {
    if (this.#underWay.has(row.id)) {
      const place = { file: row.file, line: row.line, column: "parent_code" };
      this.#report.add({ ...place, code: "INVALID_VALUE", message: "the region lies in itself", value: parent });
      return "";
    }
    this.#underWay.add(row.id);
    const path = this.of(parent);
    this.#underWay.delete(row.id);
    return path;
  }
}
