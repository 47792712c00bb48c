import { Validator } from "@seriousme/openapi-schema-validator";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AnsweredRequest } from "../../functions/http/log.ts";
import { shelfRoutes } from "../../functions/partner/dumps.ts";
import { partnerFunction, requireCost } from "../../functions/partner/function.ts";
import { BASE_PATH, ROUTES } from "../../functions/partner/routes.ts";
import { apiKeyOf } from "../../portal/partners/api-key.ts";
import { Buckets } from "../../portal/partners/buckets.ts";
import { ANONYMOUS } from "../../portal/partners/caller.ts";
import { ANONYMOUS_PLAN, PLANS } from "../../portal/partners/plans.ts";
import { callScope } from "../../portal/store/calls.ts";
import openapi from "../../schema/openapi.json" with { type: "json" };
import { registerOf } from "../partners/support/register.ts";
import { engines, type RunningEngine } from "../support/engines.ts";
import { fetchFrom } from "../support/fetch.ts";
import { observation, world } from "../support/made-up-world.ts";
import { CURSOR_KEYS, type Intercept, openPortal, type TestPortal } from "../support/portal.ts";
import { type MadeRow, madeUp } from "../support/releases.ts";
import { conforming, operations } from "./support/contract.ts";
import { facts, revisions, withdrawals } from "./support/world.ts";

let engine: RunningEngine;
let portal: TestPortal;
let reports: AnsweredRequest[];
let get: Get;

type Get = (address: string, headers?: Record<string, string>, method?: string) => Promise<Answer>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the document says what is in it.
  readonly json: any;
}

beforeAll(async () => {
  const [dynalite] = engines;
  if (!dynalite) throw new Error("the embedded engine is always there");
  engine = await dynalite.start();
  portal = await openPortal(engine);
  await portal.publish(facts, revisions, withdrawals);
});
afterAll(async () => {
  await portal.close();
  await engine.stop();
});
beforeEach(() => {
  reports = [];
  get = getFrom();
});

/** The function as API Gateway would ask it; every answer has to be one that the document describes. */
function getFrom(options: Partial<Parameters<typeof partnerFunction>[0]> = {}, intercept?: Intercept): Get {
  const fetch = fetchFrom(
    partnerFunction({
      client: portal.client(intercept),
      tables: portal.tables,
      cursorKeys: CURSOR_KEYS,
      headMaxAgeMs: 0,
      version: "test",
      report: (request) => void reports.push(request),
      ...options,
    }),
  );
  return async (address, headers = {}, method = "GET") => {
    const response = await fetch(address, { headers, method });
    const text = method === "GET" ? await conforming(address, response) : await response.text();
    const isJson = /[/+]json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
}

/** All items of a list, page by page, by its `next` cursors. */
async function walk(address: string, limit: number): Promise<unknown[]> {
  const items: unknown[] = [];
  const query = address.includes("?") ? "&" : "?";
  let next: string | null = null;
  do {
    const { json } = await get(`${address}${query}limit=${limit}${next ? `&after=${next}` : ""}`);
    items.push(...json.items);
    next = json.next;
  } while (next);
  return items;
}

describe("the document", () => {
  test("is OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(openapi))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  test("describes every route with every parameter, and nothing else", () => {
    const described = [...operations].map(([path, { parameters }]) => [
      path,
      parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name),
    ]);
    const shelved = shelfRoutes.filter(({ path }) => path.startsWith(BASE_PATH));
    const served = [
      ...ROUTES.map(({ path, parameters }) => [path, [...parameters]]),
      ...shelved.map(({ path }) => [path.slice(BASE_PATH.length), []]),
    ];
    const byPath = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
    expect(described.sort(byPath)).toEqual(served.sort(byPath));
  });
});

