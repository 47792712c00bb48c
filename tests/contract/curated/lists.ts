import { describe, expect, test } from "vitest";
import { facts } from "../../support/curated.ts";
import { idsOf, type ListQuery } from "../../support/facts.ts";
import { pageBackward, pageForward, pageOf } from "../../support/paging.ts";
import type { TestPortal } from "../../support/portal.ts";

/** Every combination of the choices, `undefined` leaving a condition out. */
function combinations(choices: Readonly<Record<string, readonly (string | undefined)[]>>): Record<string, string>[] {
  return Object.entries(choices).reduce<Record<string, string>[]>(
    (filters, [name, values]) =>
      filters.flatMap((filter) => values.map((value) => (value === undefined ? filter : { ...filter, [name]: value }))),
    [{}],
  );
}

const places = [undefined, "CN", "52", "5201", "81", "999999"];

const filters: Readonly<Record<ListQuery["list"], readonly Record<string, string>[]>> = {
  platforms: combinations({
    within: places,
    kind: [undefined, "OPEN_DATA", "DATA_EXCHANGE"],
    operator: [undefined, "national-data-administration", "nobody"],
  }),
  agencies: combinations({ within: places, level: [undefined, "NATIONAL", "PROVINCIAL"] }),
  industrialComplexes: combinations({ within: places, kind: [undefined, "PILOT_ZONE", "DATA_CENTRE"] }),
  metrics: combinations({ topic: [undefined, "open data", "no such topic", "constructor"] }),
  sources: combinations({ language: [undefined, "zh", "ja", "tlh"] }),
  regions: combinations({ within: ["52", "5201", "11", "81", "999999"], level: [undefined, "PREFECTURE"] }),
};
const lists = Object.keys(filters) as ListQuery["list"][];
const orders = (["ASC", "DESC"] as const).flatMap((direction) =>
  (["place", "NAME"] as const).map((field) => ({ field, direction })),
);

function orderOf(list: ListQuery["list"], { field, direction }: (typeof orders)[number]): ListQuery["orderBy"] {
  if (field === "NAME") return { field, direction };
  return { field: list === "metrics" || list === "sources" ? "ID" : "REGION", direction };
}

export function describeLists(portal: Pick<TestPortal, "ask">): void {
  describe.each(lists)("of %s", (list) => {
    test.for(orders)("are right with every filter by $field $direction", async (order) => {
      const orderBy = orderOf(list, order) as NonNullable<ListQuery["orderBy"]>;
      for (const filter of filters[list]) {
        const query: ListQuery = { list, filter, orderBy };
        expect({ filter, ids: await pageForward(portal.ask, query, 100) }).toEqual({
          filter,
          ids: idsOf(facts, query),
        });
      }
    });

    test("say how many there are, wherever a count is kept", async () => {
      for (const filter of filters[list]) {
        const { totalCount } = await pageOf(portal.ask, { list, filter }, { first: 1 });
        const kept = filter.within === undefined || filter.operator === undefined || filter.within === "999999";
        expect({ filter, totalCount }).toEqual({
          filter,
          totalCount: kept ? idsOf(facts, { list, filter }).length : null,
        });
      }
    });

    test("are by place, ascending, in pages of twenty when nothing is said", async () => {
      const page = await pageOf(portal.ask, { list }, {});
      expect(page.nodes.map(({ id }) => id)).toEqual(idsOf(facts, { list }).slice(0, 20));
    });

    test("can be paged from the end", async () => {
      const query: ListQuery = { list, filter: filters[list].at(1) ?? {} };
      expect(await pageBackward(portal.ask, query, 33)).toEqual(idsOf(facts, query));
      const page = await pageOf(portal.ask, { list }, { last: 3 });
      expect(page.nodes.map(({ id }) => id)).toEqual(idsOf(facts, { list }).slice(-3));
    });
  });

  test("of the regions of a level within the country are sorted by name", async () => {
    const query: ListQuery = {
      list: "regions",
      filter: { within: "CN", level: "PREFECTURE" },
      orderBy: { field: "NAME", direction: "ASC" },
    };
    expect(await pageForward(portal.ask, query, 100)).toEqual(idsOf(facts, query));
  });

  test.for(["REGION", "NAME"] as const)("of all regions by %s hold every one", async (field) => {
    const query: ListQuery = { list: "regions", orderBy: { field, direction: "ASC" } };
    expect(await pageForward(portal.ask, query, 100)).toEqual(idsOf(facts, query));
    expect((await pageOf(portal.ask, query, { first: 1 })).totalCount).toBe(3355);
  });

  test.for([{ within: "CN" }, { within: "WORLD", level: "COUNTY" }, { within: "CN", level: "COUNTY" }] as const)(
    "of more than a thousand matches are by name where they are nearly all there are: %o",
    async (filter) => {
      for (const direction of ["ASC", "DESC"] as const) {
        const query: ListQuery = { list: "regions", filter, orderBy: { field: "NAME", direction } };
        expect(await pageForward(portal.ask, query, 100)).toEqual(idsOf(facts, query));
      }
      const query: ListQuery = { list: "regions", filter, orderBy: { field: "NAME", direction: "ASC" } };
      expect(await pageBackward(portal.ask, query, 97)).toEqual(idsOf(facts, query));
    },
  );

  test("take the region with or without its prefix", async () => {
    for (const within of ["52", "region:52"]) {
      expect((await pageOf(portal.ask, { list: "platforms", filter: { within } }, { first: 1 })).totalCount).toBe(
        idsOf(facts, { list: "platforms", filter: { within: "52" } }).length,
      );
    }
  });

  test("of historical regions are empty, as the data has none", async () => {
    const page = await pageOf(portal.ask, { list: "regions", filter: { status: "HISTORICAL" } }, { first: 5 });
    expect(page).toMatchObject({ nodes: [], totalCount: 0 });
  });

  test("that are empty have no cursors and nothing on either side", async () => {
    const page = await pageOf(portal.ask, { list: "platforms", filter: { within: "999999" } }, { first: 5 });
    const pageInfo = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
    expect(page).toEqual({ totalCount: 0, nodes: [], edges: [], pageInfo });
  });
}
