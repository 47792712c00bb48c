import { ANSWERED, type Attack, beyond, documents, events, nested, post, refused, times } from "../attack.ts";

const parents = (depth: number) => `{ region(code: "ZZ") ${nested(depth - 2, "{ parent ", "{ code }", " }")} }`;
const aliases = (count: number, field = "__typename") => times(count, (i) => `a${i}: ${field}`).join(" ");

const depth: Attack[] = [
  ...documents(
    beyond("DEPTH"),
    Object.fromEntries([17, 18, 20, 30, 50].map((levels) => [`${levels} levels of parents`, parents(levels)])),
  ),
  ...documents(beyond("DEPTH"), {
    "depth by way of fragments": `{ region(code: "ZZ") { ...f0 } } ${times(20, (i) => `fragment f${i} on Region { parent { code ...f${i + 1} } }`).join(" ")} fragment f20 on Region { id }`,
    "depth by way of inline fragments": `{ region(code: "ZZ") ${nested(20, "{ ... on Region { parent ", "{ id }", " } }")} }`,
    "depth of unknown fields": nested(45, "{a", "", "}").replace("a}", "a{a}}"),
    "depth of edges and nodes": `{ regions ${nested(6, "{ edges { node { children ", "{ totalCount }", " } } }")} }`,
    "depth in introspection": `{ __type(name: "Query") ${nested(40, "{ ofType ", "{ name }", " }")} }`,
    "depth in a fragment that nobody uses": `{ __typename } fragment f on Region ${nested(40, "{ parent ", "{ id }", " }")}`,
  }),
  ...documents(ANSWERED, {
    "as many levels as there may be": parents(16),
    "inline fragments in inline fragments": nested(49, "{ ... ", "{ __typename }", " }"),
  }),
];

const width: Attack[] = [
  ...documents(beyond("ROOT_FIELDS"), {
    "41 fields of the query": `{ ${aliases(41)} }`,
    "150 fields of the query": `{ ${aliases(150)} }`,
    "60 regions": `{ ${aliases(60, 'region(code: "ZZ") { id }')} }`,
    "41 fields by way of fragments": `{ ${times(41, (i) => `... { a${i}: __typename }`).join(" ")} }`,
  }),
  ...documents(beyond("SCHEMA_QUESTIONS"), {
    "two questions for the whole schema": "{ __schema { types { name } } again: __schema { types { kind } } }",
    "30 questions for the whole schema": `{ ...f } fragment f on Query { ${aliases(30, "__schema { types { name fields { name } } }")} }`,
  }),
  ...documents(beyond("ALIASES"), {
    "151 aliases": `{ region(code: "ZZ") { ${aliases(151, "id")} } }`,
    "500 aliases": `{ region(code: "ZZ") { ${aliases(500, "id")} } }`,
    "151 aliases in four fields": `{ ${times(4, (i) => `r${i}: region(code: "ZZ") { ${aliases(38, "id")} }`).join(" ")} }`,
    "aliases of unknown fields": `{ ${aliases(300, "nothing")} }`,
    "aliases in a fragment used in ten places": `{ ${times(10, (i) => `r${i}: region(code: "ZZ") { ...f }`).join(" ")} } fragment f on Region { ${aliases(20, "id")} }`,
  }),
  ...documents(beyond("SAME_NAME"), {
    "the same leaf 900 times": `{ ${"__typename ".repeat(900)}}`,
    "the same leaf 26 times": `{ ${"__typename ".repeat(26)}}`,
    "the same object 180 times": `{ ${'region(code: "ZZ") { id } '.repeat(180)}}`,
    "the same object in two levels": `{ ${`region(code: "ZZ") { ${"id ".repeat(20)}} `.repeat(20)}}`,
    "the same object in three levels": `{ ${`region(code: "ZZ") { ${`parent { ${"id ".repeat(6)}} `.repeat(6)}} `.repeat(6)}}`,
    "the same field in 30 fragments": `{ ${times(30, (i) => `...f${i} `).join("")}} ${times(30, (i) => `fragment f${i} on Query { __typename }`).join(" ")}`,
    "the same object in 30 fragments": `{ ${times(30, (i) => `...f${i} `).join("")}} ${times(30, (i) => `fragment f${i} on Query { region(code: "ZZ") { parent { id } } }`).join(" ")}`,
    "the same field with different arguments": `{ ${times(200, (i) => `region(code: "${i}") { id } `).join("")}}`,
    "the same field in a fragment that nobody uses": `{ __typename } fragment f on Query { ${"__typename ".repeat(900)}}`,
  }),
];

