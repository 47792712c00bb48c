import { describe, expect, test } from "vitest";
import { InvalidReleaseError } from "../../portal/releases/problems.ts";
import { type Facts, factsOf, idsOf, type ListQuery } from "../support/facts.ts";
import { randomOf } from "../support/fault-proxy.ts";
import { listsAtOnce } from "../support/paging.ts";
import { importerOn } from "../support/publishing.ts";
import { type MadeFiles, type MadeRow, madeUp } from "../support/releases.ts";
import { FORTH, HISTORY_FILES } from "./support/history.ts";
import { embedded, portalWithHistory } from "./support/portal-with-history.ts";

const RUNS = process.env.FAULTS === "full" ? 60 : 3;
const RELEASES = 7;

/** Draws from what there is. */
class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  upTo(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  of<T>(values: readonly T[]): T {
    return values[this.upTo(values.length)] as T;
  }
}

const LEVELS = ["PROVINCE", "PREFECTURE", "COUNTY", "TOWNSHIP"];
const PLATFORM_KINDS = ["OPEN_DATA", "CLOUD", "DATA_EXCHANGE"];

/** Some rows at random about entities that there are, or that there are not yet; not every such release is valid. */
function randomFiles(facts: Facts, dice: Dice): MadeFiles {
  const files = new Map<string, Map<string, MadeRow>>();
  for (let i = 1 + dice.upTo(5); i > 0; i -= 1) {
    const [file, row] = randomRow(facts, dice);
    files.set(file, (files.get(file) ?? new Map()).set(row.id ?? row.code ?? "", row));
  }
  return Object.fromEntries([...files].map(([file, rows]) => [file, [...rows.values()]]));
}

function randomRow(facts: Facts, dice: Dice): [file: string, row: MadeRow] {
  const regions = [...facts.regions.keys()];
  const action = dice.upTo(6) === 0 ? "D" : "M";
  const region_code = dice.of(regions);
  switch (dice.upTo(5)) {
    case 0:
    case 1: {
      const id = dice.of([...facts.platforms.keys(), `cloud-${dice.upTo(4)}`]);
      const operator_agency_id = dice.of(["", ...facts.agencies.keys()]);
      const name_en = `${dice.of(["Alpha", "beta", "Gamma"])} ${id}`;
      return ["platforms.csv", { id, name_en, kind: dice.of(PLATFORM_KINDS), region_code, operator_agency_id, action }];
    }
    case 2: {
      const id = dice.of([...facts.agencies.keys(), `office-${dice.upTo(3)}`]);
      return [
        "agencies.csv",
        { id, name_en: `Office ${dice.upTo(9)}`, level: dice.of(["PROVINCIAL", "COUNTY"]), region_code, action },
      ];
    }
    case 3: {
      const id = dice.of([...facts.industrialComplexes.keys(), `park-${dice.upTo(3)}`]);
      return [
        "complexes.csv",
        { id, name_en: `Park ${id}`, kind: dice.of(["LABORATORY", "PILOT_ZONE"]), region_code, action },
      ];
    }
    default: {
      const code = dice.of([...regions.filter((one) => one.length > 2), `99${dice.upTo(3)}${dice.upTo(10)}`]);
      const level = facts.regions.get(code)?.level ?? dice.of(LEVELS);
      const above = regions.filter(
        (one) => LEVELS.indexOf(facts.regions.get(one)?.level ?? "") < LEVELS.indexOf(level),
      );
      const valid_to = dice.upTo(4) === 0 ? "2024-03-31" : "";
      return [
        "regions.csv",
        { code, parent_code: dice.of(above), level, name_en: `Region ${dice.upTo(9)}`, valid_to, action },
      ];
    }
  }
}

function queriesOf(facts: Facts): ListQuery[] {
  const lists = ["regions", "agencies", "platforms", "industrialComplexes"] as const;
  const orders = [
    { field: "REGION", direction: "DESC" },
    { field: "NAME", direction: "ASC" },
  ] as const;
  return [
    ...lists.map((list): ListQuery => ({ list })),
    ...lists.flatMap((list) => orders.map((orderBy): ListQuery => ({ list, orderBy }))),
    { list: "regions", filter: { status: "HISTORICAL" } },
    ...LEVELS.map((level): ListQuery => ({ list: "regions", filter: { level } })),
    ...PLATFORM_KINDS.map((kind): ListQuery => ({ list: "platforms", filter: { kind } })),
    ...[...facts.agencies.keys()].map((operator): ListQuery => ({ list: "platforms", filter: { operator } })),
    ...[...facts.regions.keys()].flatMap((within) => lists.map((list): ListQuery => ({ list, filter: { within } }))),
  ];
}

describe("after releases of any kind", () => {
  const portal = portalWithHistory(embedded);
  const seeds = Array.from({ length: RUNS }, (_, i) => i + 1);

  test.for(seeds)(
    "lists hold what was said, and counts say how much that is (%i)",
    { timeout: 60_000 },
    async (seed) => {
      const dice = new Dice(seed);
      const published: MadeFiles[] = [...HISTORY_FILES];
      for (let n = 0; n < RELEASES; n += 1) {
        const files = randomFiles(factsOf(...published), dice);
        const refused = await importerOn(portal())
          .publish(madeUp(files, FORTH, `Release ${n} of ${seed}`))
          .then(
            () => false,
            (error: unknown) => error instanceof InvalidReleaseError || Promise.reject(error),
          );
        if (refused) continue;
        published.push(files);
        const facts = factsOf(...published);
        const queries = queriesOf(facts);
        const lists = await listsAtOnce(portal().ask, queries);
        for (const [i, { ids, totalCount }] of lists.entries()) {
          const query = queries[i] as ListQuery;
          const expected = idsOf(facts, query);
          const where = `${JSON.stringify(query)} after release ${n}: ${JSON.stringify(files)}`;
          expect(ids, where).toEqual(expected);
          expect(totalCount, where).toBe(expected.length);
        }
        await expectRegionCounts(facts);
      }
      expect(published.length).toBeGreaterThan(HISTORY_FILES.length);
    },
  );

  async function expectRegionCounts(facts: Facts): Promise<void> {
    const { data } = await portal().ask<{
      regions: { nodes: { id: string; counts: Record<string, number>; children: { totalCount: number } }[] };
    }>(
      `{ regions(first: 100) { nodes { id counts { regions agencies platforms industrialComplexes } children { totalCount } } } }`,
    );
    for (const { id, counts, children } of data.regions.nodes) {
      const within = id.slice("region:".length);
      const count = (list: ListQuery["list"]) => idsOf(facts, { list, filter: { within } }).length;
      const [regions, agencies, platforms] = [count("regions"), count("agencies"), count("platforms")];
      expect(counts, id).toEqual({ regions, agencies, platforms, industrialComplexes: count("industrialComplexes") });
      const below = [...facts.regions.values()].filter(
        ({ parent_code, valid_to }) => parent_code === within && !valid_to,
      );
      expect(children.totalCount, id).toBe(below.length);
    }
  }
});
