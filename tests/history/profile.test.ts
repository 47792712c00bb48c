import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimsOf, type ModelClaim } from "../support/claim-model.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { histories, METRICS, publishHistory } from "../support/histories.ts";
import { type Ask, functionOn, openPortal, type TestPortal } from "../support/portal.ts";
import { holdsEventually } from "../support/properties.ts";
import type { MadeFiles, MadeRow } from "../support/releases.ts";

/** Metrics whose ids and topics begin like those of others. */
const MORE_METRICS: readonly MadeRow[] = [
  { id: "volume-growth", name_en: "Growth of volume", unit: "%", topic: "data" },
  { id: "a-first", name_en: "First", unit: "1", topic: "data volume" },
];
const TOPICS = new Map([...METRICS, ...MORE_METRICS].map(({ id = "", topic = "" }) => [id, topic]));

const questions = fc.record({
  subject: fc.constantFrom("region:ZZ", "region:90", "region:9001", "platform:north-data", "platform:south-data"),
  topic: fc.option(fc.constantFrom("data", "open data", "data volume", "dat", "none"), { nil: undefined }),
  first: fc.integer({ min: 1, max: 7 }),
  asOf: fc.nat(),
});

interface ProfilePage {
  readonly node: { readonly profile: Profile } | null;
}

interface Profile {
  readonly nodes: readonly { readonly id: string; readonly latest: { readonly timePeriod: string } | null }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const QUERY = `query ($subject: ID!, $topic: String, $first: Int, $after: String, $asOf: ReleaseRef) {
  node(id: $subject) { ... on Subject {
    profile(topic: $topic, first: $first, after: $after, asOf: $asOf) {
      nodes { id latest { timePeriod } } pageInfo { hasNextPage endCursor }
    }
  } }
}`;

describe.each(engines)("on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  let claims: readonly ModelClaim[];
  let releases: number[];
  /** Subjects that the last release does not have any more. */
  let gone: string[];
  let ask: Ask;
  const operations: string[] = [];
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    const [history = []] = fc.sample(histories, { seed: 5, numRuns: 1 });
    const rows = ["volume-growth", "a-first", "volume"].map((metric_id) => ({
      ...{ metric_id, subject_type: "REGION", subject_id: "90", time_period: "2021" },
      ...{ value: "1", obs_status: "A", source_id: "alpha", published_on: "", note: "", action: "M" },
    }));
    const more = { publishedOn: "2026-01-01", files: { "metrics.csv": MORE_METRICS, "observations.csv": rows } };
    const published = await publishHistory(portal, [...history, more]);
    claims = claimsOf(published);
    releases = published.map(({ number }) => number);
    gone = [...deletedIn(published)];
    ask = functionOn({
      client: portal.client(),
      tables: portal.tables,
      onAnswered: ({ scope }) => operations.push(...scope.meter.operations),
    });
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  test("pages of a profile are its series by topic, metric and frequency, one Query a page", {
    timeout: 60_000,
  }, async () => {
    const property = fc.asyncProperty(questions, async ({ subject, topic, first, asOf: at }) => {
      const asOf = releases[at % releases.length] as number;
      const expected = profileOf(claims, subject, topic, asOf);
      const found: string[] = [];
      let after: string | null = null;
      for (let more = true; more; ) {
        operations.length = 0;
        const page: ProfilePage = await pageOf({ subject, topic, first, after, asOf });
        if (!page.node) {
          expect(gone).toContain(subject);
          return;
        }
        const { nodes, pageInfo }: Profile = page.node.profile;
        found.push(...nodes.map(({ id }) => id));
        if (asOf === releases.at(-1)) expect(operations.filter((operation) => operation === "Query")).toHaveLength(1);
        if (pageInfo.hasNextPage) expect(nodes).toHaveLength(first);
        after = pageInfo.endCursor;
        more = pageInfo.hasNextPage;
      }
      expect(found).toEqual(expected);
    });
    await holdsEventually(property, 40);
  });

  test("ids and topics that begin like others stand where their alphabet puts them", async () => {
    const { node } = await pageOf({ subject: "region:90", first: 100 });
    expect(node?.profile.nodes.map(({ id }) => id)).toEqual(
      profileOf(claims, "region:90", undefined, releases.at(-1) as number),
    );
  });

  test("a cursor belongs to its subject, topic and release", async () => {
    const first = await ask<ProfilePage>(QUERY, { subject: "region:90", first: 1 });
    const after = first.data.node?.profile.pageInfo.endCursor;
    for (const other of [{ subject: "region:ZZ" }, { topic: "data" }, { asOf: 2 }]) {
      const { errors } = await ask(QUERY, { subject: "region:90", first: 1, after, ...other });
      expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "after" } }]);
    }
  });

  test.each([0, 101, -1])("a page of %i is refused", async (first) => {
    const { errors } = await ask(QUERY, { subject: "region:90", first });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "first" } }]);
  });

  test("a subject without a series has an empty profile", async () => {
    const { data } = await ask(QUERY, { subject: "region:WORLD" });
    expect(data).toEqual({ node: { profile: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } } });
  });

  async function pageOf(variables: Record<string, unknown>): Promise<ProfilePage> {
    const { data, errors } = await ask<ProfilePage>(QUERY, variables);
    expect(errors).toEqual([]);
    return data;
  }
});

function deletedIn(releases: readonly { readonly files: MadeFiles }[]): Set<string> {
  const deleted = new Set<string>();
  for (const row of releases.flatMap(({ files }) => (files["platforms.csv"] ?? []) as readonly MadeRow[])) {
    if (row.action === "D") deleted.add(`platform:${row.id}`);
    else deleted.delete(`platform:${row.id}`);
  }
  return deleted;
}

function profileOf(claims: readonly ModelClaim[], subject: string, topic: string | undefined, asOf: number): string[] {
  const known = new Set(claims.filter(({ release }) => release <= asOf).map(({ series }) => series));
  const keys = [...known].map((series) => series.split("/") as [string, string, string]);
  return keys
    .filter(([metric, of]) => of === subject && (topic === undefined || TOPICS.get(metric) === topic))
    .map(([metric, of, frequency]) => [
      TOPICS.get(metric) ?? "",
      metric,
      frequency,
      `series:${metric}/${of}/${frequency}`,
    ])
    .sort((a, b) => ((a.find((key, i) => key !== b[i]) ?? "") < (b.find((key, i) => key !== a[i]) ?? "") ? -1 : 1))
    .map(([, , , id]) => id as string);
}
