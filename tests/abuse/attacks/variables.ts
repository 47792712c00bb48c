import { type Attack, badInput, events, nested, post, raw, refused, times } from "../attack.ts";

const COERCION = refused("BAD_USER_INPUT");
const FIRST = "query ($n: Int) { regions(first: $n) { totalCount } }";
const CODE = "query ($code: ID!) { region(code: $code) { id } }";
const FILTER = "query ($f: RegionFilter) { regions(filter: $f) { totalCount } }";
const IDS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
const AS_OF = 'query ($r: ReleaseRef) { series(metric: "data-volume", subject: "ZZ", asOf: $r) { id } }';
const FROM =
  'query ($p: TimePeriod) { series(metric: "data-volume", subject: "ZZ") { observations(from: $p) { value } } }';
/** A variable may be null where null may not stand, as long as it has a default; sent as null, it is null. */
const defaulted = (definition: string, query: string) =>
  post({ query: `query (${definition}) ${query}`, variables: { v: null } });
const number = (text: string, query = FIRST, name = "n") =>
  raw(`{"query":${JSON.stringify(query)},"variables":{"${name}":${text}}}`);

export const VARIABLES: readonly Attack[] = [
  ...events(COERCION, {
    "a number beyond 32 bits": number("2147483648"),
    "a number below 32 bits": number("-2147483649"),
    "a number beyond 64 bits": number("18446744073709551616"),
    "a number beyond doubles": number("1e999"),
    "a number with 100,000 digits": number("9".repeat(100_000)),
    "a fraction": number("1.5"),
    "a number as text": number('"20"'),
    "true for a number": number("true"),
    "an object for a number": number('{"$gt":0}'),
    "a list for a number": number("[1,2]"),
    "an object for an id": number('{"$ne":null}', CODE, "code"),
    "a list for an id": number('["ZZ"]', CODE, "code"),
    "a fraction for an id": number("1.5", CODE, "code"),
    "null for what may not be null": number("null", CODE, "code"),
    "nothing for what may not be null": post({ query: CODE }),
    "null among ids": post({ query: IDS, variables: { ids: ["region:ZZ", null] } }),
    "lists among ids": post({ query: IDS, variables: { ids: [["region:ZZ"]] } }),
    "10,000 wrong ids": post({ query: IDS, variables: { ids: times(10_000, () => ({})) } }),
    "ids in 20,000 lists": raw(`{"query":${JSON.stringify(IDS)},"variables":{"ids":${nested(20_000, "[", "", "]")}}}`),
    "ids in objects in objects": raw(
      `{"query":${JSON.stringify(IDS)},"variables":{"ids":${nested(20_000, '{"a":', "1", "}")}}}`,
    ),
    "an unknown key of a filter": post({ query: FILTER, variables: { f: { nothing: 1 } } }),
    "1,000 unknown keys of a filter": post({
      query: FILTER,
      variables: { f: Object.fromEntries(times(1000, (i) => [`k${i}`, i])) },
    }),
    "__proto__ in a filter": raw(
      `{"query":${JSON.stringify(FILTER)},"variables":{"f":{"__proto__":{"level":"COUNTY"}}}}`,
    ),
    "constructor in a filter": raw(
      `{"query":${JSON.stringify(FILTER)},"variables":{"f":{"constructor":{"prototype":{}}}}}`,
    ),
    "a text for a filter": post({ query: FILTER, variables: { f: "level" } }),
    "a value that no enum has": post({ query: FILTER, variables: { f: { level: "GALAXY" } } }),
    "a property of objects for an enum": post({ query: FILTER, variables: { f: { level: "__proto__" } } }),
    "a release that is a fraction": number("1.5", AS_OF, "r"),
    "a release that is an object": number("{}", AS_OF, "r"),
    "a time period that is a number": number("2020", FROM, "p"),
  }),
  ...events(badInput("code"), {
    "NUL in an id": post({ query: CODE, variables: { code: "Z\u0000Z" } }),
    "half of a surrogate pair in an id": raw(`{"query":${JSON.stringify(CODE)},"variables":{"code":"\\ud800"}}`),
    "a path": post({ query: CODE, variables: { code: "../../etc/passwd" } }),
    "a key of ours": post({ query: CODE, variables: { code: "ZZ#head" } }),
    "an id of 100,000 characters": post({ query: CODE, variables: { code: "9".repeat(100_000) } }),
    "an expression of DynamoDB": post({ query: CODE, variables: { code: ":p) OR (#s = :s" } }),
    "a line feed in an id": post({ query: CODE, variables: { code: "ZZ\n" } }),
    "a wide digit in an id": post({ query: CODE, variables: { code: "\uff15\uff12" } }),
    "an id that takes a regular expression long": post({ query: CODE, variables: { code: `${"-0".repeat(40_000)}!` } }),
    "an id that is empty": post({ query: CODE, variables: { code: "" } }),
  }),
  ...events(badInput("code"), {
    "null in place of a default": defaulted('$v: ID = "ZZ"', "{ region(code: $v) { id } }"),
    "null in place of a default, beside others": defaulted(
      '$v: ID = "ZZ"',
      '{ other: region(code: "ZZ") { id } region(code: $v) { id } }',
    ),
  }),
  ...events(badInput("metric"), {
    "null in place of a default below a region": defaulted(
      '$v: ID = "data-volume"',
      '{ region(code: "ZZ") { series(metric: $v) { id } } }',
    ),
    "null in place of a default below a node": defaulted(
      '$v: ID = "data-volume"',
      '{ node(id: "region:ZZ") { ... on Region { series(metric: $v) { id } } } }',
    ),
    "null in place of a default below nodes": defaulted(
      '$v: ID = "data-volume"',
      '{ nodes(ids: ["region:ZZ", "region:90"]) { ... on Subject { series(metric: $v) { id } } } }',
    ),
  }),
  ...events(badInput("of"), {
    "null in place of a list's default": defaulted(
      "$v: [FacetField!] = [KIND]",
      "{ platforms { facets(of: $v) { field } } }",
    ),
    "null in place of a default in an object": defaulted(
      '$v: ID = "ZZ"',
      '{ panel(metric: "data-volume", of: { regions: { within: $v, level: PROVINCE } }) { unit } }',
    ),
  }),
  ...events(badInput("if"), {
    "null in place of @skip's default": defaulted("$v: Boolean = true", "{ __typename @skip(if: $v) }"),
    "null in place of @include's default": defaulted("$v: Boolean = true", "{ __typename @include(if: $v) }"),
    "null in place of @include's default, far down": defaulted(
      "$v: Boolean = true",
      '{ region(code: "ZZ") { platforms { nodes { ... @include(if: $v) { id } } } } }',
    ),
    "null in place of @skip's default on a fragment": defaulted(
      "$v: Boolean = true",
      "{ ...f @skip(if: $v) } fragment f on Query { __typename }",
    ),
  }),
  ...events(badInput("ids"), {
    "null in place of an id's default": defaulted('$v: ID = "region:ZZ"', "{ nodes(ids: [$v]) { id } }"),
    "null in place of a default of ids": defaulted('$v: [ID!] = ["region:ZZ"]', "{ nodes(ids: $v) { id } }"),
    "an id of our own items": post({ query: IDS, variables: { ids: ["head"] } }),
    "an id of a count": post({ query: IDS, variables: { ids: ["counts:all"] } }),
    "a series that is none": post({ query: IDS, variables: { ids: ["series:../../x/A"] } }),
  }),
  ...events(badInput("asOf"), {
    "a release to come": number("2147483647", AS_OF, "r"),
    "a release before the first": number("-1", AS_OF, "r"),
    "a release beyond 64 bits": number("1e300", AS_OF, "r"),
    "a day that never was": number('"2023-02-30"', AS_OF, "r"),
    "a date of 50,000 characters": number(`"${"2023-".repeat(10_000)}"`, AS_OF, "r"),
  }),
  ...events(badInput("from"), {
    "a time period that never was": number('"2020-Q9"', FROM, "p"),
    "a time period of 50,000 digits": number(`"${"2".repeat(50_000)}"`, FROM, "p"),
    "a year below zero": number('"-0001"', FROM, "p"),
  }),
];