describe("lists", () => {
  test.for([
    ["/v1/regions", ["region:WORLD", "region:ZZ", "region:90", "region:9001", "region:9002", "region:91"], 8],
    ["/v1/regions?within=90", ["region:90", "region:9001", "region:9002"], 3],
    ["/v1/regions?level=PROVINCE", ["region:90", "region:91"], 2],
    ["/v1/regions?parent=region:91", ["region:9101", "region:9102"], 2],
    ["/v1/regions?historical=true", [], 0],
    ["/v1/agencies?within=region:91", ["agency:south-bureau"], 1],
    ["/v1/platforms?kind=open_data&within=90", ["platform:north-open-data", "platform:northport-open-data"], 2],
    ["/v1/platforms?operator=south-bureau", ["platform:south-open-data"], 1],
    ["/v1/platforms?within=77", [], 0],
    ["/v1/complexes", [], 0],
    ["/v1/metrics?topic=data", ["metric:data-volume"], 1],
    ["/v1/sources?language=zh", ["source:bulletin-2024"], 1],
    ["/v1/releases", ["release:1", "release:2", "release:3"], 3],
  ] as const)("%s", async ([address, first, length]) => {
    const { json, headers } = await get(address);
    const ids = json.items.map(({ id }: { id: string }) => id);
    expect(ids.slice(0, first.length)).toEqual(first);
    expect(ids).toHaveLength(length);
    expect(json.next).toBeNull();
    expect(headers.get("link")).toBeNull();
  });

  test.for(["regions", "platforms?within=ZZ", "sources", "releases", "changes", "metrics/data-volume/observations"])(
    "%s page by page are the list",
    async (list) => {
      const whole = await walk(`/v1/${list}`, 500);
      expect(whole.length).toBeGreaterThan(1);
      expect(await walk(`/v1/${list}`, 1)).toEqual(whole);
      expect(await walk(`/v1/${list}`, 3)).toEqual(whole);
    },
  );

  test("the next page is at the link, with the same filters", async () => {
    const first = await get("/v1/platforms?within=90&limit=1");
    const [, address = ""] = /^<(.+)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? [];
    expect(address).toMatch(/^\/v1\/platforms\?within=90&limit=1&after=/);
    const second = await get(address);
    expect(second.json.items).toHaveLength(1);
    expect(second.json.items).not.toEqual(first.json.items);
  });

  test.for([
    "regions/90",
    "agencies/north-bureau",
    "platforms/platform:north-open-data",
    "metrics/datasets",
    "sources/yearbook-2023",
    "releases/2",
  ])("one of them: %s", async (address) => {
    const { json } = await get(`/v1/${address}`);
    const [list = "", id = ""] = address.split("/");
    const { json: whole } = await get(`/v1/${list}`);
    expect(whole.items).toContainEqual(json);
    expect(json.id.endsWith(id)).toBe(true);
  });
});

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
      other = await openPortal(engine);
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
      get = getFrom({ client: other.client(), tables: other.tables });
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
    const other = await openPortal(engine);
    get = getFrom({ client: other.client(), tables: other.tables });
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

describe("changes", () => {
  test("go on where a cursor or a release ends, deletions included; who is up to date knows where to resume", async () => {
    const { json: all } = await get("/v1/changes?limit=500");
    const { json: news } = await get("/v1/changes?after=release:2&limit=500");
    expect(news.items).toEqual(all.items.filter(({ release }: { release: number }) => release === 3));
    expect(news.items).toContainEqual(expect.objectContaining({ action: "DELETED", node: "platform:southport-cloud" }));
    expect(news.next).toBeNull();
    const { json: none } = await get(`/v1/changes?after=${news.resume}`);
    expect(none).toEqual({ items: [], next: null, resume: news.resume });
  });
});

