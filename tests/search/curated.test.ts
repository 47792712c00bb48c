import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shortName } from "../../portal/search/short-names.ts";
import { type CallScope, callScope } from "../../portal/store/calls.ts";
import { facts, openCuratedPortal } from "../support/curated.ts";
import { type Ask, functionOn, type TestPortal } from "../support/portal.ts";
import { expectFacetsOfLists, expectFacetsOfSearches } from "./facets.ts";
import { RELEVANCE } from "./relevance.ts";

/** Searches of the shipped releases, through the front door. */

interface Hit {
  readonly node: { readonly id: string };
  readonly score: number;
  readonly matches: readonly {
    readonly field: string;
    readonly text: string;
    readonly language: string | null;
    readonly ranges: readonly { start: number; end: number }[];
  }[];
}
interface Found {
  readonly search: {
    readonly totalCount: number;
    readonly notIndexed: number;
    readonly nodes: readonly Hit[];
    readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
  };
}

const SEARCH = `query ($text: String!, $kinds: [NodeKind!], $within: ID, $first: Int, $after: String) {
  search(text: $text, kinds: $kinds, within: $within, first: $first, after: $after) {
    totalCount notIndexed pageInfo { hasNextPage hasPreviousPage endCursor }
    nodes { node { id } score matches { field text language ranges { start end } } }
  }
}`;

let portal: TestPortal;
let ask: Ask;
const scopes: CallScope[] = [];

beforeAll(async () => {
  portal = await openCuratedPortal();
  ask = functionOn({
    client: portal.client(),
    tables: portal.tables,
    headMaxAgeMs: 3_600_000,
    onAnswered: ({ scope }) => scopes.push(scope),
  });
});
afterAll(() => portal.close());

async function find(text: string, variables: Record<string, unknown> = {}): Promise<Found["search"]> {
  const { data, errors } = await ask<Found>(SEARCH, { text, ...variables });
  expect(errors).toEqual([]);
  return data.search;
}

async function idsOf(text: string, variables: Record<string, unknown> = {}): Promise<string[]> {
  return (await find(text, variables)).nodes.map(({ node }) => node.id);
}

/** Every id that paging to the end gives, a few at a time. */
async function allIds(text: string, variables: Record<string, unknown> = {}): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page: Found["search"] = await find(text, { ...variables, after, first: 100 });
    ids.push(...page.nodes.map(({ node }) => node.id));
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return ids;
}

test("what a search costs: the index once for each release and for all, then the nodes of the page", async () => {
  const cost = async (query: string) => {
    scopes.length = 0;
    const { errors } = await ask(query);
    expect(errors).toEqual([]);
    const [{ meter, sharedMeter } = callScope()] = scopes;
    return [meter.operations.join(", "), sharedMeter?.operations.join(", ")];
  };
  const query = `{ search(text: "guiyang") { nodes { node { id } } } }`;
  expect(await cost(query)).toEqual(["GetItem, BatchGetItem", "GetItem, BatchGetItem"]);
  expect(await cost(query)).toEqual(["BatchGetItem", ""]);
  expect(await cost(`{ search(text: "guiyang", within: "52") { nodes { node { id } } } }`)).toEqual([
    "BatchGetItem, BatchGetItem",
    "",
  ]);
  expect(await cost(`{ suggest(text: "guiy") { id text kind ranges { start end } } }`)).toEqual(["", ""]);
  expect(await cost(`{ search(text: "贵阳") { totalCount facets(of: [KIND]) { counts { value count } } } }`)).toEqual([
    "",
    "",
  ]);
});

test("people find what they are after", async () => {
  let sum = 0;
  const missed: string[] = [];
  for (const [manner, text, wanted] of RELEVANCE) {
    const place = (await idsOf(text)).indexOf(wanted);
    const rank = place < 0 ? 0 : 1 / (place + 1);
    sum += rank;
    if (rank < 1) missed.push(`${manner} "${text}" ${wanted}: ${place < 0 ? "not on the page" : place + 1}`);
  }
  const mean = sum / RELEVANCE.length;
  console.log(`${RELEVANCE.length} queries, mean reciprocal rank ${mean.toFixed(3)}\n${missed.join("\n")}`);
  const hard = RELEVANCE.filter(([manner]) => manner !== "words").length;
  expect(RELEVANCE.length).toBeGreaterThanOrEqual(120);
  expect(hard * 3).toBeGreaterThanOrEqual(RELEVANCE.length);
  expect(mean).toBeGreaterThanOrEqual(0.95);
});

