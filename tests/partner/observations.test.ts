import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { observation, world } from "../support/made-up-world.ts";
import { openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";
import { partnerApi } from "./support/partner-api.ts";

const api = partnerApi();
const { get, use, walk } = api;

describe("observations", () => {
  const of = async (query: string) => (await get(`/v1/metrics/data-volume/observations${query}`)).json.items;
  const brief = (items: { subject: string; timePeriod: string; value: string }[]) =>
    items.map(({ subject, timePeriod, value }) => `${subject} ${timePeriod} ${value}`);

  test("are the headlines of every series, regions from the top, by place", async () => {
    const items = brief(await of("?to=2023&from=2021"));
    expect(items.slice(0, 6)).toEqual([
      "region:ZZ 2021 10",
      "region:ZZ 2022 12.6",
      "region:ZZ 2023 15.5",
      "region:90 2023 null",
      "region:91 2022 12345678901234567890.10",
      "region:91 2023 -3",
    ]);
    expect(items).toHaveLength(6 + 23);
  });

  test.for([
    ["?subject=ZZ", ["region:ZZ 2021 10", "region:ZZ 2022 12.6", "region:ZZ 2023 15.5"]],
    ["?subject=region:ZZ&status=T", ["region:ZZ 2030 100"]],
    ["?subject=ZZ&status=A,T&last=2", ["region:ZZ 2023 15.5", "region:ZZ 2030 100"]],
    ["?within=90&level=PREFECTURE&last=1", ["region:9001 2023-12 23.50"]],
    ["?within=91", ["region:91 2022 12345678901234567890.10", "region:91 2023 -3"]],
    ["?level=COUNTRY&asOf=1&from=2023&to=2023", ["region:ZZ 2023 15"]],
    ["?level=COUNTRY&asOf=2024-02-15&from=2023&to=2023", ["region:ZZ 2023 15"]],
    ["?subject=90&asOf=2", ["region:90 2022 7.25", "region:90 2023 null"]],
    ["?subject=9001&from=2022-Q2&to=2022-05", ["region:9001 2022-04 3.50", "region:9001 2022-05 4.50"]],
    ["?within=77", []],
    ["?subjectType=platform", []],
  ] as const)("%s", async ([query, expected]) => {
    expect(brief(await of(query))).toEqual(expected);
  });

  test("of platforms, with the region that each lies in", async () => {
    const { json } = await get("/v1/metrics/metric:datasets/observations?subjectType=platform");
    expect(json.items).toMatchObject([
      { subject: "platform:north-open-data", region: "region:90", timePeriod: "2023-09", value: "4000" },
      { subject: "platform:north-open-data", region: "region:90", timePeriod: "2023-10", value: "4150", release: 2 },
    ]);
  });

  test("all pages are of the release of the first one, whatever is published meanwhile", async () => {
    const first = await get("/v1/metrics/data-volume/observations?asOf=1&limit=20");
    const whole = await of("?asOf=1");
    const { json: second } = await get(
      `/v1/metrics/data-volume/observations?asOf=1&limit=500&after=${first.json.next}`,
    );
    expect([...first.json.items, ...second.items]).toEqual(whole);
    expect([first.json.release, second.release]).toEqual([1, 1]);
  });

  test("a copy that takes what was updated after its release stays equal", async () => {
    const keyOf = (row: Record<string, string>) => `${row.subject} ${row.timePeriod}`;
    for (const [from, to] of [
      [1, 2],
      [1, 3],
      [2, 3],
      [0, 3],
    ]) {
      const copy = new Map(from === 0 ? [] : (await of(`?asOf=${from}`)).map((row: never) => [keyOf(row), row]));
      const updates = await of(`?asOf=${to}&updatedAfter=${from}`);
      for (const row of updates) {
        if (row.action === "D") expect(copy.delete(keyOf(row))).toBe(true);
        else copy.set(keyOf(row), row);
      }
      const now = await of(`?asOf=${to}`);
      expect([...copy.values()].sort(byText)).toEqual(now.sort(byText));
    }
    expect(brief((await of("?updatedAfter=2")).filter(({ action }: { action: string }) => action === "D"))).toEqual([
      "region:90 2022 null",
      "region:9001 2022-03 null",
    ]);
  });

  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

  describe("of subjects that move", () => {
    const keyOf = (row: Record<string, string>) => `${row.subject} ${row.timePeriod}`;
    const [platform] = world["platforms.csv"] as readonly [MadeRow];
    const places = ["90", "91", "90", "9101", "9001"];
    let other: TestPortal;
    beforeAll(async () => {
      other = await openPortal(api.engine);
      const stated = { metric_id: "datasets", subject_type: "PLATFORM", subject_id: platform.id as string };
      const datasets = ["2023-09", "2023-10", "2023-11"].map((period) => observation(period, "4000", stated));
      const ofRegion = { metric_id: "datasets", subject_id: "9001" };
      await other.publish(madeUp({ ...world, "observations.csv": [...datasets, observation("2023", "7", ofRegion)] }));
      for (const [i, region] of places.slice(1).entries()) {
        const revised = observation("2023-10", `41${i}0`, stated);
        await other.publish(
          madeUp(
            {
              "platforms.csv": [{ ...platform, region_code: region }],
              "observations.csv": i === 1 ? [revised, { ...datasets[0], action: "D" }] : [revised],
            },
            `2024-0${i + 2}-01`,
          ),
        );
      }
      const [north] = (world["regions.csv"] as readonly MadeRow[]).filter(({ code }) => code === "9001");
      await other.publish(madeUp({ "regions.csv": [{ ...north, parent_code: "91" }] }, "2024-08-01"));
    });
    afterAll(() => other.close());
    beforeEach(() => {
      use({ client: other.client(), tables: other.tables });
    });
    const address = "/v1/metrics/datasets/observations";
    const ask = async (query: string) => (await get(`${address}?${query}`)).json.items;

    test.for(["", "&within=90", "&within=91", "&subject=platform:north-open-data", "&level=PREFECTURE"])(
      "a copy stays equal, with the area as part of the key or without%s",
      async (part) => {
        const last = places.length + 1;
        for (let from = 1; from < last; from += 1) {
          for (let to = from + 1; to <= last; to += 1) {
            const updates = await ask(`asOf=${to}&updatedAfter=${from}${part}`);
            // Between a deletion and what takes its place, too.
            const paged = part === "" ? await walk(`${address}?asOf=${to}&updatedAfter=${from}`, 1) : updates;
            expect(paged).toEqual(updates);
            for (const key of [keyOf, (row: Record<string, string>) => `${keyOf(row)} ${row.region}`]) {
              const copy = new Map((await ask(`asOf=${from}${part}`)).map((row: never) => [key(row), row]));
              for (const row of updates) {
                if (row.action === "D") expect(copy.delete(key(row)), `${from} → ${to}: ${key(row)}`).toBe(true);
                else copy.set(key(row), row);
              }
              const now = await ask(`asOf=${to}${part}`);
              expect([...copy.values()].sort(byText), `${from} → ${to}`).toEqual(now.sort(byText));
            }
          }
        }
      },
    );

    test("the old key is deleted and the new one replaced, in SDMX as well", async () => {
      const { text } = await get("/v1/metrics/datasets/observations?format=sdmx-csv&asOf=2&updatedAfter=1");
      const rows = parse(text, { columns: true }) as Record<string, string>[];
      expect(rows.map(({ ACTION, REF_AREA, TIME_PERIOD }) => [ACTION, REF_AREA, TIME_PERIOD])).toEqual(
        ["2023-09", "2023-10", "2023-11"].flatMap((period) => [
          ["D", "90", period],
          ["R", "91", period],
        ]),
      );
    });

    test("who did not move, but whose region did, is not told of", async () => {
      expect(await ask("asOf=6&updatedAfter=5")).toEqual([]);
    });
  });

  test("of a subject that is deleted, or moves out of the region, are told as gone or told by the feed", async () => {
    const other = await openPortal(api.engine);
    use({ client: other.client(), tables: other.tables });
    const [listed, exchange] = (world["platforms.csv"] as readonly MadeRow[]).slice(0, 2) as [MadeRow, MadeRow];
    const stated = { metric_id: "datasets", subject_type: "PLATFORM" };
    const ofListed = observation("2023-09", "4000", { ...stated, subject_id: listed.id as string });
    const ofExchange = observation("2023-09", "7", { ...stated, subject_id: exchange.id as string });
    await other.publish(madeUp({ ...world, "observations.csv": [ofListed, ofExchange] }));
    await other.publish(
      madeUp({ "observations.csv": [{ ...ofListed, action: "D" }] }),
      madeUp(
        {
          "platforms.csv": [
            { ...listed, action: "D" },
            { ...exchange, region_code: "91" },
          ],
        },
        "2024-04-01",
      ),
    );
    const { json } = await get("/v1/metrics/datasets/observations?updatedAfter=1");
    const [gone, came] = [
      { action: "D", region: "region:90" },
      { action: "M", region: "region:91" },
    ];
    expect(json.items).toHaveLength(3);
    expect(json.items).toContainEqual(expect.objectContaining({ ...gone, subject: `platform:${listed.id}` }));
    expect(json.items).toContainEqual(expect.objectContaining({ action: "D", subject: `platform:${exchange.id}` }));
    expect(json.items).toContainEqual(expect.objectContaining({ ...came, subject: `platform:${exchange.id}` }));
    const moved = await get("/v1/metrics/datasets/observations?within=91");
    expect(moved.json.items).toMatchObject([{ subject: `platform:${exchange.id}`, region: "region:91" }]);
    const { json: feed } = await get("/v1/changes?after=1");
    expect(feed.items).toContainEqual(expect.objectContaining({ action: "REVISED", node: `platform:${exchange.id}` }));
    await other.close();
  });

  test.for([
    ["csv", "text/csv; charset=utf-8; header=present", "text/csv"],
    ["ndjson", "application/x-ndjson", "application/x-ndjson"],
    ["sdmx-csv", "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8", "application/vnd.sdmx.data+csv"],
    ["sdmx-json", "application/vnd.sdmx.data+json; version=2.0.0", "application/vnd.sdmx.data+json;version=2.0.0"],
    [
      "jsonstat",
      'application/json; profile="https://json-stat.org/format/"',
      'application/json;profile="https://json-stat.org/format/"',
    ],
    ["json", "application/json", "*/*"],
  ] as const)("in %s, by parameter or by Accept", async ([format, contentType, accept]) => {
    const address = "/v1/metrics/data-volume/observations?within=ZZ";
    const named = await get(`${address}&format=${format}`);
    const accepted = await get(address, { accept: `text/html, ${accept}` });
    expect(named.headers.get("content-type")).toBe(contentType);
    expect(accepted.headers.get("content-type")).toBe(contentType);
    expect(accepted.text).toBe(named.text);
    expect(named.text).toContain("12345678901234567890.10");
  });

  test.for([
    ['application/json;profile="https://json-stat.org/format/";q=0.1, application/json', "application/json"],
    ['application/json;profile="https://json-stat.org/format/";q=0, */*;q=0.5', "application/json"],
    ['application/json;q=0.2, application/json; profile="https://json-stat.org/format/"', "json-stat"],
    ["application/vnd.sdmx.data+json;version=1.0.0, text/csv;q=0.1", "text/csv"],
    ["application/vnd.sdmx.data+csv;version=1.0.0;q=1, application/vnd.sdmx.data+csv;q=0.9", "version=2.0.0"],
  ])("Accept: %s", async ([accept = "", contentType = ""]) => {
    const { headers } = await get("/v1/metrics/data-volume/observations", { accept });
    expect(headers.get("content-type")).toContain(contentType);
    expect(headers.get("content-type")?.includes("profile")).toBe(contentType === "json-stat");
  });

  test("every page of CSV is a file of its own, and says where the next one is", async () => {
    const address = "/v1/metrics/data-volume/observations?format=csv&limit=10";
    const first = await get(address);
    const records = parse(first.text, { columns: true }) as Record<string, string>[];
    expect(records).toHaveLength(10);
    const [, next = ""] = /^<(.+)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? [];
    expect(parse((await get(next)).text, { columns: true })).toHaveLength(10);
    expect(first.headers.get("x-gazetteer-release")).toBe("3");
  });
});