describe("polling", () => {
  const address = "/v1/metrics/data-volume/observations?format=csv";

  test.for([
    ["with the tag", (headers: Headers) => ({ "if-none-match": headers.get("etag") ?? "" })],
    ["with the date", (headers: Headers) => ({ "if-modified-since": headers.get("last-modified") ?? "" })],
  ] as const)("without news costs one read of half a unit: %s", async ([, condition]) => {
    const commands: string[] = [];
    const now = () => Date.now() + 60_000;
    get = getFrom({ now }, async ({ command }, send) => {
      commands.push(command);
      return send();
    });
    const { key } = await registerOf(portal).create({ name: "Poller", plan: "basic", lifetimeMs: null }, callScope());
    const first = await get(address);
    commands.length = 0;
    const again = await get(address, { ...condition(first.headers), "x-api-key": key });
    expect([again.status, again.text]).toEqual([304, ""]);
    expect(again.headers.get("etag")).toBe(first.headers.get("etag"));
    expect(commands).toEqual(["GetItemCommand"]);
    expect(reports.at(-1)?.record).toMatchObject({ cached: true, meter: { calls: 1, readUnits: 0.5 } });
  });

  test("with news brings them under another tag", async () => {
    const others = [`${address}&asOf=2`, `${address}&limit=5`, address.replace("csv", "json"), "/v1/regions"];
    const { headers } = await get(address);
    const tag = headers.get("etag") ?? "";
    for (const other of others) expect((await get(other, { "if-none-match": tag })).status).toBe(200);
    expect((await getFrom({ version: "next" })(address, { "if-none-match": tag })).status).toBe(200);
  });

  test("as of a release finds the same bytes under the same tag, whatever comes later", async () => {
    const other = await openPortal(engine);
    get = getFrom({ client: other.client(), tables: other.tables });
    const formats = ["json", "csv", "sdmx-json", "jsonstat"];
    const asOfOne = () =>
      Promise.all(formats.map((format) => get(`/v1/metrics/data-volume/observations?asOf=1&format=${format}`)));
    const said = (answers: readonly Answer[]) => answers.map(({ text, headers }) => [text, headers.get("etag")]);
    await other.publish(facts);
    const then = await asOfOne();
    const renamed = { id: "data-volume", name_en: "Volume of data", unit: "TB", topic: "data" };
    await other.publish(revisions, madeUp({ "metrics.csv": [renamed] }, "2024-04-01"));
    expect(said(await asOfOne())).toEqual(said(then));
    expect((await get("/v1/metrics/data-volume/observations?format=sdmx-json")).text).toContain("Volume of data");
    await other.close();
  });

  test.for([
    "/v1/regions/77",
    "/v1/metrics/nothing/observations",
    "/v1/changes?after=99",
    "/v1/metrics/data-volume/observations?asOf=2023-01-01",
  ])("what is not there is not unchanged either: %s", async (missing) => {
    get = getFrom({ now: () => Date.now() + 60_000 });
    const { status } = await get(missing);
    expect(status).toBeGreaterThanOrEqual(400);
    expect((await get(missing, { "if-modified-since": new Date().toUTCString() })).status).toBe(status);
    expect((await get(missing, { "if-none-match": "*" })).status).toBe(status);
  });

  test("by a date is answered 304 by an instance that has not given the answer yet, and by any tag at all", async () => {
    const now = () => Date.now() + 60_000;
    const { headers } = await getFrom({ now })(address);
    const date = { "if-modified-since": headers.get("last-modified") ?? "" };
    for (const condition of [date, { "if-none-match": "*" }]) {
      const answer = await getFrom({ now })(address, condition);
      expect([answer.status, answer.text, answer.headers.get("etag")]).toEqual([304, "", headers.get("etag")]);
    }
  });

  test("as of a date says which release that is, and is not kept for good", async () => {
    const dated = await get(`${address}&asOf=2024-01-15`);
    expect(dated.headers.get("x-gazetteer-release")).toBe("1");
    const again = await get(`${address}&asOf=2024-01-15`, { "if-none-match": dated.headers.get("etag") ?? "" });
    expect([again.status, again.headers.get("x-gazetteer-release")]).toEqual([304, null]);
    const numbered = await get(`${address}&asOf=2&updatedAfter=2024-01-15`);
    expect(numbered.headers.get("cache-control")).not.toContain("immutable");
  });

  test("a walk goes on from the release that a date meant on its first page", async () => {
    const other = await openPortal(engine);
    get = getFrom({ client: other.client(), tables: other.tables });
    await other.publish(facts, revisions);
    const updates = "/v1/metrics/data-volume/observations?updatedAfter=2024-01-31";
    const whole = await get(updates);
    const first = await get(`${updates}&limit=1`);
    // Dated before HEAD, it counts from HEAD's day on; so does what comes after.
    await other.publish(withdrawals);
    const second = await get(`${updates}&limit=500&after=${first.json.next}`);
    expect(first.json.items).toHaveLength(1);
    expect([...first.json.items, ...second.json.items]).toEqual(whole.json.items);
    expect(second.headers.get("x-gazetteer-release")).toBe("2");
    await other.close();
  });

  test("names one question by one tag, however it is written", async () => {
    const tags = await Promise.all(
      ["?limit=5&format=csv", "?format=csv&limit=5"].map(async (query) =>
        (await get(`/v1/metrics/data-volume/observations${query}`)).headers.get("etag"),
      ),
    );
    expect(new Set(tags).size).toBe(1);
  });

  test("gives no date right after a release, which a second could hold twice", async () => {
    const committed = Date.parse((await portal.snapshot()).head.committedAt);
    get = getFrom({ now: () => committed + 1000 });
    const { headers } = await get(address);
    expect(headers.get("last-modified")).toBeNull();
    expect((await get(address, { "if-modified-since": new Date().toUTCString() })).status).toBe(200);
  });

  test("what is of one release is kept for a day, what is of the latest for as long as HEAD is believed", async () => {
    get = getFrom({ headMaxAgeMs: 5000 });
    expect((await get(address)).headers.get("cache-control")).toBe("public, max-age=5");
    expect((await get(`${address}&asOf=1`)).headers.get("cache-control")).toBe("public, max-age=86400, immutable");
  });

  test("is compressed for who wants it, under a tag of its own", async () => {
    const plain = await get(address);
    const response = await fetchFrom(
      partnerFunction({ client: portal.client(), tables: portal.tables, cursorKeys: CURSOR_KEYS, version: "test" }),
    )(address, { headers: { "accept-encoding": "gzip" } });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(response.headers.get("etag")).not.toBe(plain.headers.get("etag"));
    const unpacked = new Response(response.body?.pipeThrough(new DecompressionStream("gzip")));
    expect(await unpacked.text()).toBe(plain.text);
  });
});

