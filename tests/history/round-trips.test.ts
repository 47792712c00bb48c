import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { type Ask, functionOn, openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";
import { CallWatch, longestChain } from "../support/round-trips.ts";

const OBSERVATION = `timePeriod value status note source { title publisher } release { number title }
  revisions { value source { title } release { title } } alternatives { value source { title } release { title } }`;
const NAMES = "metric { name { text } unit } subject { id name { text } }";

/** The most round trips in sequence that a query may take while HEAD is known. */
const LIMIT = 2;

const QUERIES: Readonly<Record<string, string>> = {
  "a series with all its sources": `{
    series(metric: "data-volume", subject: "ZZ") { id unit ${NAMES} observations { ${OBSERVATION} } latest { ${OBSERVATION} } }
  }`,
  "a series as of a release": `{
    series(metric: "data-volume", subject: "ZZ", asOf: 1) { ${NAMES} observations { ${OBSERVATION} } }
  }`,
  "a series as of a day": `{
    series(metric: "data-volume", subject: "ZZ", asOf: "2024-01-31") { ${NAMES} observations { ${OBSERVATION} } }
  }`,
  "a series with its change, growth and notices": `{
    series(metric: "data-volume", subject: "ZZ") {
      ${NAMES} change { value derivedFrom { ${OBSERVATION} } } growth { value unit } notices { code release { title } }
      compoundGrowth(from: "2021", to: "2023") { value }
    }
  }`,
  "a series beside its parent's and those of its siblings": `{
    series(metric: "data-volume", subject: "9001") { ${NAMES} shareOfParent { value } rank { rank outOf } latest { ${OBSERVATION} } }
  }`,
  "a series by its id beside others": `{
    node(id: "series:data-volume/region:9001/A") { ... on Series { ...Compared } }
  }
  fragment Compared on Series { shareOfParent { value derivedFrom { value } } rank { rank outOf } }`,
  "ranks of platforms and as of a day": `{
    platform: series(metric: "datasets", subject: "platform:north-open-data") { rank { rank outOf } }
    region: series(metric: "data-volume", subject: "90", asOf: "2024-02-01") { rank { rank } shareOfParent { value } }
  }`,
  "several series": `{
    a: series(metric: "data-volume", subject: "ZZ") { ${NAMES} latest { ${OBSERVATION} } }
    b: series(metric: "data-volume", subject: "90") { ${NAMES} latest { ${OBSERVATION} } }
    c: series(metric: "datasets", subject: "platform:north-open-data") { ${NAMES} latest { ${OBSERVATION} } }
  }`,
  "a series of a region": `{
    region(code: "90") { name { text } series(metric: "data-volume") { unit observations { ${OBSERVATION} } } }
  }`,
  "a series by its id": `{
    node(id: "series:data-volume/region:ZZ/A") { ... on Series { ${NAMES} latest { ${OBSERVATION} } } }
  }`,
  "a panel of children": `{
    panel(metric: "data-volume", of: { childrenOf: "ZZ" }) {
      metric { name { text } } release { title } timePeriods rows { subject { id name { text } } values statuses }
    }
  }`,
  "a panel of a level": `{
    panel(metric: "data-volume", of: { regions: { within: "ZZ", level: PREFECTURE } }, last: 3) {
      unit timePeriods rows { subject { id name { text } } values }
    }
  }`,
  "a panel of a kind": `{
    panel(metric: "datasets", of: { subjects: { kind: PLATFORM, within: "90" } }) {
      timePeriods rows { subject { id name { text } } values }
    }
  }`,
  "a panel of a kind anywhere": `{
    panel(metric: "datasets", of: { subjects: { kind: PLATFORM } }) { rows { subject { name { text } } values } }
  }`,
  "a panel as of a day": `{
    panel(metric: "data-volume", of: { childrenOf: "ZZ" }, asOf: "2024-02-01") {
      metric { name { text } } rows { subject { name { text } } values }
    }
  }`,
  "a panel of a level as of a day": `{
    panel(metric: "data-volume", of: { regions: { within: "ZZ", level: PREFECTURE } }, asOf: "2024-02-01") {
      metric { name { text } } rows { subject { name { text } } values }
    }
  }`,
  "a profile": `{
    region(code: "ZZ") { name { text } profile { nodes { frequency metric { name { text } topic } latest { ${OBSERVATION} } } } }
  }`,
  "a profile of one topic as of a day": `{
    region(code: "ZZ") {
      profile(topic: "data", asOf: "2024-02-01") { nodes { metric { name { text } } latest { ${OBSERVATION} } } }
    }
  }`,
  "a profile of a platform": `{
    platform(id: "north-open-data") { profile { nodes { metric { name { text } } latest { ${OBSERVATION} } } } }
  }`,
  "a profile of a node": `{
    node(id: "region:ZZ") { ... on Region { profile { nodes { metric { name { text } } latest { value } } } } }
  }`,
  "the change feed": `{
    changes(first: 100) {
      nodes { sequence action kind nodeId release { title } observations { timePeriod old { value } new { value } } }
    }
  }`,
  "the change feed with its nodes": `{
    changes(first: 100) { nodes { action node { id } release { number } } pageInfo { endCursor } }
  }`,
  "a release": `{ release { number title isHead counts { claims } } }`,
  "a release by its day": `{ release(asOf: "2024-01-15") { number title } }`,
};

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  let ask: Ask;
  const watch = new CallWatch();
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    const rows = ["90", "91", "9001", "9002", "9101"].map((id, i) =>
      observation("2022", `${i + 1}`, { subject_id: id }),
    );
    await portal.publish(firstRelease, madeUp({ "observations.csv": rows }, "2024-02-01", "More"));
    ask = functionOn({ client: portal.client(watch.intercept), tables: portal.tables, headMaxAgeMs: 600_000 });
    // HEAD is known from here on, as it is to a function that has answered before.
    await ask("{ release { number } }");
    watch.take();
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  test.each(Object.entries(QUERIES))("%s takes no more than two round trips", async (_name, query) => {
    const { data, errors } = await ask(query);
    expect(errors).toEqual([]);
    expect(Object.values(data)).not.toContain(null);
    const chain = longestChain(watch.take()).map(({ command }) => command);
    expect(chain.length, chain.join(" → ")).toBeLessThanOrEqual(LIMIT);
  });

  test("pages after the first take no more", async () => {
    const profile = `query ($after: String) {
      region(code: "ZZ") {
        profile(first: 1, after: $after) { pageInfo { endCursor } nodes { metric { name { text } } latest { value source { title } } } }
      }
    }`;
    const feed = `query ($after: String) { changes(first: 30, after: $after) { pageInfo { endCursor } nodes { node { id } release { title } } } }`;
    for (const [query, cursorOf] of [
      [profile, (data: Paged) => data.region?.profile.pageInfo.endCursor],
      [feed, (data: Paged) => data.changes?.pageInfo.endCursor],
    ] as const) {
      const first = await ask<Paged>(query);
      watch.take();
      const { errors } = await ask(query, { after: cursorOf(first.data) });
      expect(errors).toEqual([]);
      const chain = longestChain(watch.take()).map(({ command }) => command);
      expect(chain.length, chain.join(" → ")).toBeLessThanOrEqual(LIMIT);
    }
  });

  test("no news costs nothing but knowing HEAD", async () => {
    let after: string | null = null;
    for (let more = true; more; ) {
      const query = `query ($after: String) { changes(first: 100, after: $after) { pageInfo { endCursor hasNextPage } } }`;
      const { data }: { data: Paged } = await ask<Paged>(query, { after });
      after = data.changes?.pageInfo.endCursor ?? null;
      more = data.changes?.pageInfo.hasNextPage ?? false;
    }
    watch.take();
    await ask(`query ($after: String) { changes(after: $after) { nodes { sequence } pageInfo { endCursor } } }`, {
      after,
    });
    expect(watch.take()).toEqual([]);
  });
});

interface Paged {
  readonly region?: { readonly profile: { readonly pageInfo: PageInfo } };
  readonly changes?: { readonly pageInfo: PageInfo };
}

interface PageInfo {
  readonly endCursor: string;
  readonly hasNextPage: boolean;
}
