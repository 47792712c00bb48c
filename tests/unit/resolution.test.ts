import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Claim, mergeClaims, OBSERVATION_STATUSES, type ObservationStatus } from "../../portal/series/claims.ts";
import { DEFAULT_STATUSES, resolve, type Vintage } from "../../portal/series/resolution.ts";
import { crowdedClaims } from "../support/claims.ts";
import { holds } from "../support/properties.ts";

const ALL: ReadonlySet<ObservationStatus> = new Set(OBSERVATION_STATUSES);
const HEAD: Vintage = { release: 99, voids: new Set() };

const vintages = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }))
  .map(([release, voids]): Vintage => ({ release, voids: new Set(voids) }));
const wanted = fc.uniqueArray(fc.constantFrom(...OBSERVATION_STATUSES)).map((statuses) => new Set(statuses));

/** The rules, word for word and without any thought for speed. */
function naive(claims: readonly Claim[], { release, voids }: Vintage, statuses: ReadonlySet<ObservationStatus>) {
  const seen = claims.filter((claim) => claim.release <= release && !voids.has(claim.release));
  const periods = [...new Set(seen.map(({ period }) => period))].sort((a, b) => a - b);
  return periods.flatMap((period) => {
    const sources = [...new Set(seen.map(({ source }) => source))];
    const standing = sources.flatMap((source) => {
      const said = seen.filter((claim) => claim.period === period && claim.source === source);
      const [newest, ...revisions] = said.sort((a, b) => b.release - a.release);
      return newest?.status && statuses.has(newest.status) ? [{ ...newest, revisions }] : [];
    });
    const ranked = standing.filter((one) => standing.every((other) => other === one || !isBetter(other, one)));
    const headline = ranked[0];
    const rest = standing.filter((claim) => claim !== headline).sort((a, b) => (isBetter(a, b) ? -1 : 1));
    return headline ? [{ period, headline, alternatives: rest }] : [];
  });
}

function isBetter(a: Claim, b: Claim): boolean {
  const rank = ({ status }: Claim) => ["A", "P", "E", "F", "T", "Q", "M", "O"].indexOf(status ?? "");
  if (rank(a) !== rank(b)) return rank(a) < rank(b);
  if (a.publishedOn !== b.publishedOn) return a.publishedOn > b.publishedOn;
  if (a.release !== b.release) return a.release > b.release;
  return a.source < b.source;
}

function claim(fields: Partial<Claim>): Claim {
  return { period: 2020, value: "1", status: "A", source: "alpha", publishedOn: "", release: 1, note: "", ...fields };
}

const only = (claims: readonly Claim[], vintage = HEAD) => resolve(mergeClaims(claims), vintage, ALL)[0];

describe("resolving claims", () => {
  test("gives what the rules say, word for word", () => {
    holds(
      fc.property(crowdedClaims, vintages, wanted, (claims, vintage, statuses) => {
        expect(resolve(mergeClaims(claims), vintage, statuses)).toEqual(naive(claims, vintage, statuses));
      }),
      1000,
    );
  });

  test("does not depend on the order or the parts in which claims arrived", () => {
    const shuffled = crowdedClaims.chain((claims) =>
      fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length }), fc.nat(claims.length)),
    );
    holds(
      fc.property(shuffled, ([claims, other, cut]) => {
        const inParts = mergeClaims(other.slice(cut), other.slice(0, cut), other.slice(0, cut));
        expect(resolve(inParts, HEAD, ALL)).toEqual(resolve(mergeClaims(claims), HEAD, ALL));
      }),
    );
  });

  test("as of a release ignores whatever came later", () => {
    holds(
      fc.property(crowdedClaims, vintages, (claims, vintage) => {
        const known = claims.filter(({ release }) => release <= vintage.release);
        expect(resolve(mergeClaims(claims), vintage, ALL)).toEqual(resolve(mergeClaims(known), vintage, ALL));
      }),
    );
  });
});

describe("the headline", () => {
  test.for([
    ["an actual value before a newer provisional one", { status: "A" }, { status: "P", publishedOn: "2024" }],
    ["a provisional value before an estimate", { status: "P" }, { status: "E" }],
    ["an estimate before a forecast", { status: "E" }, { status: "F" }],
    ["a forecast before a target", { status: "F" }, { status: "T" }],
    ["any value before the reason for having none", { status: "T" }, { status: "Q", value: null }],
    ["the newer publication", { publishedOn: "2021-05" }, { publishedOn: "2021" }],
    ["at the same date the newer release", { release: 4 }, { release: 3 }],
    ["at a full tie the first source id", { source: "aa" }, { source: "ab" }],
  ] as const)("is %s", ([, better, worse]) => {
    const [winner, loser] = [claim({ source: "zeta", ...better }), claim({ source: "eta", ...worse })];
    const observation = only([loser, winner]);
    expect(observation?.headline).toMatchObject(winner);
    expect(observation?.alternatives).toMatchObject([loser]);
  });

  test("is never a target unless one asks for targets", () => {
    expect(resolve([claim({ status: "T" })], HEAD)).toEqual([]);
    expect(resolve([claim({ status: "T" })], HEAD, new Set(["T"]))).toHaveLength(1);
    expect([...DEFAULT_STATUSES].sort()).toEqual(OBSERVATION_STATUSES.filter((status) => status !== "T").sort());
  });
});

describe("a source that changes its mind", () => {
  test("revises what it said before, and its older claims are no alternatives", () => {
    const [first, second, third] = [1, 3, 4].map((release) => claim({ release, value: `${release}` }));
    const observation = only([third, first, second] as Claim[]);
    expect(observation?.headline).toMatchObject({ value: "4", revisions: [{ value: "3" }, { value: "1" }] });
    expect(observation?.alternatives).toEqual([]);
  });

  test("withdraws by a tombstone, which leaves the other sources", () => {
    const other = claim({ source: "beta", status: "E" });
    const tombstone = claim({ release: 2, value: null, status: null });
    expect(only([claim({}), other, tombstone])?.headline).toMatchObject({ source: "beta" });
    expect(only([claim({}), tombstone])).toBeUndefined();
  });

  test("stands as it did before the tombstone when asked as of then", () => {
    const tombstone = claim({ release: 2, value: null, status: null });
    expect(only([claim({}), tombstone], { release: 1, voids: new Set() })?.headline).toMatchObject({ value: "1" });
  });

  test("can say something again after it withdrew", () => {
    const tombstone = claim({ release: 2, value: null, status: null });
    expect(only([claim({}), tombstone, claim({ release: 3, value: "9" })])?.headline.value).toBe("9");
  });
});

test("a release that was staged but never committed is never seen", () => {
  const claims = [claim({}), claim({ release: 2, value: "2" }), claim({ release: 3, source: "beta", status: "P" })];
  const observation = only(claims, { release: 3, voids: new Set([2]) });
  expect(observation?.headline).toMatchObject({ value: "1", revisions: [] });
  expect(observation?.alternatives).toMatchObject([{ source: "beta" }]);
});