describe("keys", () => {
  test("pay by cost, and are told what is left", async () => {
    const { key } = await registerOf(portal).create({ name: "Partner", plan: "basic", lifetimeMs: null }, callScope());
    const { headers } = await get("/v1/regions?limit=10", { authorization: `Bearer ${key}` });
    expect(headers.get("ratelimit-remaining")).toBe(`${60_000 - 14}`);
    expect(headers.get("cache-control")).toBe("private, no-cache");
    expect(reports).toMatchObject([
      { record: { plan: "basic", cost: { requested: 14 }, operation: "GET /v1/regions" } },
    ]);
  });

  test("that are none are refused", async () => {
    const { status, json, headers } = await get("/v1/regions", { "x-api-key": apiKeyOf(new Uint8Array(32)) });
    expect([status, json.code]).toEqual([401, "UNAUTHENTICATED"]);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  test("that ask for more than a plan has are told when to come again", async () => {
    const { key, record } = await registerOf(portal).create(
      { name: "Greedy", plan: "basic", lifetimeMs: null },
      callScope(),
    );
    const { maxRequestCost, costPerMinute } = PLANS.basic;
    const buckets = new Buckets({ store: portal.store, table: portal.tables.partners, patienceMs: 30_000 });
    const caller = { kind: "partner", keyId: record.keyId, bucket: record.bucket, plan: "basic", scopes: [] } as const;
    for (let spent = 0; spent < costPerMinute; spent += maxRequestCost) {
      await buckets.charge(caller, maxRequestCost, callScope());
    }
    get = getFrom({ partnersPatienceMs: 30_000 });
    const refused = await get("/v1/metrics/data-volume/observations?limit=10000", { "x-api-key": key });
    expect(refused.json).toMatchObject({ status: 429, code: "RATE_LIMITED" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("that cannot be looked up are not refused for what they may do: they are told when to come again", async () => {
    const { key } = await registerOf(portal).create(
      { name: "Archive", plan: "standard", scopes: ["export"], lifetimeMs: null },
      callScope(),
    );
    const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    get = getFrom({}, (call, send) =>
      call.input.TableName === portal.tables.partners ? Promise.reject(throttled) : send(),
    );
    const refused = await get("/v1/dumps", { "x-api-key": key });
    expect(refused.json).toMatchObject({ status: 503, code: "UNAVAILABLE" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("www-authenticate")).toBeNull();
    expect(reports).toMatchObject([{ record: { bucketFailed: true, failures: [{ foreseen: true }] } }]);
    // What everybody may read goes on.
    expect((await get("/v1/regions", { "x-api-key": key })).status).toBe(200);
  });

  test("nobody may spend more on a request than their plan allows; without a key every page is within it", () => {
    const most = ANONYMOUS_PLAN.maxRequestCost;
    expect(() => requireCost(ANONYMOUS, most)).not.toThrow();
    expect(() => requireCost(ANONYMOUS, most + 1)).toThrow(
      expect.objectContaining({ code: "COST_LIMIT_EXCEEDED", members: { requested: most + 1, allowed: most } }),
    );
  });
});

describe("problems", () => {
  test.for([
    ["/v1/nothing", 404, "NOT_FOUND", undefined],
    ["/v1/regions/", 404, "NOT_FOUND", undefined],
    ["/v1/regions/77", 404, "NOT_FOUND", undefined],
    ["/v1/regions/%", 400, "BAD_USER_INPUT", "id"],
    ["/v1/metrics/nothing/observations", 404, "NOT_FOUND", undefined],
    ["/v1/regions?whitin=90", 400, "BAD_USER_INPUT", "whitin"],
    ["/v1/regions?__proto__=1", 400, "BAD_USER_INPUT", "__proto__"],
    ["/v1/regions?level=PROVINCE&level=COUNTY", 400, "BAD_USER_INPUT", "level"],
    ["/v1/regions?level=CITY", 400, "BAD_USER_INPUT", "level"],
    ["/v1/regions?within=", 400, "BAD_USER_INPUT", "within"],
    ["/v1/metrics/data-volume/observations?asOf=2023-01-01", 404, "NOT_FOUND", undefined],
    ["/v1/regions?within=90%00", 400, "BAD_USER_INPUT", "within"],
    ["/v1/regions?limit=0", 400, "BAD_USER_INPUT", "limit"],
    ["/v1/regions?limit=501", 400, "BAD_USER_INPUT", "limit"],
    ["/v1/regions?limit=1e2", 400, "BAD_USER_INPUT", "limit"],
    ["/v1/regions?after=forged", 400, "BAD_USER_INPUT", "after"],
    [`/v1/regions?after=${"x".repeat(2000)}`, 400, "BAD_USER_INPUT", "after"],
    [`/v1/metrics?topic=${"x".repeat(81)}`, 400, "BAD_USER_INPUT", "topic"],
    ["/v1/changes?after=99", 400, "BAD_USER_INPUT", "after"],
    ["/v1/metrics/data-volume/observations?from=then", 400, "BAD_USER_INPUT", "from"],
    ["/v1/metrics/data-volume/observations?status=X", 400, "BAD_USER_INPUT", "status"],
    ["/v1/metrics/data-volume/observations?subject=ZZ&level=COUNTY", 400, "BAD_USER_INPUT", "level"],
    ["/v1/metrics/data-volume/observations?level=COUNTY&subjectType=agency", 400, "BAD_USER_INPUT", "level"],
    ["/v1/metrics/data-volume/observations?last=1&updatedAfter=1", 400, "BAD_USER_INPUT", "last"],
    ["/v1/metrics/data-volume/observations?format=jsonstat&updatedAfter=1", 400, "BAD_USER_INPUT", "format"],
    ["/v1/metrics/data-volume/observations?format=xml", 400, "BAD_USER_INPUT", "format"],
    ["/v1/metrics/data-volume/observations?asOf=99", 400, "BAD_USER_INPUT", "asOf"],
    ["/v1/metrics/data-volume/observations?asOf=1&updatedAfter=2", 400, "BAD_USER_INPUT", "updatedAfter"],
    ["/v1/metrics/data-volume/observations?asOf=1&updatedAfter=2030-01-01", 400, "BAD_USER_INPUT", "updatedAfter"],
    ["/v1/metrics/data-volume/observations?updatedAfter=soon", 400, "BAD_USER_INPUT", "updatedAfter"],
  ] as const)("%s → %i %s", async ([address, status, code, argument]) => {
    const answer = await get(address);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.json).toMatchObject({ status, code, ...(argument === undefined ? {} : { argument }) });
    expect(answer.status).toBe(status);
    expect(answer.json.requestId).toBe(answer.headers.get("x-request-id"));
    expect(reports).toMatchObject([{ status, record: { failures: [] } }]);
  });

  test("a cursor of another list, or of another filter, is none", async () => {
    const { json } = await get("/v1/regions?limit=1");
    for (const other of ["/v1/regions?within=90", "/v1/sources?", "/v1/metrics/data-volume/observations?"]) {
      expect((await get(`${other}&after=${json.next}`)).json).toMatchObject({
        code: "BAD_USER_INPUT",
        argument: "after",
      });
    }
  });

  test.for([
    ["/v1/regions", "text/csv"],
    ["/v1/metrics/data-volume/observations", "text/html"],
    ["/v1/metrics/data-volume/observations", "application/vnd.sdmx.data+json;version=1.0.0"],
  ])("%s cannot be had as %s", async ([address = "", accept = ""]) => {
    expect((await get(address, { accept })).json).toMatchObject({ status: 406, code: "NOT_ACCEPTABLE" });
  });

  test("nothing can be written", async () => {
    const { status, headers, json } = await get("/v1/regions", {}, "DELETE");
    expect([status, headers.get("allow"), json.code]).toEqual([405, "GET, HEAD", "METHOD_NOT_ALLOWED"]);
  });

  test("a store that does not answer is to be tried again; what nobody foresaw stays in the log", async () => {
    const failing = (error: Error) => getFrom({}, () => Promise.reject(error))("/v1/regions");
    const throttled = await failing(Object.assign(new Error("slow down"), { name: "ThrottlingException" }));
    expect(throttled.json).toMatchObject({ status: 503, code: "UNAVAILABLE" });
    expect(throttled.headers.get("retry-after")).toMatch(/^\d+$/);
    const broken = await failing(new Error("table secret-people is on fire"));
    expect(broken.json).toMatchObject({ status: 500, code: "INTERNAL_SERVER_ERROR" });
    expect(broken.text).not.toContain("secret");
    expect(reports.map(({ record }) => record.failures.map(({ foreseen }) => foreseen))).toEqual([[true], [false]]);
  });
});