describe("the order of hits", () => {
  test.for<[text: string, first: string]>([
    ["益阳市", "region:4309"],
    ["达州市", "region:5117"],
    ["丰县", "region:320321"],
    ["beijing city", "region:11"],
    ["shanghai city", "region:31"],
    ["guizhou sheng", "region:52"],
    ["neimenggu zizhiqu", "region:15"],
    ["guangxi zizhiqu", "region:45"],
    ["贵州省贵阳市", "region:5201"],
    ["贵州贵阳", "region:5201"],
    ["湖北省武汉市", "region:4201"],
    ["guangdong shenzhen", "region:4403"],
    ["Guiyang, Guizhou", "region:5201"],
    ["Guizhou, China", "region:52"],
    ["吉林吉林", "region:2202"],
    ["kashi", "region:6531"],
    ["guoyang", "region:341621"],
    ["yueqing", "region:330382"],
    ["minhang", "region:310112"],
    ["520000", "region:52"],
    ["520100", "region:5201"],
    ["www.data.sh.gov.cn", "platform:shanghai-public-data-open-platform"],
    ["data.sh.gov.cn/view", "platform:shanghai-public-data-open-platform"],
    ["data.sh.gov.cn:8080", "platform:shanghai-public-data-open-platform"],
    ["sh.gov.cn", "platform:shanghai-public-data-open-platform"],
    ["东莞数据开放平台", "platform:dongguan-open-data-platform"],
  ])("%s finds %s first", async ([text, first]) => {
    expect((await idsOf(text))[0]).toBe(first);
  });

  test("whole names first, larger places before smaller, then what begins so, then the rest", async () => {
    expect((await idsOf("朝阳")).slice(0, 4)).toEqual([
      "region:2113",
      "region:110105",
      "region:211321",
      "region:220104",
    ]);
    const { nodes } = await find("guizhou", { first: 100 });
    expect(nodes[0]?.node.id).toBe("region:52");
    const scores = nodes.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores.map(Math.floor)).toEqual(expect.arrayContaining([2, 1, 0]));
  });

  test("initials find a place, far behind a name", async () => {
    const { nodes } = await find("gy", { kinds: ["REGION"], first: 100 });
    const guiyang = nodes.find(({ node }) => node.id === "region:5201");
    expect(guiyang?.score).toBeLessThan(0.5);
    expect(guiyang?.matches).toEqual([
      { field: "NAME", text: "贵阳市", language: "ZH", ranges: [{ start: 0, end: 2 }] },
    ]);
  });
});

test("every place is found by what it is called, as whole", async () => {
  const missed: string[] = [];
  // All provinces and prefectures, every fifth county: each is a request or three.
  const regions = [...facts.regions].filter(([code], i) => code.length <= "0000".length || i % 5 === 0);
  for (const [code, { name_en = "", name_zh = "" }] of regions) {
    for (const name of new Set([name_en, name_zh, shortName(name_zh)])) {
      const { errors, data } = await ask<{ search: { nodes: Hit[] } }>(
        "query ($text: String!) { search(text: $text, kinds: [REGION], first: 20) { nodes { node { id } score } } }",
        { text: name },
      );
      expect(errors).toEqual([]);
      const hit = data.search.nodes.find(({ node }) => node.id === `region:${code}`);
      // Twenty prefectures and more have a 市辖区.
      if (name !== "" && name !== "市辖区" && (hit?.score ?? 0) < 2.8) missed.push(`${name} ${code} ${hit?.score}`);
    }
  }
  expect(missed).toEqual([]);
}, 60_000);

test("yunan is two counties, and Yunnan without a letter", async () => {
  const ids = (await find("yunan", { kinds: ["REGION"] })).nodes.map(({ node }) => node.id);
  expect(ids.slice(0, 2).sort()).toEqual(["region:445303", "region:445322"]);
  expect(ids).toContain("region:53");
});

describe("what matched", () => {
  test.for<[text: string, id: string, matches: string[]]>([
    ["guiyang", "region:5201", ["NAME [Guiyang]", "NAME [贵阳]市"]],
    [
      "Guiyang dashuju",
      "platform:guiyang-big-data-exchange",
      ["NAME [Guiyang] (Global) Big Data Exchange", "NAME [贵阳大数据]交易所", "CODE [guiyang]-big-data-exchange"],
    ],
    [
      "shangai exchange",
      "platform:shanghai-data-exchange",
      ["NAME [Shanghai] Data [Exchange]", "NAME [上海]数据交易所", "CODE [shanghai]-data-[exchange]"],
    ],
    [
      "data.sh.gov.cn",
      "platform:shanghai-public-data-open-platform",
      [
        "NAME [Sh]anghai Public [Data] Open Platform",
        "ADDRESS [data].[sh].[gov].[cn]",
        "CODE [sh]anghai-public-[data]-open-platform",
      ],
    ],
    ["数据开放平台 贵州", "platform:guizhou-province-open-data-portal", ["PLACE [贵州]省", "KIND 公共[数据开放平台]"]],
  ])("%s in %s", async ([text, id, matches]) => {
    const hit = (await find(text)).nodes.find(({ node }) => node.id === id);
    expect(hit?.matches.map(marked).filter((match) => !/^KIND .*(网|政府)/.test(match))).toEqual(matches);
  });

  test("always something, in every hit", async () => {
    const letters = Array.from("abcdefghijklmnopqrstuvwxyz").map((letter) => ["words", letter] as const);
    for (const [, text] of [...RELEVANCE.slice(0, 60), ...letters]) {
      for (const { node, matches } of (await find(text, { first: 10 })).nodes) {
        expect(matches.length, `${text} in ${node.id}`).toBeGreaterThan(0);
        for (const { ranges, text: found } of matches) {
          expect(ranges.every(({ start, end }) => start < end && end <= found.length)).toBe(true);
        }
      }
    }
  });

  function marked({ field, text, ranges }: Hit["matches"][number]): string {
    let result = text;
    for (const { start, end } of ranges.toReversed()) {
      result = `${result.slice(0, start)}[${result.slice(start, end)}]${result.slice(end)}`;
    }
    return `${field} ${result}`;
  }
});

