import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { dyingAtWrite } from "../support/gates.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

const CLOUD = { metric_id: "datasets", subject_type: "PLATFORM", subject_id: "southport-cloud" };
const COVERAGE = { metric_id: "coverage", subject_type: "REGION", subject_id: "ZZ" };

const HISTORY = [
  madeUp(
    {
      "metrics.csv": [{ id: "coverage", name_en: "Coverage", unit: "%", topic: "data" }],
      "observations.csv": [observation("2023-09", "7", CLOUD), observation("2022", "30", COVERAGE)],
    },
    "2024-02-01",
    "More",
  ),
  madeUp(
    {
      "observations.csv": [
        { ...CLOUD, action: "D" },
        { ...COVERAGE, action: "D" },
      ],
      "platforms.csv": [{ id: "southport-cloud", name_en: "", kind: "CLOUD", action: "D" }],
      "metrics.csv": [{ id: "coverage", name_en: "", unit: "%", topic: "data", action: "D" }],
    },
    "2024-03-01",
    "Gone",
  ),
];

const [BEFORE, GONE] = [2, 3];

const NAMED = `id unit metric { id name { text } } subject { id } latest { value }`;

describe.each(engines)("a series whose subject or metric was deleted, on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    await portal.publish(firstRelease, ...HISTORY);
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  async function ask(query: string): Promise<Record<string, unknown>> {
    const { data, errors } = await portal.ask(query);
    expect(errors).toEqual([]);
    return data;
  }

  test.each([
    ["datasets", "platform:southport-cloud", "M"],
    ["coverage", "region:ZZ", "A"],
  ])("is gone: %s of %s", async (metric, subject, frequency) => {
    const id = `series:${metric}/${subject}/${frequency}`;
    const query = `{
      series(metric: "${metric}", subject: "${subject}") { ${NAMED} }
      node(id: "${id}") { ... on Series { ${NAMED} } }
      before: series(metric: "${metric}", subject: "${subject}", asOf: ${BEFORE}) { ${NAMED} }
    }`;
    const before = { id, metric: { id: `metric:${metric}` }, subject: { id: subject }, latest: {} };
    expect(await ask(query)).toMatchObject({ series: null, node: null, before });
  });

  test("is left out of profiles, and was in them before", async () => {
    const profile = (asOf: number) => `profile(asOf: ${asOf}) { nodes { ${NAMED} } }`;
    const found = await ask(
      `{ region(code: "ZZ") { gone: ${profile(GONE)} before: ${profile(BEFORE)} now: profile { nodes { ${NAMED} } } } }`,
    );
    const volume = { id: "series:data-volume/region:ZZ/A" };
    expect(found).toMatchObject({
      region: {
        gone: { nodes: [volume] },
        now: { nodes: [volume] },
        before: { nodes: [{ id: "series:coverage/region:ZZ/A" }, volume] },
      },
    });
  });

  test("is no node of the change that took its last claim, and one of those before", async () => {
    const { changes } = (await ask(
      `{ changes(first: 100) { nodes { nodeId action node { id ... on Series { ${NAMED} } } } } }`,
    )) as { changes: { nodes: { nodeId: string; action: string; node: { id: string } | null }[] } };
    const ofSeries = changes.nodes.filter(({ nodeId }) => /southport-cloud.M|coverage.region/.test(nodeId));
    expect(ofSeries.map(({ nodeId, action, node }) => [nodeId, action, node?.id ?? null])).toEqual(
      [
        ["series:coverage/region:ZZ/A", "ADDED"],
        ["series:datasets/platform:southport-cloud/M", "ADDED"],
        ["series:coverage/region:ZZ/A", "WITHDRAWN"],
        ["series:datasets/platform:southport-cloud/M", "WITHDRAWN"],
      ].map(([id, action]) => [id, action, action === "ADDED" ? id : null]),
    );
  });
});

describe.each(engines)("where no frequency is asked for, on $name", (engine) => {
  let running: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    running = await engine.start();
    portal = await openPortal(running);
    const [north, south] = [{ subject_id: "90" }, { subject_id: "91" }];
    await portal.publish(
      firstRelease,
      madeUp(
        {
          "observations.csv": [
            observation("2022", "30", north),
            observation("2022-03", "3", north),
            observation("2030", "99", { ...south, obs_status: "T" }),
            observation("2022-03", "4", south),
          ],
        },
        "2024-02-01",
        "Two frequencies",
      ),
      madeUp({ "observations.csv": [{ ...observation("2022", "", north), action: "D" }] }, "2024-03-01", "One left"),
    );
  });
  afterAll(async () => {
    await portal.close();
    await running.stop();
  });

  const series = (subject: string, asOf: number) =>
    `series(metric: "data-volume", subject: "${subject}", asOf: ${asOf}) { frequency latest { value } }`;

  test("what was withdrawn or is a target does not hide what was observed", async () => {
    const { data } = await portal.ask(`{
      north: ${series("90", 3)} before: ${series("90", 2)} south: ${series("91", 3)}
      panel(metric: "data-volume", of: { childrenOf: "ZZ" }) { frequency rowCount }
      targets: panel(metric: "data-volume", of: { childrenOf: "ZZ" }, status: [T]) { frequency rowCount }
    }`);
    expect(data).toEqual({
      north: { frequency: "M", latest: { value: "3" } },
      before: { frequency: "A", latest: { value: "30" } },
      south: { frequency: "M", latest: { value: "4" } },
      panel: { frequency: "M", rowCount: 2 },
      targets: { frequency: "A", rowCount: 1 },
    });
  });

  test("a series of nothing but targets is still found", async () => {
    const { data } = await portal.ask(
      `{ series(metric: "data-volume", subject: "90", frequency: A) { frequency latest { value } } }`,
    );
    expect(data).toEqual({ series: { frequency: "A", latest: null } });
  });
});

test.each(engines)("a number that never became a release is none to ask about, on $name", async ({ start }) => {
  const running = await start();
  const portal = await openPortal(running);
  const now = Date.parse("2024-06-01T00:00:00Z");
  const lost = madeUp({ "observations.csv": [observation("2024", "1")] }, "2024-02-01", "Lost");
  const found = madeUp({ "observations.csv": [observation("2024", "2")] }, "2024-03-01", "Found");
  await portal.publish(firstRelease);
  await expect(portal.importer(dyingAtWrite(2).intercept, { now: () => now }).publish(lost)).rejects.toThrow("CutOff");
  await portal.importer(undefined, { now: () => now + 3_600_000 }).publish(found);
  const { errors } = await portal.ask(`{
    release(asOf: 2) { number }
    series(metric: "data-volume", subject: "ZZ", asOf: 2) { id }
    panel(metric: "data-volume", of: { childrenOf: "WORLD" }, asOf: 2) { rowCount }
  }`);
  expect(errors.map(({ extensions: { code, argument } }) => [code, argument])).toEqual(
    Array.from({ length: 3 }, () => ["BAD_USER_INPUT", "asOf"]),
  );
  expect((await portal.ask(`{ release(asOf: 3) { number } before: release(asOf: 1) { number } }`)).data).toEqual({
    release: { number: 3 },
    before: { number: 1 },
  });
  await portal.close();
  await running.stop();
});
