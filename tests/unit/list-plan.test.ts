import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ListRequest, planList } from "../../portal/catalogue/list-plan.ts";
import { placementOf } from "../../portal/catalogue/placement.ts";
import { compareKeys } from "../../portal/store/requests.ts";
import { holds } from "../support/properties.ts";

const byRegion = { field: "REGION", descending: false } as const;
const byName = { field: "NAME", descending: false } as const;
const within = "WORLD/CN/52/";

describe("a list by region", () => {
  test.for<[string, Partial<ListRequest>, object]>([
    ["of everything", {}, { index: "byRegion", partition: { attribute: "type", value: "platform" }, sort: "place" }],
    ["within a region", { within }, { index: "byRegion", prefix: within }],
    [
      "of one kind",
      { kind: "CLOUD" },
      { index: "byKind", partition: { attribute: "typeKind", value: "platform|CLOUD" } },
    ],
    ["of one kind within a region", { kind: "CLOUD", within }, { index: "byKind", prefix: within }],
    [
      "of one operator",
      { parent: "agency:a" },
      { index: "byParent", partition: { attribute: "parent", value: "agency:a" }, prefix: "platform|" },
    ],
    ["of one operator within a region", { parent: "agency:a", within }, { prefix: `platform|${within}` }],
    ["of one operator and kind", { parent: "agency:a", kind: "CLOUD" }, { index: "byParent", kind: "CLOUD" }],
  ])("%s is one range of one index", ([, filter, range]) => {
    expect(planList({ type: "platform", order: byRegion, ...filter })).toMatchObject({ by: "index", range });
  });

  test("of historical regions never meets current ones", () => {
    expect(planList({ type: "region", order: byRegion, historical: true })).toMatchObject({
      range: { partition: { value: "region~" } },
    });
  });
});

describe("a list by name", () => {
  test("of one kind is one range of the names of that kind", () => {
    const range = { index: "byName", partition: { attribute: "typeKind", value: "platform|CLOUD" }, sort: "nameKey" };
    expect(planList({ type: "platform", order: byName, kind: "CLOUD" })).toEqual({ by: "index", range });
  });

  test("of all kinds merges the names of each kind", () => {
    const plan = planList({ type: "platform", order: byName });
    expect(plan.by).toBe("merge");
    if (plan.by === "merge") expect(plan.rangeOf("OTHER").partition.value).toBe("platform|OTHER");
  });

  test.for<[string, Partial<ListRequest>]>([
    ["within a region", { within }],
    ["of one operator", { parent: "agency:a" }],
    ["within a region, of one kind", { within, kind: "CLOUD" }],
  ])("%s is read whole and sorted", ([, filter]) => {
    expect(planList({ type: "platform", order: byName, ...filter }).by).toBe("sort");
  });
});

describe("a place", () => {
  const place = (path: string, id: string) => placementOf("platform", id, { kind: "OTHER", nameEn: id, path }).place;

  test("sorts what belongs to a region itself before what lies below it", () => {
    const places = [place(`${within}5201/`, "a"), place(within, "b"), place("WORLD/CN/", "c"), place(within, "a")];
    expect(places.toSorted(compareKeys)).toEqual([places[2], places[3], places[1], places[0]]);
  });

  test("lies within its region and every region above, and within no other", () => {
    const code = fc.stringMatching(/^[0-9]{2}$/);
    const path = fc.array(code, { minLength: 1, maxLength: 4 }).map((codes) => `${codes.join("/")}/`);
    holds(
      fc.property(path, path, (lower, upper) => {
        expect(place(lower, "x").startsWith(upper)).toBe(`/${lower}`.startsWith(`/${upper}`));
      }),
    );
  });
});

describe("a name key", () => {
  const key = (nameEn: string, id = "x") => placementOf("platform", id, { kind: "OTHER", nameEn, path: "" }).nameKey;

  test("does not know upper and lower case apart", () => {
    expect(key("Guiyang Open Data")).toBe(key("guiyang open data"));
  });

  test("sorts a name before the names that it begins", () => {
    expect(compareKeys(key("Open Data", "b"), key("Open Data Platform", "a"))).toBeLessThan(0);
  });

  test("falls back to the Chinese name", () => {
    const placement = placementOf("platform", "x", { kind: "OTHER", nameZh: "贵阳市政府数据开放平台", path: "" });
    expect(placement.nameKey).toMatch(/^贵阳市政府数据开放平台/);
  });

  test("fits into an index key, whatever the name", () => {
    expect(Buffer.byteLength(key("𠀀".repeat(300), "i".repeat(80)))).toBeLessThanOrEqual(1024);
  });
});
