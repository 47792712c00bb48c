import { ANSWERED, type Attack, badInput, beyond, documents, events, post, TOO_DEAR, times } from "../attack.ts";

const IDS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
const WIDE = `region { code } operator { id } source { id } profile(first: 20) { nodes { unit latest { value source { id } } } }`;

export const COSTS: readonly Attack[] = [
  ...documents(TOO_DEAR, {
    "lists in lists": "{ regions(first: 100) { nodes { platforms(first: 100) { nodes { region { code } } } } } }",
    "lists in lists in lists":
      "{ regions(first: 100) { nodes { children(first: 100) { nodes { children(first: 100) { nodes { id } } } } } } }",
    "lists in lists by default sizes":
      "{ regions { nodes { children { nodes { children { nodes { children { nodes { id } } } } } } } } }",
    "a page of two thousand million": "{ regions(first: 2147483647) { nodes { id } } }",
    "the last two thousand million": "{ platforms(last: 2147483647) { edges { node { id } } } }",
    "two thousand million observations":
      '{ series(metric: "data-volume", subject: "ZZ") { observations(last: 2147483647) { value } } }',
    "everything about a hundred platforms": `{ platforms(first: 100) { nodes { ${WIDE} } } }`,
    "everything about a hundred platforms, twice over": `{ a: platforms(first: 100) { nodes { ${WIDE} } } b: platforms(last: 100) { edges { node { ${WIDE} } } } }`,
    "ranks of a whole profile of many":
      "{ regions(first: 100) { nodes { profile(first: 100) { nodes { rank { rank } } } } } }",
    "shares of a whole profile of many":
      "{ regions(first: 20) { nodes { profile(first: 100) { nodes { shareOfParent { value } } } } } }",
    "forty panels": `{ ${times(40, (i) => `p${i}: panel(metric: "data-volume", of: { regions: { within: "ZZ", level: COUNTY } }) { rows { subject { id } values } }`).join(" ")} }`,
    "a panel of a million rows":
      '{ panel(metric: "data-volume", of: { childrenOf: "ZZ" }, top: 1000000) { rows { subject { id } values } } }',
    "the subjects of series of subjects":
      '{ region(code: "ZZ") { profile(first: 100) { nodes { subject { profile(first: 100) { nodes { subject { id } } } } } } } }',
    "nodes of changes":
      "{ changes(first: 100) { nodes { node { ... on Subject { profile(first: 100) { nodes { id } } } } } } }",
    "a list in a fragment in a list":
      "{ regions(first: 100) { ...f } } fragment f on RegionConnection { nodes { ...g } } fragment g on Region { children(first: 100) { nodes { ...h } } } fragment h on Region { profile(first: 10) { nodes { id } } }",
    "dearest type behind an interface":
      '{ node(id: "region:ZZ") { ... on Source { id } ... on Region { children(first: 100) { nodes { children(first: 100) { nodes { parent { id } } } } } } } }',
  }),
  ...documents(beyond("ANSWER_FIELDS"), {
    "a hundred names for each value": `{ region(code: "ZZ") { profile(first: 30) { nodes { observations { ${times(100, (i) => `v${i}: value`).join(" ")} } } } } }`,
    "a hundred names for each claim": `{ regions(first: 100) { nodes { ${times(40, (i) => `n${i}: names { ${times(2, (j) => `t${j}: text`).join(" ")} language }`).join(" ")} children(first: 90) { nodes { ${times(25, (i) => `m${i}: level`).join(" ")} name { text } names { text } } } } } }`,
  }),
  ...events(TOO_DEAR, {
    "10,000 ids": post({ query: IDS, variables: { ids: times(10_000, (i) => `region:${i}`) } }),
    "20,000 times the same id": post({ query: IDS, variables: { ids: times(20_000, () => "region:ZZ") } }),
    "a size in a variable": post({
      query: "query ($n: Int) { regions(first: $n) { nodes { children(first: $n) { nodes { id } } } } }",
      variables: { n: 100_000 },
    }),
    "a size in a variable's default": post({
      query: "query ($n: Int = 100000) { regions(first: $n) { nodes { children(first: $n) { nodes { id } } } } }",
    }),
    "lists that are included by a variable": post({
      query:
        "query ($all: Boolean!) { regions(first: 100) { nodes { children(first: 100) @include(if: $all) { nodes { children { nodes { id } } } } } } }",
      variables: { all: true },
    }),
  }),
  ...events(badInput("ids"), {
    "101 ids": post({ query: IDS, variables: { ids: times(101, (i) => `region:${i}`) } }),
    "1,000 ids": post({ query: IDS, variables: { ids: times(1000, (i) => `region:${i}`) } }),
  }),
  ...events(badInput("first"), {
    "a page of 101": post({ query: "{ regions(first: 101) { nodes { id } } }" }),
    "a page of none": post({ query: "{ regions(first: 0) { nodes { id } } }" }),
    "a page of fewer than none": post({ query: "{ regions(first: -2147483648) { nodes { id } } }" }),
  }),
  ...events(ANSWERED, {
    "lists that are skipped by a variable": post({
      query:
        "query ($all: Boolean!) { regions(first: 3) { nodes { id children(first: 100) @include(if: $all) { nodes { children { nodes { id } } } } } } }",
      variables: { all: false },
    }),
    "a hundred ids of nothing": post({
      query: IDS,
      variables: { ids: times(100, (i) => `region:x${i}`.toUpperCase().replace("REGION", "region")) },
    }),
  }),
];
