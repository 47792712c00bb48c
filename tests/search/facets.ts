import fc from "fast-check";
import { expect } from "vitest";
import type { Ask } from "../support/portal.ts";
import { holdsEventually } from "../support/properties.ts";

/** A list with facets, and the argument of its filter that each of them is told apart by. */
interface FacetedList {
  readonly field: string;
  readonly filter: string;
  readonly by: Readonly<Record<string, string>>;
}

const LISTS: readonly FacetedList[] = [
  { field: "regions", filter: "RegionFilter", by: { LEVEL: "level", STATUS: "status", REGION: "within" } },
  { field: "agencies", filter: "AgencyFilter", by: { LEVEL: "level", REGION: "within" } },
  { field: "platforms", filter: "PlatformFilter", by: { KIND: "kind", REGION: "within" } },
  { field: "industrialComplexes", filter: "IndustrialComplexFilter", by: { KIND: "kind", REGION: "within" } },
  { field: "metrics", filter: "MetricFilter", by: { TOPIC: "topic" } },
  { field: "sources", filter: "SourceFilter", by: { LANGUAGE: "language" } },
];
const PLACES = [undefined, "region:WORLD", "region:CN", "region:52", "region:5201", "region:44", "region:110101"];
const KINDS: Readonly<Record<string, readonly string[]>> = {
  regions: ["PROVINCE", "PREFECTURE"],
  agencies: ["PROVINCIAL", "PREFECTURE"],
  platforms: ["OPEN_DATA", "DATA_EXCHANGE"],
  industrialComplexes: ["PILOT_ZONE", "DATA_CENTRE"],
};

interface Counted {
  readonly facets: readonly {
    readonly field: string;
    readonly counts: readonly { value: string | null; region: { id: string } | null; count: number }[] | null;
  }[];
}

/** What facets count is what paging to the end comes to, in all and value by value. */
export async function expectFacetsOfLists(ask: Ask): Promise<void> {
  const arbitrary = fc.record({
    list: fc.constantFrom(...LISTS),
    within: fc.constantFrom(...PLACES),
    kind: fc.option(fc.nat(1), { nil: undefined }),
  });
  const property = fc.asyncProperty(arbitrary, async ({ list, within, kind }) => {
    const placed = "REGION" in list.by;
    const narrow = list.by.KIND ?? list.by.LEVEL;
    const filter: Record<string, string> = {
      ...(placed && within !== undefined ? { within } : {}),
      ...(kind !== undefined && narrow ? { [narrow]: KINDS[list.field]?.[kind] ?? "" } : {}),
    };
    const length = await lengthOf(ask, list, filter);
    const facets = Object.keys(list.by);
    const { data } = await ask<Record<string, Counted>>(
      `query ($filter: ${list.filter}, $of: [FacetField!]!) {
        ${list.field}(filter: $filter) { facets(of: $of) { field counts { value region { id } count } } }
      }`,
      { filter, of: facets },
    );
    for (const [i, { field, counts }] of (data[list.field]?.facets ?? []).entries()) {
      expect(field).toBe(facets[i]);
      expect(counts?.reduce((sum, { count }) => sum + count, 0)).toBe(length);
      for (const { value, region, count } of (counts ?? []).slice(0, 5)) {
        if (value === null) continue;
        expect(region?.id).toBe(field === "REGION" ? value : undefined);
        const narrower = { ...filter, [list.by[field] ?? ""]: value };
        expect(await lengthOf(ask, list, narrower), `${list.field} ${JSON.stringify(narrower)}`).toBe(count);
      }
    }
  });
  await holdsEventually(property, 12);
}

/** The length of a list as paging through it counts, not as it says of itself. */
async function lengthOf(ask: Ask, { field, filter: type }: FacetedList, filter: object): Promise<number> {
  let [length, after]: [number, string | null] = [0, null];
  do {
    const { data, errors }: Awaited<ReturnType<typeof ask<Record<string, Page>>>> = await ask<Record<string, Page>>(
      `query ($filter: ${type}, $after: String) {
        ${field}(filter: $filter, first: 100, after: $after) { edges { cursor } pageInfo { hasNextPage endCursor } }
      }`,
      { filter, after },
    );
    expect(errors).toEqual([]);
    const page = data[field] as Page;
    length += page.edges.length;
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return length;
}

interface Page {
  readonly edges: readonly unknown[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const TEXTS = ["data", "贵阳", "guizhou", "open data", "s", "数据 交易", "big data centre"];

/** The same for searches: all hits of a page sequence against what each facet counts. */
export async function expectFacetsOfSearches(
  ask: Ask,
  allIds: (text: string, variables: Record<string, unknown>) => Promise<string[]>,
): Promise<void> {
  const arbitrary = fc.record({ text: fc.constantFrom(...TEXTS), within: fc.constantFrom(...PLACES) });
  const property = fc.asyncProperty(arbitrary, async ({ text, within }) => {
    const ids = await allIds(text, { within });
    const { data } = await ask<{ search: Counted }>(
      `query ($text: String!, $within: ID) {
        search(text: $text, within: $within) {
          facets(of: [KIND, LEVEL, TOPIC, STATUS, LANGUAGE, REGION]) { field counts { value region { id } count } }
        }
      }`,
      { text, within },
    );
    const byField = new Map(data.search.facets.map(({ field, counts }) => [field, counts ?? []]));
    for (const counts of byField.values()) {
      expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(ids.length);
    }
    for (const { value, count } of byField.get("KIND") ?? []) {
      expect(await allIds(text, { within, kinds: [value] })).toHaveLength(count);
    }
    for (const { value, count } of (byField.get("REGION") ?? []).filter(({ value }) => value !== null).slice(0, 3)) {
      expect(await allIds(text, { within: value })).toHaveLength(count);
    }
  });
  await holdsEventually(property, 8);
}
