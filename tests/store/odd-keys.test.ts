import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines, type RunningEngine } from "../support/engines.ts";
import { firstRelease, platform } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";

const longName = "𠀀".repeat(150);
const longId = "i".repeat(80);

describe.each(engines)("texts that become keys on $name", ({ start }) => {
  let engine: RunningEngine;
  let portal: TestPortal;
  beforeAll(async () => {
    engine = await start();
    portal = await openPortal(engine);
    const rows = [
      platform(longId, longName, "OTHER", "9001"),
      platform("quoted", '"O\'Reilly" — 数据 🏞️', "OTHER", "9001"),
    ];
    const metrics = [
      { id: "prototype-metric", name_en: "Prototype", unit: "1", topic: "constructor" },
      { id: "piped-metric", name_en: "Piped", unit: "1", topic: "data|datasets" },
    ];
    await portal.publish(firstRelease, madeUp({ "platforms.csv": rows, "metrics.csv": metrics }, "2024-02-01"));
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });

  test.for([
    ["a topic longer than any key", `metrics(filter: { topic: "${"x".repeat(3000)}" })`],
    ["a language longer than any key", `sources(filter: { language: "${"x".repeat(3000)}" })`],
    ["an empty topic", `metrics(filter: { topic: "" })`],
    ["a topic that JavaScript knows", `metrics(filter: { topic: "toString" })`],
    ["a long topic by name", `metrics(filter: { topic: "${"y".repeat(3000)}" }, orderBy: { field: NAME })`],
  ] as const)("%s finds nothing and breaks nothing", async ([, list]) => {
    const { data, errors } = await portal.ask(`{ list: ${list} { totalCount nodes { id } } }`);
    expect(errors).toEqual([]);
    expect(data).toEqual({ list: { totalCount: 0, nodes: [] } });
  });

  test("a profile of a topic longer than any key is empty", async () => {
    const query = `query ($topic: String) { region(code: "ZZ") { profile(topic: $topic) { nodes { id } } } }`;
    const { data, errors } = await portal.ask(query, { topic: "数".repeat(800) });
    expect(errors).toEqual([]);
    expect(data).toEqual({ region: { profile: { nodes: [] } } });
  });

  test("a topic that JavaScript knows is a topic like any other", async () => {
    const { data } = await portal.ask(`{ metrics(filter: { topic: "constructor" }) { totalCount nodes { id } } }`);
    expect(data).toEqual({ metrics: { totalCount: 1, nodes: [{ id: "metric:prototype-metric" }] } });
  });

  test("a name as long as can be is listed and paged past", async () => {
    const query = `query ($after: String) { platforms(filter: { kind: OTHER }, orderBy: { field: NAME }, first: 1, after: $after) {
      nodes { id name { text } } pageInfo { endCursor hasNextPage }
    } }`;
    type Page = {
      platforms: { nodes: { name: { text: string } }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    };
    const first = (await portal.ask<Page>(query)).data.platforms;
    const second = (await portal.ask<Page>(query, { after: first.pageInfo.endCursor })).data.platforms;
    expect([...first.nodes, ...second.nodes].map(({ name }) => name.text)).toEqual(['"O\'Reilly" — 数据 🏞️', longName]);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });
});