/** Each fragment stands for twice what the next one stands for. */
const doubling = (count: number, field: (next: string) => string) =>
  times(count, (i) => `fragment f${i} on Region { ${field(i + 1 < count ? `...f${i + 1}` : "id")} }`).join(" ");
const fibonacci = (count: number) =>
  times(count, (i) => `fragment f${i} on Query { x${i} { ...f${i + 1} } y${i} { ...f${i + 2} } }`).join(" ");

const fragments: Attack[] = [
  ...documents(beyond("FIELDS"), {
    "fields that double 12 times": `{ region(code: "ZZ") { ...f0 } } ${doubling(12, (next) => `parent { ${next} } replacedBy { ${next} }`)}`,
    "fields that treble 10 times": `{ region(code: "ZZ") { ...f0 } } ${doubling(10, (next) => `parent { ${next} } replacedBy { ${next} } ancestors { ${next} }`)}`,
    "fields that grow as Fibonacci's numbers": `{ ...f0 } ${fibonacci(15)} fragment f15 on Query { x } fragment f16 on Query { y }`,
    "fields that double where nobody uses them": `{ __typename } ${doubling(12, (next) => `parent { ${next} } replacedBy { ${next} }`)}`,
  }),
  ...documents(beyond("ALIASES"), {
    "aliases that grow tenfold 5 times": `{ region(code: "ZZ") { ...f0 } } ${doubling(5, (next) => times(10, (i) => `${"abcdefghij"[i]}: parent { ${next} }`).join(" "))}`,
  }),
  ...documents(ANSWERED, {
    ...Object.fromEntries(
      [2, 3, 4, 5, 12].map((levels) => [
        `24 fragments of ${levels} levels of the same fields`,
        `{ region(code: "ZZ") { ${times(24, (i) => `...f${i}`).join(" ")} } } ${times(24, (i) => `fragment f${i} on Region ${nested(levels, "{ code parent ", "{ id }", " }")}`).join(" ")}`,
      ]),
    ),
    "24 fragments of 5 levels of nine fields": `{ region(code: "ZZ") { ${times(24, (i) => `...f${i}`).join(" ")} } } ${times(24, (i) => `fragment f${i} on Region ${nested(5, "{ id code level iso3166 isAggregate status validFrom validTo __typename parent ", "{ id }", " }")}`).join(" ")}`,
    "25 times the same 65 ids": `{ ${times(25, () => `nodes(ids: [${'"region:ZZ" '.repeat(65)}]) { id }`).join(" ")} }`,
    "24 fragments that use one of 5 levels": `{ region(code: "ZZ") { ${times(24, (i) => `...f${i}`).join(" ")} } } ${times(24, (i) => `fragment f${i} on Region { parent { ...g } }`).join(" ")} fragment g on Region ${nested(5, "{ parent ", "{ id }", " }")}`,
    "the same object 25 times in the same object 25 times": `{ ${times(25, () => 'region(code: "ZZ") { parent { id code level name { text } } }').join(" ")} }`,
    "five levels of 25 inline fragments": `{ region(code: "ZZ") { ${times(24, () => `... on Region ${nested(5, "{ parent ", "{ id }", " }")}`).join(" ")} } }`,
  }),
  ...documents(beyond("FRAGMENTS"), {
    "51 fragments": `{ __typename } ${times(51, (i) => `fragment f${i} on Query { __typename }`).join(" ")}`,
    "160 fragments that use each other": `{ ...f0 } ${times(160, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 2} }`).join(" ")}`,
    "250 fragments of one name": `{ ...f } ${"fragment f on Query { __typename } ".repeat(250)}`,
  }),
  ...documents(beyond("DIRECTIVES"), {
    "101 directives on one field": `{ __typename ${"@include(if: true) ".repeat(101)}}`,
    "900 unknown directives": `{ __typename ${times(900, (i) => `@d${i}`).join(" ")} }`,
    "500 times the same unknown directive": `{ __typename ${"@x ".repeat(500)}}`,
    "directives on the operation": `query ${"@x ".repeat(500)}{ __typename }`,
    "directives on a fragment": `{ ...f } fragment f on Query ${"@x ".repeat(500)}{ __typename }`,
    "directives on a spread": `{ ... ${"@skip(if: false) ".repeat(120)}{ __typename } }`,
    "directives on a variable": `query ($a: Int ${"@x ".repeat(500)}) { __typename }`,
  }),
  ...documents(beyond("VARIABLES"), {
    "51 variables": `query (${times(51, (i) => `$v${i}: Int`).join(" ")}) { __typename }`,
    "450 variables": `query (${times(450, (i) => `$v${i}: Int`).join(" ")}) { __typename }`,
    "450 variables of unknown types": `query (${times(450, (i) => `$v${i}: T${i}`).join(" ")}) { __typename }`,
  }),
];

/** They would have the parser call itself until its stack is full, which happens sooner in some processes than in others. */
const nesting: Attack[] = documents(beyond("NESTING"), {
  "50 inline fragments": nested(50, "{ ... ", "{ __typename }", " }"),
  "100 levels of parents": parents(100),
  "300 unknown fields": nested(300, "{a", "", "}"),
  "700 levels": `{ region(code: "ZZ") ${nested(700, "{ parent ", "{ id }", " }")} }`,
  "2,500 brackets": `{ nodes(ids: ${nested(1250, "[", "", "]")}) { id } }`,
  "60 brackets": `{ nodes(ids: ${nested(60, "[", "", "]")}) { id } }`,
  "1,990 open brackets": `{ nodes(ids: ${"[".repeat(1990)}`,
  "20,000 open brackets": `{ nodes(ids: ${"[".repeat(20_000)}`,
  "2,000 open braces": "{".repeat(2000),
  "brackets behind what is in braces": `{ a(b: {}) { c(d: {}) } nodes(ids: ${"[".repeat(1900)}`,
  "2,000 fields with an open brace": "{a".repeat(1050),
  "a type in 1,000 lists": `query ($a: ${nested(1000, "[", "Int", "]")}) { __typename }`,
  "objects in objects": `{ panel(metric: "m", of: ${"{a:".repeat(400)}`,
});

const tokens: Attack[] = documents(beyond("TOKENS"), {
  "3,000 aliases": `{ ${aliases(3000, "id")} }`,
  "3,000 ids in the document": `{ nodes(ids: [${'"90" '.repeat(3000)}]) { id } }`,
  "5,000 directives": `{ __typename ${"@x ".repeat(5000)}}`,
  "1,000 fragments": `{ __typename } ${"fragment f on Q { a } ".repeat(400)}`,
  "1,000 operations": "query q { a } ".repeat(600),
  "an object with 700 fields": `{ panel(metric: "m", of: { ${times(700, (i) => `f${i}: 1`).join(" ")} }) { unit } }`,
});

const bytes: Attack[] = [
  ...documents(beyond("DOCUMENT_BYTES"), {
    "a comment of 33 KB": `{ __typename } #${"x".repeat(33 * 1024)}`,
    "100 KB of spaces": `{ __typename${" ".repeat(100 * 1024)}}`,
    "200 KB of commas": `{ __typename${",".repeat(200 * 1024)}}`,
    "a name of 60 KB": `{ ${"a".repeat(60 * 1024)} }`,
    "a string of 100 KB": `{ region(code: "${"9".repeat(100 * 1024)}") { id } }`,
    "a block string of 100 KB": `{ region(code: """${"\n ".repeat(50 * 1024)}""") { id } }`,
    "an integer of 40,000 digits": `{ regions(first: ${"9".repeat(40_000)}) { totalCount } }`,
    "11,000 Chinese characters": `{ region(code: "${"贵".repeat(11_000)}") { id } }`,
    "a document of 120 KB": `{ ${aliases(6000, "nothing")} }`,
  }),
  ...events(refused("PAYLOAD_TOO_LARGE", 413), {
    "a document of 1 MB": post({ query: `{ ${"__typename ".repeat(95_000)}}` }),
    "a document of 257 KB": post({ query: `{ __typename } #${"x".repeat(257 * 1024)}` }),
    "variables of 5 MB": post({ query: "{ __typename }", variables: { a: "x".repeat(5 * 1024 * 1024) } }),
    "1 MB of nested lists": post({ query: "{ __typename }", variables: { a: "[".repeat(1024 * 1024) } }),
  }),
];

export const SIZES: readonly Attack[] = [...depth, ...width, ...fragments, ...nesting, ...tokens, ...bytes];
