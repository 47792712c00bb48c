import fc from "fast-check";
import { type Claim, mergeClaims, OBSERVATION_STATUSES, VALUELESS } from "../../portal/series/claims.ts";

/** Arbitrary claims of one series, to test what packs, merges and resolves them. */

const value = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(6))
  .map(([digits, places]) => (places === 0 ? `${digits}` : `${digits}.${"0123456".slice(1, places + 1)}`));

interface Fields {
  readonly period: fc.Arbitrary<number>;
  readonly source: fc.Arbitrary<string>;
  readonly publishedOn: fc.Arbitrary<string>;
  readonly release: fc.Arbitrary<number>;
}

/** Few sources, periods and releases, so that claims meet each other. */
const crowded: Fields = {
  period: fc.integer({ min: 2018, max: 2022 }),
  source: fc.constantFrom("alpha", "beta", "gamma"),
  publishedOn: fc.constantFrom("", "2020", "2020-03", "2020-03-06", "2021-01-01"),
  release: fc.integer({ min: 1, max: 5 }),
};

/** Everything that can be stored: days before our era and after, notes in any script and over several lines. */
const spread: Fields = {
  period: fc.oneof(fc.integer({ min: -719_162, max: 2_932_896 }), fc.integer({ min: 2000, max: 2030 })),
  source: fc.stringMatching(/^[a-z0-9]{1,20}$/),
  publishedOn: crowded.publishedOn,
  release: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 999_999_999 })),
};

function claimOf(fields: Fields) {
  const note = fc.oneof(fc.constant(""), fc.string({ unit: "grapheme", maxLength: 40 }), fc.constant("two\nlines"));
  const status = fc.option(fc.constantFrom(...OBSERVATION_STATUSES), { nil: null });
  return fc
    .record({ ...fields, value, status, note })
    .map((claim): Claim => (claim.status === null || VALUELESS.has(claim.status) ? { ...claim, value: null } : claim));
}

function listOf(fields: Fields, maxLength: number) {
  const identity = ({ period, source, release }: Claim) => `${period}|${source}|${release}`;
  return fc.uniqueArray(claimOf(fields), { selector: identity, maxLength });
}

/** In no order. */
export const crowdedClaims = listOf(crowded, 25);

/** In canonical order. */
export const storedClaims = listOf(spread, 60).map((claims) => mergeClaims(claims));
