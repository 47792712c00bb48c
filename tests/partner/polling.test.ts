import { describe, expect, test } from "vitest";
import { partnerFunction } from "../../functions/partner/function.ts";
import { callScope } from "../../portal/store/calls.ts";
import { registerOf } from "../partners/support/register.ts";
import { fetchFrom } from "../support/fetch.ts";
import { CURSOR_KEYS, openPortal } from "../support/portal.ts";
import { madeUp } from "../support/releases.ts";
import { type Answer, partnerApi } from "./support/partner-api.ts";
import { facts, revisions, withdrawals } from "./support/world.ts";

const api = partnerApi();
const { get, getFrom, reports, use } = api;

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
    use({ now }, async ({ command }, send) => {
      commands.push(command);
      return send();
    });
    const { key } = await registerOf(api.portal).create(
      { name: "Poller", plan: "basic", lifetimeMs: null },
      callScope(),
    );
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
    const other = await openPortal(api.engine);
    use({ client: other.client(), tables: other.tables });
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
    use({ now: () => Date.now() + 60_000 });
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
    const other = await openPortal(api.engine);
    use({ client: other.client(), tables: other.tables });
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
    const committed = Date.parse((await api.portal.snapshot()).head.committedAt);
    use({ now: () => committed + 1000 });
    const { headers } = await get(address);
    expect(headers.get("last-modified")).toBeNull();
    expect((await get(address, { "if-modified-since": new Date().toUTCString() })).status).toBe(200);
  });

  test("what is of one release is kept for a day, what is of the latest for as long as HEAD is believed", async () => {
    use({ headMaxAgeMs: 5000 });
    expect((await get(address)).headers.get("cache-control")).toBe("public, max-age=5");
    expect((await get(`${address}&asOf=1`)).headers.get("cache-control")).toBe("public, max-age=86400, immutable");
  });

  test("is compressed for who wants it, under a tag of its own", async () => {
    const plain = await get(address);
    const response = await fetchFrom(
      partnerFunction({
        client: api.portal.client(),
        tables: api.portal.tables,
        cursorKeys: CURSOR_KEYS,
        version: "test",
      }),
    )(address, { headers: { "accept-encoding": "gzip" } });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(response.headers.get("etag")).not.toBe(plain.headers.get("etag"));
    const unpacked = new Response(response.body?.pipeThrough(new DecompressionStream("gzip")));
    expect(await unpacked.text()).toBe(plain.text);
  });
});
