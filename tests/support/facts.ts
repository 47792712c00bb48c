import type { MadeFiles, MadeRow } from "./releases.ts";

/** The entities that rows of releases amount to, and what lists of them must hold: worked out from the rows alone. */
export type Facts = Readonly<Record<ListField, ReadonlyMap<string, MadeRow>>>;

/** The list fields of the query, with what is particular to each. */
const LISTS = {
  regions: { file: "regions.csv", prefix: "region", id: "code", region: "parent_code" },
  agencies: { file: "agencies.csv", prefix: "agency", id: "id", region: "region_code" },
  platforms: { file: "platforms.csv", prefix: "platform", id: "id", region: "region_code" },
  industrialComplexes: { file: "complexes.csv", prefix: "complex", id: "id", region: "region_code" },
  metrics: { file: "metrics.csv", prefix: "metric", id: "id", region: "" },
  sources: { file: "sources.csv", prefix: "source", id: "id", region: "" },
} as const;

export type ListField = keyof typeof LISTS;

export interface ListQuery {
  readonly list: ListField;
  /** As in the SDL; codes and ids without prefix. */
  readonly filter?: Readonly<Record<string, string>>;
  /** By REGION (ID, where there is no region) ascending when left out. */
  readonly orderBy?: { readonly field: "REGION" | "NAME" | "ID"; readonly direction: "ASC" | "DESC" };
}

/** Lays the rows of releases over each other, as publishing them one after the other does. */
export function factsOf(...releases: readonly MadeFiles[]): Facts {
  const entries = Object.entries(LISTS).map(([list, { file, id }]) => {
    const standing = new Map<string, MadeRow>();
    for (const row of releases.flatMap((files) => (files[file] ?? []) as readonly MadeRow[])) {
      const key = row[id] ?? "";
      if (row.action === "D") standing.delete(key);
      else standing.set(key, { ...standing.get(key), ...row });
    }
    return [list, standing];
  });
  return Object.fromEntries(entries) as Facts;
}

/** The global ids of a list, in its order. */
export function idsOf(facts: Facts, { list, filter = {}, orderBy }: ListQuery): string[] {
  const { prefix } = LISTS[list];
  const byName = orderBy?.field === "NAME";
  const entries = [...facts[list]]
    .filter(([id, row]) => matches(facts, list, id, row, filter))
    .map(([id, row]) => ({ id, keys: byName ? [nameOf(row), id] : [...codesOf(facts, list, id, row), "", id] }));
  entries.sort((a, b) => compareKeys(a.keys, b.keys));
  const ids = entries.map(({ id }) => `${prefix}:${id}`);
  return orderBy?.direction === "DESC" ? ids.reverse() : ids;
}

/** The codes from the world down to where something lies; of a region, down to itself. */
export function codesOf(facts: Facts, list: ListField, id: string, row: MadeRow): string[] {
  const codes = list === "regions" ? [id] : [];
  let above = row[LISTS[list].region || "none"] ?? "";
  while (above !== "") {
    codes.unshift(above);
    above = facts.regions.get(above)?.parent_code ?? "";
  }
  return codes;
}

function matches(facts: Facts, list: ListField, id: string, row: MadeRow, filter: Record<string, string>): boolean {
  const { within, operator, status = "CURRENT", ...same } = filter;
  if (within !== undefined && !codesOf(facts, list, id, row).includes(within)) return false;
  if (operator !== undefined && row.operator_agency_id !== operator) return false;
  if (list === "regions" && (row.valid_to ? "HISTORICAL" : "CURRENT") !== status) return false;
  return Object.entries(same).every(([column, value]) => row[column] === value);
}

function nameOf(row: MadeRow): string {
  return (row.name_en || row.name_zh || row.title || "").toLowerCase();
}

function compareKeys(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((key, i) => key !== b[i]);
  return at < 0 ? 0 : compareCodePoints(a[at] as string, b[at] ?? "");
}

/** JavaScript compares UTF-16 units, which differ from code points outside the basic plane. */
function compareCodePoints(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  const at = x.findIndex((character, i) => character !== y[i]);
  if (at < 0) return x.length - y.length;
  return (x[at]?.codePointAt(0) ?? 0) - (y[at]?.codePointAt(0) ?? -1);
}
