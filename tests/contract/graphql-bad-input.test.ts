import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease } from "../support/made-up-world.ts";
import { pageOf } from "../support/paging.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";

let engine: RunningEngine;
let portal: TestPortal;
beforeAll(async () => {
  const [dynalite] = engines;
  if (!dynalite) throw new Error("the embedded engine is always there");
  engine = await dynalite.start();
  portal = await openPortal(engine);
  await portal.publish(firstRelease);
});
afterAll(async () => {
  await portal.close();
  await engine.stop();
});

const SERIES = `series(metric: "data-volume", subject: "ZZ")`;

describe("a bad argument", () => {
  test.for([
    ["id", `{ node(id: "platform") { id } }`],
    ["id", `{ node(id: "") { id } }`],
    ["id", `{ node(id: "planet:earth") { id } }`],
    ["id", `{ node(id: "head") { id } }`],
    ["id", `{ node(id: "region:zz") { id } }`],
    ["id", `{ node(id: "series:data-volume/ZZ/A") { id } }`],
    ["ids", `{ nodes(ids: ["region:ZZ", "nonsense"]) { id } }`],
    ["code", `{ region(code: "zedland") { id } }`],
    ["code", `{ region(code: "") { id } }`],
    ["id", `{ agency(id: "region:ZZ") { id } }`],
    ["id", `{ platform(id: "North Open Data") { id } }`],
    ["id", `{ industrialComplex(id: "a/b") { id } }`],
    ["id", `{ metric(id: "数据") { id } }`],
    ["id", `{ source(id: "-") { id } }`],
    ["number", `{ release(number: 0) { id } }`],
    ["number", `{ release(number: -1) { id } }`],
    ["asOf", `{ release(number: 1, asOf: 1) { id } }`],
    ["asOf", `{ release(asOf: 0) { id } }`],
    ["asOf", `{ release(asOf: 2) { id } }`],
    ["asOf", `{ release(asOf: "1") { id } }`],
    ["asOf", `{ release(asOf: "2023-02-29") { id } }`],
    ["asOf", `{ release(asOf: "yesterday") { id } }`],
    ["metric", `{ series(metric: "Data volume", subject: "ZZ") { id } }`],
    ["subject", `{ series(metric: "data-volume", subject: "north-open-data") { id } }`],
    ["subject", `{ series(metric: "data-volume", subject: "metric:data-volume") { id } }`],
    ["asOf", `{ series(metric: "data-volume", subject: "ZZ", asOf: 7) { id } }`],
    ["from", `{ ${SERIES} { observations(from: "2020-Q5") { value } } }`],
    ["from", `{ ${SERIES} { observations(from: "2023-02-29") { value } } }`],
    ["to", `{ ${SERIES} { observations(to: "2020-W54") { value } } }`],
    ["to", `{ ${SERIES} { observations(to: "") { value } } }`],
    ["last", `{ ${SERIES} { observations(last: 0) { value } } }`],
    ["asOf", `{ ${SERIES} { observations(asOf: 99) { value } } }`],
    ["asOf", `{ ${SERIES} { latest(asOf: "last week") { value } } }`],
    ["filter.within", `{ platforms(filter: { within: "zedland" }) { totalCount } }`],
    ["filter.within", `{ platforms(filter: { within: "" }) { totalCount } }`],
    ["filter.operator", `{ platforms(filter: { operator: "The Bureau" }) { totalCount } }`],
    ["filter.within", `{ agency(id: "north-bureau") { platforms(filter: { within: "?" }) { totalCount } } }`],
    ["first", `{ platforms(first: 0) { totalCount } }`],
    ["first", `{ platforms(first: 101) { totalCount } }`],
    ["first", `{ platforms(first: -5) { totalCount } }`],
    ["last", `{ regions(last: 0) { totalCount } }`],
    ["last", `{ regions(last: 101) { totalCount } }`],
    ["last", `{ regions(first: 1, last: 1) { totalCount } }`],
    ["after", `{ platforms(after: "nonsense") { totalCount } }`],
    ["after", `{ platforms(after: "") { totalCount } }`],
    ["before", `{ platforms(before: "test.AAAA") { totalCount } }`],
    ["first", `{ region(code: "ZZ") { children(first: 0) { totalCount } } }`],
    ["after", `{ region(code: "ZZ") { profile(after: "x") { nodes { id } } } }`],
    ["first", `{ region(code: "ZZ") { profile(first: 500) { nodes { id } } } }`],
    ["asOf", `{ region(code: "ZZ") { profile(asOf: 5) { nodes { id } } } }`],
  ] as const)("%s is named: %s", async ([argument, query]) => {
    const { status, errors, requestId } = await portal.ask(query);
    expect(status).toBe(200);
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/\w/),
        extensions: { code: "BAD_USER_INPUT", argument, requestId },
      }),
    ]);
  });

  test("in a variable is named too", async () => {
    const { errors } = await portal.ask(`query ($id: ID!) { platform(id: $id) { id } }`, { id: "No Such Form" });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "id" } }]);
  });

  test("is quoted no longer than a person needs to find it", async () => {
    const { errors } = await portal.ask(`query ($id: ID!) { platform(id: $id) { id } }`, { id: "X".repeat(50_000) });
    expect(errors[0]?.message.length).toBeLessThan(300);
  });

  test("of a hundred and one ids is too many", async () => {
    const ids = Array.from({ length: 101 }, (_, i) => `release:${i + 1}`);
    const { errors } = await portal.ask(`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "ids" } }]);
  });

  test("of one node leaves the others answered", async () => {
    const { data, errors } = await portal.ask(`{ nodes(ids: ["region:ZZ", "nonsense", "metric:datasets"]) { id } }`);
    expect(data).toEqual({ nodes: [{ id: "region:ZZ" }, null, { id: "metric:datasets" }] });
    expect(errors).toMatchObject([{ path: ["nodes", 1], extensions: { argument: "ids" } }]);
  });

  test.for([
    ["a kind that there is not", `{ platforms(filter: { kind: PARK }) { totalCount } }`],
    ["a filter field that there is not", `{ platforms(filter: { colour: "red" }) { totalCount } }`],
    ["an argument that there is not", `{ platforms(limit: 5) { totalCount } }`],
    ["a time period that is no text", `{ ${SERIES} { observations(from: 2020) { value } } }`],
    ["a release reference that is no number or text", `{ ${SERIES} { observations(asOf: 1.5) { value } } }`],
  ] as const)("of the wrong type is refused by validation: %s", async ([, query]) => {
    const { data, errors } = await portal.ask(query);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }]);
  });
});

describe("a cursor", () => {
  const platforms = { list: "platforms" } as const;

  async function cursor(): Promise<string> {
    return (await pageOf(portal.ask, platforms, { first: 1 })).pageInfo.endCursor as string;
  }

  test.for([
    ["another list", `{ agencies(after: $after) { totalCount } }`],
    ["another filter", `{ platforms(after: $after, filter: { kind: CLOUD }) { totalCount } }`],
    ["another region", `{ platforms(after: $after, filter: { within: "90" }) { totalCount } }`],
    ["another order", `{ platforms(after: $after, orderBy: { field: NAME }) { totalCount } }`],
    ["another direction", `{ platforms(after: $after, orderBy: { field: REGION, direction: DESC }) { totalCount } }`],
    ["the list of one region", `{ region(code: "ZZ") { platforms(after: $after) { totalCount } } }`],
    ["the list of one agency", `{ agency(id: "north-bureau") { platforms(after: $after) { totalCount } } }`],
    ["a profile", `{ region(code: "ZZ") { profile(after: $after) { nodes { id } } } }`],
  ] as const)("does not open in %s", async ([, query]) => {
    const { errors } = await portal.ask(`query ($after: String) ${query}`, { after: await cursor() });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "after" } }]);
  });

  test("opens in the same list, however it was asked for before", async () => {
    const query = `query ($after: String) { platforms(first: 50, after: $after, orderBy: { field: REGION, direction: ASC }, filter: {}) { nodes { id } } }`;
    const { data, errors } = await portal.ask<{ platforms: { nodes: unknown[] } }>(query, { after: await cursor() });
    expect(errors).toEqual([]);
    expect(data.platforms.nodes).toHaveLength(4);
  });
});

test("null stands for an argument that was left out", async () => {
  const query = `{ platforms(filter: { within: null, kind: null, operator: null }, orderBy: null, first: null, after: null) { totalCount } }`;
  expect((await portal.ask(query)).data).toEqual({ platforms: { totalCount: 5 } });
});
