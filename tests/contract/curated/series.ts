import { describe, expect, test } from "vitest";
import { answerOf, type CuratedClaim, claimsBySeries, compareClaims, facts, releases } from "../../support/curated.ts";
import type { TestPortal } from "../../support/portal.ts";

const CLAIM = "value valueAsFloat status source { id } release { number } note";
const OBSERVATION = `timePeriod ${CLAIM} revisions { value } alternatives { ${CLAIM} }`;
const ALL = "status: [A, P, E, F, T, M, O, Q]";

/** What the rules make of the rows of a series, as of a release. */
function observationsOf(claims: readonly CuratedClaim[], release = releases.length, statuses = "APEFMOQ") {
  const seen = claims.filter((claim) => claim.release <= release && statuses.includes(claim.status));
  const periods = [...Map.groupBy(seen, ({ row }) => row.time_period ?? "")].sort(([a], [b]) => (a < b ? -1 : 1));
  return periods.map(([timePeriod, rivals]) => {
    const [headline, ...alternatives] = rivals.toSorted(compareClaims).map(answerOf);
    return { timePeriod, ...headline, revisions: [], alternatives };
  });
}

const idParts = (id: string) => /^series:([^/]+)\/([^/]+)\/(.)$/.exec(id)?.slice(1) as [string, string, string];

