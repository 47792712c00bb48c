import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RequestContext } from "../../functions/graphql/context.ts";
import { type Engine, engines, type RunningEngine } from "../support/engines.ts";
import { gateBeforeCommitOf } from "../support/gates.ts";
import { firstRelease, platform } from "../support/made-up-world.ts";
import { type Ask, functionOn, openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

const MANY = 1_001;
const clouds = Array.from({ length: MANY }, (_, i) =>
  platform(`aa-${String(i).padStart(4, "0")}`, `Cloud ${i}`, "CLOUD", "90", "north-bureau"),
);

/** What is counted is what the portal asks for, which no engine changes. */
const [{ start }] = engines as [Engine];

describe("a page that steps over hundreds of entries", () => {
  let engine: RunningEngine;
  let portal: TestPortal;
  let ask: Ask;
  const contexts: RequestContext[] = [];
  beforeAll(async () => {
    engine = await start();
    portal = await openPortal(engine);
    ask = functionOn({
      client: portal.client(),
      tables: portal.tables,
      answerCacheBytes: 0,
      onAnswered: (context) => contexts.push(context),
    });
    await portal.publish(firstRelease);
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  /** The ids of a list, and how many Queries found them. */
  async function page(list: string): Promise<{ ids: string[]; queries: number }> {
    contexts.length = 0;
    const { data, errors } = await ask<{ platforms: { nodes: { id: string }[] } }>(`{ ${list} { nodes { id } } }`);
    expect(errors).toEqual([]);
    const operations = contexts[0]?.scope.meter.operations ?? [];
    return {
      ids: data.platforms.nodes.map(({ id }) => id),
      queries: operations.filter((name) => name === "Query").length,
    };
  }

  test("is found in few calls: staged, of another kind, deleted", async () => {
    const first = { ids: ["platform:north-open-data"], queries: 9 };
    const gate = gateBeforeCommitOf(2);
    const publication = portal.importer(gate.intercept).publish(madeUp({ "platforms.csv": clouds }, "2024-02-01"));
    await gate.reached;
    expect(await page("platforms(first: 1)")).toEqual(first);
    gate.open();
    await publication;
    expect(await page('platforms(filter: { operator: "north-bureau", kind: OPEN_DATA }, first: 1)')).toEqual(first);
    const byName = 'platforms(filter: { operator: "north-bureau" }, orderBy: { field: NAME }) { nodes { id } }';
    expect((await ask(`{ ${byName} }`)).errors).toMatchObject([
      {
        message: expect.stringMatching(/at most 1000 matches.*narrow the filter/),
        extensions: { code: "BAD_USER_INPUT", argument: "orderBy" },
      },
    ]);
    const gone = clouds.map((cloud) => ({ ...cloud, action: "D" }));
    await portal.publish(madeUp({ "platforms.csv": gone }, "2024-03-01"));
    expect(await page("platforms(first: 1)")).toEqual(first);
  });
});

describe("a process that still reads a release when many more are out", () => {
  test("says that it cannot count, instead of showing an empty list", async () => {
    const engine = await start();
    const portal = await openPortal(engine);
    const late = functionOn({ client: portal.client(), tables: portal.tables, headMaxAgeMs: 3_600_000 });
    const [list, counts] = [
      "{ platforms(orderBy: { field: NAME }, first: 1) { nodes { id } } }",
      '{ region(code: "ZZ") { counts { platforms } } }',
    ];
    await portal.publish(firstRelease);
    expect((await late(counts)).data).toEqual({ region: { counts: { platforms: 5 } } });
    for (const [i, cloud] of clouds.slice(0, 16).entries()) {
      await portal.publish(madeUp({ "platforms.csv": [cloud] }, `2024-02-${10 + i}`));
    }
    for (const question of [list, `query Again ${counts}`]) {
      expect((await late(question)).errors.map(({ extensions }) => extensions.code)).toEqual(["UNAVAILABLE"]);
    }
    await portal.close();
    await engine.stop();
  });
});
