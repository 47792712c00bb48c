import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addToDelta,
  applyDelta,
  type CountDelta,
  type Counts,
  countItem,
  countOf,
  countScopes,
  countsOf,
} from "../../portal/catalogue/counts.ts";
import type { Versions } from "../../portal/catalogue/versions.ts";
import { holds } from "../support/properties.ts";

const cloud = { kind: "CLOUD", path: "WORLD/CN/52/", name: "x" };
const head = (release: number) => ({ release, voids: new Set<number>() });

describe("what an entity counts in", () => {
  test("is everything, every region above it and its operator", () => {
    expect(countScopes("platform", { ...cloud, parent: "agency:a" })).toEqual([
      "all",
      "within:WORLD",
      "within:CN",
      "within:52",
      "operator:agency:a",
    ]);
  });

  test("is for a region its parent's children, and never itself", () => {
    const scopes = countScopes("region", { kind: "PROVINCE", path: "WORLD/CN/52/", name: "x", parent: "region:CN" });
    expect(scopes).toEqual(["all", "within:WORLD", "within:CN", "children:region:CN"]);
  });

  test("is only everything for what lies nowhere", () => {
    expect(countScopes("metric", { kind: "open data", path: "", name: "x" })).toEqual(["all"]);
  });
});

describe("counting", () => {
  const kinds = fc.constantFrom("CLOUD", "OTHER", "OPEN_DATA");

  test("after any additions and removals gives what is left, by kind and in all", () => {
    holds(
      fc.property(fc.array(kinds), fc.nat(), (added, keep) => {
        const left = added.slice(0, keep % (added.length + 1));
        const deltas: CountDelta[] = [new Map(), new Map()];
        for (const kind of added) addToDelta(deltas[0] as CountDelta, "platform", { ...cloud, kind }, 1);
        for (const kind of added.slice(left.length)) {
          addToDelta(deltas[1] as CountDelta, "platform", { ...cloud, kind }, -1);
        }
        const counts = deltas.reduce((before: Counts, delta) => applyDelta(before, delta), {});
        expect(countOf(counts, "platform")).toBe(left.length);
        for (const kind of ["CLOUD", "OTHER", "OPEN_DATA"]) {
          expect(countOf(counts, "platform", kind)).toBe(left.filter((k) => k === kind).length);
        }
      }),
    );
  });

  test("leaves out what has fallen to zero", () => {
    const delta: CountDelta = new Map();
    addToDelta(delta, "platform", cloud, -1);
    expect(applyDelta({ platform: { CLOUD: 1, OTHER: 2 } }, delta)).toEqual({ platform: { OTHER: 2 } });
  });

  test("keeps historical regions apart from current ones", () => {
    const delta: CountDelta = new Map();
    const county = { kind: "COUNTY", path: "WORLD/CN/", name: "x" };
    addToDelta(delta, "region", county, 1);
    addToDelta(delta, "region", { ...county, historical: true }, 1);
    const counts = applyDelta({}, delta);
    expect([countOf(counts, "region"), countOf(counts, "region", undefined, true)]).toEqual([1, 1]);
  });

  test.for(["toString", "constructor", "__proto__"])("knows nothing of a kind called %s", (kind) => {
    expect(countOf({ metric: { gdp: 1 } }, "metric", kind)).toBe(0);
  });
});

describe("counts as of a release", () => {
  const versions: Versions<Counts> = [3, 2].map((release) => ({ release, body: { platform: { CLOUD: release } } }));
  const item = countItem("all", versions);

  test("are those of the newest version that is visible", () => {
    expect(countsOf(item, head(3))).toEqual({ platform: { CLOUD: 3 } });
    expect(countsOf(item, head(2))).toEqual({ platform: { CLOUD: 2 } });
    expect(countsOf(item, { release: 3, voids: new Set([3]) })).toEqual({ platform: { CLOUD: 2 } });
  });

  test("are empty before anything was counted", () => {
    expect(countsOf(item, head(1))).toEqual({});
    expect(countsOf(undefined, head(1))).toEqual({});
  });

  test("are unknown once the version has gone, which is not the same as empty", () => {
    const many: Versions<Counts> = Array.from({ length: 40 }, (_, i) => ({ release: 40 - i, body: {} }));
    expect(countsOf(countItem("all", many), head(1))).toBeNull();
  });
});