export function describeSeries(portal: Pick<TestPortal, "ask">): void {
  async function answer<Data = Record<string, unknown>>(query: string, variables = {}): Promise<Data> {
    const { data, errors } = await portal.ask<Data>(query, variables);
    expect(errors).toEqual([]);
    return data;
  }

  /** Asks the same of many series, some twenty in one operation. */
  async function ofEvery(ids: readonly string[], selection: string, argument = ""): Promise<Map<string, unknown>> {
    const found = new Map<string, unknown>();
    for (let at = 0; at < ids.length; at += 20) {
      const part = ids.slice(at, at + 20);
      const fields = part.map((id, i) => {
        const [metric, subject, frequency] = idParts(id);
        return `s${i}: series(metric: "${metric}", subject: "${subject}", frequency: ${frequency} ${argument}) { ...Asked }`;
      });
      const data = await answer(`{ ${fields.join("\n")} } fragment Asked on Series { ${selection} }`);
      part.forEach((id, i) => {
        found.set(id, data[`s${i}`]);
      });
    }
    return found;
  }

  test("say every observation of every file, with its source, its release and what other sources say", async () => {
    const answers = await ofEvery([...claimsBySeries.keys()], `observations(${ALL}) { ${OBSERVATION} }`);
    for (const [id, claims] of claimsBySeries) {
      expect({ id, ...(answers.get(id) as object) }).toEqual({
        id,
        observations: observationsOf(claims, undefined, "APEFTMOQ"),
      });
    }
  });

  test("leave out targets unless asked for them, also in the latest observation", async () => {
    const answers = await ofEvery(
      [...claimsBySeries.keys()],
      `observations { ${OBSERVATION} } latest { ${OBSERVATION} }`,
    );
    for (const [id, claims] of claimsBySeries) {
      const observations = observationsOf(claims);
      expect({ id, ...(answers.get(id) as object) }).toEqual({ id, observations, latest: observations.at(-1) ?? null });
    }
  });

  test.for([2, 10, 23, 37])("as of release %i are what was known then", async (release) => {
    const answers = await ofEvery([...claimsBySeries.keys()], `observations { ${OBSERVATION} }`, `asOf: ${release}`);
    for (const [id, claims] of claimsBySeries) {
      const known = claims.some((claim) => claim.release <= release);
      const expected = known ? { observations: observationsOf(claims, release) } : null;
      expect({ id, series: answers.get(id) }).toEqual({ id, series: expected });
    }
  });

  test("as of a day are what was known then", async () => {
    const id = "series:data-production/region:CN/A";
    const claims = claimsBySeries.get(id) ?? [];
    for (const asOf of ["2017", "2020-12-31", "2024-05", "2025-04-29"]) {
      const { length } = releases.filter(({ publishedOn }) => publishedOn <= `${asOf}-99-99`.slice(0, 10));
      const answers = await ofEvery([id], `observations { ${OBSERVATION} }`, `asOf: "${asOf}"`);
      const expected = claims.some(({ release }) => release <= length)
        ? { observations: observationsOf(claims, length) }
        : null;
      expect({ asOf, series: answers.get(id) }).toEqual({ asOf, series: expected });
    }
  });

  test("may be asked as of a release for their observations alone", async () => {
    const query = `query ($asOf: ReleaseRef) { series(metric: "data-production", subject: "CN") { latest { timePeriod } earlier: latest(asOf: $asOf) { timePeriod } } }`;
    const claims = claimsBySeries.get("series:data-production/region:CN/A") ?? [];
    const { series } = await answer<{ series: unknown }>(query, { asOf: 20 });
    const latest = (release: number) => ({ timePeriod: observationsOf(claims, release).at(-1)?.timePeriod });
    expect(series).toEqual({ latest: latest(38), earlier: observationsOf(claims, 20).length > 0 ? latest(20) : null });
  });

  test("know their metric, their subject, their frequency and their unit", async () => {
    const answers = await ofEvery(
      [...claimsBySeries.keys()],
      "id metric { id } subject { __typename id } frequency unit",
    );
    const types = { region: "Region", agency: "Agency", platform: "Platform", complex: "IndustrialComplex" };
    for (const id of claimsBySeries.keys()) {
      const [metric, subject, frequency] = idParts(id);
      const __typename = types[subject.split(":")[0] as keyof typeof types];
      const unit = facts.metrics.get(metric)?.unit;
      expect(answers.get(id)).toEqual({
        id,
        metric: { id: `metric:${metric}` },
        subject: { __typename, id: subject },
        frequency,
        unit,
      });
    }
  });

  test("without a frequency are the coarsest that there is", async () => {
    const coarsest = new Map<string, string>();
    for (const id of claimsBySeries.keys()) {
      const [metric, subject, frequency] = idParts(id);
      const before = coarsest.get(`${metric}/${subject}`);
      if (before === undefined || "ASQMWD".indexOf(frequency) < "ASQMWD".indexOf(before)) {
        coarsest.set(`${metric}/${subject}`, frequency);
      }
    }
    const fields = [...coarsest.keys()].map((key, i) => {
      const [metric, subject] = key.split("/");
      return `s${i}: series(metric: "${metric}", subject: "${subject}") { frequency }`;
    });
    const found: unknown[] = [];
    for (let at = 0; at < fields.length; at += 40) {
      found.push(...Object.values(await answer(`{ ${fields.slice(at, at + 40).join("\n")} }`)));
    }
    expect(found).toEqual([...coarsest.values()].map((frequency) => ({ frequency })));
  });

  test("without a frequency are the coarsest that there was, as of a release", async () => {
    const id = "open-data-platforms/region:CN";
    const firstOf = (frequency: string) => claimsBySeries.get(`series:${id}/${frequency}`)?.[0]?.release ?? 0;
    const query = `query ($asOf: ReleaseRef) { series(metric: "open-data-platforms", subject: "CN", asOf: $asOf) { frequency } }`;
    for (const { number } of releases) {
      const known = ["A", "S", "M"].find((frequency) => firstOf(frequency) <= number);
      const series = known === undefined ? null : { frequency: known };
      expect(await answer(query, { asOf: number })).toEqual({ series });
    }
  });

  test("that do not exist at a frequency are null", async () => {
    const query = `{ series(metric: "data-production", subject: "CN", frequency: W) { id } }`;
    expect(await answer(query)).toEqual({ series: null });
  });

  test.for([
    [{ from: "2020" }, (p: string) => p >= "2020"],
    [{ to: "2020" }, (p: string) => p <= "2020"],
    [{ from: "2018", to: "2020" }, (p: string) => p >= "2018" && p <= "2020"],
    [{ from: "2018-06", to: "2020-06" }, (p: string) => p >= "2019" && p <= "2020"],
    [{ from: "2030", to: "2020" }, () => false],
  ] as const)("give the periods of %j, also across frequencies", async ([range, inside]) => {
    const query = `query ($from: TimePeriod, $to: TimePeriod) {
      series(metric: "data-production", subject: "CN") { observations(from: $from, to: $to) { timePeriod } }
    }`;
    const claims = claimsBySeries.get("series:data-production/region:CN/A") ?? [];
    const periods = observationsOf(claims).map(({ timePeriod }) => timePeriod);
    const observations = periods.filter(inside).map((timePeriod) => ({ timePeriod }));
    expect(await answer(query, range)).toEqual({ series: { observations } });
  });

  test("give the last n of what the other arguments leave", async () => {
    const query = `{ series(metric: "data-production", subject: "CN") {
      one: observations(last: 1) { timePeriod } early: observations(to: "2020", last: 2) { timePeriod }
      many: observations(last: 1000) { timePeriod } forecasts: observations(status: [F], last: 1) { timePeriod status }
    } }`;
    const claims = claimsBySeries.get("series:data-production/region:CN/A") ?? [];
    const periods = (given: { timePeriod: string }[]) => given.map(({ timePeriod }) => ({ timePeriod }));
    const all = observationsOf(claims);
    expect(await answer(query)).toEqual({
      series: {
        one: periods(all.slice(-1)),
        early: periods(all.filter(({ timePeriod }) => timePeriod <= "2020").slice(-2)),
        many: periods(all),
        forecasts: observationsOf(claims, undefined, "F")
          .slice(-1)
          .map(({ timePeriod }) => ({ timePeriod, status: "F" })),
      },
    });
  });

  test("are found from their subject and as a node", async () => {
    const query = `{ region(code: "CN") { series(metric: "metric:data-production") { id } none: series(metric: "no-such-metric") { id } }
      node(id: "series:data-production/region:CN/A") { id ... on Series { unit } } missing: node(id: "series:data-production/region:CN/W") { id } }`;
    const id = "series:data-production/region:CN/A";
    expect(await answer(query)).toEqual({
      region: { series: { id }, none: null },
      node: { id, unit: "ZB" },
      missing: null,
    });
  });

  describe("of one subject", () => {
    const PROFILE = `query ($code: ID!, $topic: String, $first: Int, $after: String, $asOf: ReleaseRef) {
      region(code: $code) { profile(topic: $topic, first: $first, after: $after, asOf: $asOf) {
        nodes { id latest { timePeriod value } } pageInfo { hasNextPage endCursor }
      } }
    }`;
    type Profile = {
      region: { profile: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } };
    };

    function profileOf(subject: string, topic?: string): string[] {
      const own = [...claimsBySeries.keys()]
        .map((id) => [id, ...idParts(id)] as const)
        .filter(([, , s]) => s === subject);
      const topicOf = (metric: string) => facts.metrics.get(metric)?.topic ?? "";
      return (
        own
          .filter(([, metric]) => topic === undefined || topicOf(metric) === topic)
          // A character below all others parts the keys, so that a topic comes before the topics that it begins.
          .map(([id, metric, , frequency]) => ({ id, key: [topicOf(metric), metric, frequency].join("\0") }))
          .sort((a, b) => (a.key < b.key ? -1 : 1))
          .map(({ id }) => id)
      );
    }

    test.for([1, 7, 100])("are all in its profile, by topic, metric and frequency, in pages of %i", async (first) => {
      const ids: string[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const { region }: Profile = await answer<Profile>(PROFILE, { code: "CN", first, after });
        ids.push(...region.profile.nodes.map(({ id }) => id));
        after = region.profile.pageInfo.endCursor;
        more = region.profile.pageInfo.hasNextPage;
      }
      expect(ids).toEqual(profileOf("region:CN"));
    });

    test("can be asked for by topic", async () => {
      const { region } = await answer<Profile>(PROFILE, { code: "CN", topic: "open data", first: 100 });
      expect(region.profile.nodes.map(({ id }) => id)).toEqual(profileOf("region:CN", "open data"));
    });

    test("are as of a release those that there were", async () => {
      const { region } = await answer<Profile>(PROFILE, { code: "CN", asOf: 8, first: 100 });
      const known = profileOf("region:CN").filter((id) => claimsBySeries.get(id)?.some(({ release }) => release <= 8));
      expect(region.profile.nodes.map(({ id }) => id)).toEqual(known);
    });

    test("are none where nobody observed anything", async () => {
      const { region } = await answer<Profile>(PROFILE, { code: "520181" });
      expect(region.profile).toEqual({ nodes: [], pageInfo: { hasNextPage: false, endCursor: null } });
    });
  });
}