describe("the list", () => {
  test.for([["data"], ["guiyang"], ["数据"], ["s"]])("of %s is paged to its end, each once", async ([text = ""]) => {
    const ids = await allIds(text);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe((await find(text)).totalCount);
    expect(ids.length).toBeGreaterThan(20);
  });

  test("holds the kinds and the region that were asked for, in the same order", async () => {
    const all = await allIds("data");
    const platforms = await allIds("data", { kinds: ["PLATFORM"] });
    expect(platforms).toEqual(all.filter((id) => id.startsWith("platform:")));
    const inGuizhou = await allIds("data", { within: "region:52" });
    expect(inGuizhou).toContain("agency:guizhou-big-data-administration");
    expect(all.filter((id) => inGuizhou.includes(id))).toEqual(inGuizhou);
    expect(await allIds("data", { within: "nowhere".toUpperCase() })).toEqual([]);
  });

  test("counts what no search finds", async () => {
    expect((await find("guiyang")).notIndexed).toBe(0);
  });

  test.for([[""], ["  "], ["?!"], ["。"], ["qqqqqqqq"]])("of %j is empty", async ([text = ""]) => {
    expect(await find(text)).toMatchObject({ totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } });
  });

  test.for<[Record<string, unknown>, string]>([
    [{ text: "x".repeat(201) }, "text"],
    [{ text: "a", kinds: ["RELEASE"] }, "kinds"],
    [{ text: "a", within: "platform:zhuminsheng" }, "within"],
    [{ text: "a", first: 0 }, "first"],
    [{ text: "a", first: 101 }, "first"],
    [{ text: "a", after: "k.AAAA" }, "after"],
  ])("refuses %j", async ([variables, argument]) => {
    const { errors } = await ask(SEARCH, variables);
    expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument });
  });

  test("has cursors that are bound to text, kinds and region", async () => {
    const { pageInfo } = await find("data", { first: 2 });
    for (const other of [{ text: "open" }, { text: "data", kinds: ["AGENCY"] }, { text: "data", within: "52" }]) {
      const { errors } = await ask(SEARCH, { ...other, after: pageInfo.endCursor });
      expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "after" });
    }
    // The same words, and yet another order of hits: a host, or the beginning of one.
    const dotted = await find("data.gov", { first: 2 });
    const { errors } = await ask(SEARCH, { text: "data gov", after: dotted.pageInfo.endCursor });
    expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "after" });
    expect((await ask(SEARCH, { text: " DATA ", after: pageInfo.endCursor })).errors).toEqual([]);
  });
});

describe("suggestions", () => {
  const SUGGEST = `query ($text: String!, $first: Int, $kinds: [NodeKind!]) {
    suggest(text: $text, first: $first, kinds: $kinds) { text language kind id ranges { start end } node { id } }
  }`;

  test("are names that go on from what was typed, with their kind", async () => {
    const { data } = await ask<{ suggest: { text: string; kind: string; id: string }[] }>(SUGGEST, { text: "guiy" });
    expect(data.suggest[0]).toEqual({
      text: "Guiyang",
      language: "EN",
      kind: "REGION",
      id: "region:5201",
      ranges: [{ start: 0, end: 4 }],
      node: { id: "region:5201" },
    });
    expect(data.suggest).toHaveLength(8);
    expect(new Set(data.suggest.map(({ kind }) => kind)).size).toBeGreaterThan(2);
  });

  test("come in the language and of the kinds that were asked for", async () => {
    const { data } = await ask<{ suggest: { text: string }[] }>(SUGGEST, {
      text: "贵阳大",
      first: 3,
      kinds: ["PLATFORM"],
    });
    expect(data.suggest.map(({ text }) => text)).toEqual(["贵阳大数据交易所"]);
    expect((await ask(SUGGEST, { text: "a", first: 21 })).errors[0]?.extensions.argument).toBe("first");
  });
});

describe("facets", () => {
  test("of lists count what paging to the end comes to", () => expectFacetsOfLists(ask));

  test("of searches count what paging to the end comes to", () => expectFacetsOfSearches(ask, allIds));

  test("are null where nothing is counted", async () => {
    const { data } = await ask(`{
      platforms(filter: { operator: "guizhou-big-data-administration" }) { facets(of: [TOPIC, REGION]) { field counts { count } } }
      metrics { facets(of: [STATUS]) { counts { count } } }
    }`);
    expect(data).toEqual({
      platforms: {
        facets: [
          { field: "TOPIC", counts: null },
          { field: "REGION", counts: null },
        ],
      },
      metrics: { facets: [{ counts: null }] },
    });
  });
});
