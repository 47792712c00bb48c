import { pathCodes } from "../catalogue/entities.ts";
import { SEARCHED_TYPES } from "./documents.ts";
import { documentAt, type Ranking } from "./rank.ts";
import { regionAt, type SearchIndex } from "./search-index.ts";

/** How many hits have each value of what hits can be told apart by; `null` for those that have none. */
export type HitCounts = ReadonlyMap<string | null, number>;

export type HitFacet = "KIND" | "LEVEL" | "TOPIC" | "STATUS" | "LANGUAGE";

/** The types that have a facet. A search mixes types, so that KIND is the type itself. */
const VALUES: Readonly<Record<HitFacet, (type: string, kind: string, historical: boolean) => string | undefined>> = {
  KIND: (type) => type,
  LEVEL: (type, kind) => (type === "region" || type === "agency" ? kind : undefined),
  TOPIC: (type, kind) => (type === "metric" ? kind : undefined),
  STATUS: (type, _kind, historical) => (type === "region" ? (historical ? "HISTORICAL" : "CURRENT") : undefined),
  LANGUAGE: (type, kind) => (type === "source" && kind !== "" ? kind : undefined),
};

export function countHits(index: SearchIndex, ranking: Ranking, facet: HitFacet): HitCounts {
  const counts = new Map<string | null, number>();
  for (const rank of ranking) {
    const number = documentAt(rank);
    const { kind = "", historical = false } = index.documents[number] ?? {};
    const value = VALUES[facet](SEARCHED_TYPES[index.types[number] ?? 0] ?? "", kind, historical) ?? null;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/**
 * Hits by region: the children of the one that was searched in, the provinces where none was; null for what lies in
 * none of these. By the region's code.
 */
export function countByRegion(index: SearchIndex, ranking: Ranking, within: string | undefined): HitCounts {
  const depth = within === undefined ? undefined : pathCodes(within).length + 1;
  const counts = new Map<string | null, number>();
  for (const rank of ranking) {
    const codes = pathCodes(index.documents[documentAt(rank)]?.path ?? "");
    const code = depth === undefined ? provinceOf(index, codes) : (codes[depth - 1] ?? null);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

function provinceOf(index: SearchIndex, codes: readonly string[]): string | null {
  for (let depth = 1; depth <= codes.length; depth += 1) {
    const number = regionAt(index, `${codes.slice(0, depth).join("/")}/`);
    if (number !== undefined && index.documents[number]?.kind === "PROVINCE") return codes[depth - 1] ?? null;
  }
  return null;
}
