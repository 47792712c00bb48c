import {
  ANSWERED,
  type Attack,
  eventOf,
  events,
  get,
  JSON_HEADERS,
  MALFORMED,
  PREFLIGHT,
  post,
  refused,
  times,
} from "../attack.ts";

const QUERY = { query: "{ __typename }" };
const NOT_ALLOWED = refused("METHOD_NOT_ALLOWED", 405);
const HASH = "0".repeat(64);
const persisted = (extension: unknown) => ({ persistedQuery: extension });
const search = (text: string) => eventOf({ method: "GET", headers: PREFLIGHT, search: text });

export const REQUESTS: readonly Attack[] = [
  ...events(
    NOT_ALLOWED,
    Object.fromEntries(
      ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "POST ", "QUERY", "__proto__"].map((method) => [
        `the method ${method}`,
        eventOf({ method, body: JSON.stringify(QUERY) }),
      ]),
    ),
  ),
  ...events(NOT_ALLOWED, {
    "a mutation by GET": get({ query: "mutation { deleteEverything }" }),
    "a subscription by GET": get({ query: "subscription { changes }" }),
    "a mutation by GET behind a query": get({
      query: "query a { __typename } mutation b { deleteEverything }",
      operationName: "b",
    }),
  }),
  ...events(MALFORMED, {
    "a GET that a page of another site could send": get(QUERY, {}),
    "a GET with a form's content type": get(QUERY, { "content-type": "text/plain" }),
    "a GET with a form's other content type": get(QUERY, { "content-type": "multipart/form-data; boundary=x" }),
    "a GET without a query": get({}),
    "a GET with an empty query": get({ query: "" }),
    "a GET with two queries": search("query={__typename}&query={__typename}"),
    "a GET with two sets of variables": search("query={__typename}&variables={}&variables={}"),
    "a GET with variables that are no JSON": get({ ...QUERY, variables: "{" }),
    "a GET with variables that are a list": get({ ...QUERY, variables: "[]" }),
    "a GET with extensions that are no JSON": get({ ...QUERY, extensions: "'" }),
    "a GET with broken escapes": search("query=%E0%A4%A&variables=%"),
    "a document that is not the one of its hash": post({
      ...QUERY,
      extensions: persisted({ version: 1, sha256Hash: HASH }),
    }),
    "a hash of another version": post({ ...QUERY, extensions: persisted({ version: 2, sha256Hash: HASH }) }),
  }),
  ...events(refused("PERSISTED_QUERY_NOT_FOUND"), {
    "a hash that nobody registered": post({ extensions: persisted({ version: 1, sha256Hash: HASH }) }),
    "a hash by GET that nobody registered": get({
      extensions: JSON.stringify(persisted({ version: 1, sha256Hash: HASH })),
    }),
    "a hash that is none": post({ extensions: persisted({ version: 1, sha256Hash: "../../etc/passwd" }) }),
    "a hash named __proto__": post({ extensions: persisted({ version: 1, sha256Hash: "__proto__" }) }),
  }),
  ...events(refused("NOT_ACCEPTABLE", 406), {
    "an answer as an image": post(QUERY, { ...JSON_HEADERS, accept: "image/png" }),
    "an answer that may not be JSON": post(QUERY, { ...JSON_HEADERS, accept: "application/json;q=0" }),
    "10,000 media types": post(QUERY, { ...JSON_HEADERS, accept: times(10_000, (i) => `a/b${i}`).join() }),
    "an Accept header with a header in it": post(QUERY, { ...JSON_HEADERS, accept: "text/x\r\nset-cookie: a=b" }),
  }),
  ...events(ANSWERED, {
    "an Accept header of commas": post(QUERY, { ...JSON_HEADERS, accept: ",".repeat(10_000) }),
    "a quality that is no number": post(QUERY, { ...JSON_HEADERS, accept: "*/*;q=NaN" }),
    "10,000 codings": post(QUERY, {
      ...JSON_HEADERS,
      "accept-encoding": times(10_000, (i) => `x${i};q=0.${i}`).join(),
    }),
    "20,000 entity tags": post(QUERY, { ...JSON_HEADERS, "if-none-match": times(20_000, (i) => `"${i}"`).join() }),
    "headers in a header": post(QUERY, { ...JSON_HEADERS, "x-request-id": "a\r\nset-cookie: a=b\r\n\r\n<html>" }),
    "another origin": post(QUERY, { ...JSON_HEADERS, origin: "https://evil.example", host: "evil.example" }),
    "headers named like properties": post(
      QUERY,
      JSON.parse('{"content-type":"application/json","__proto__":"x","constructor":"y"}'),
    ),
    "a GET with 10,000 other parameters": search(`query={__typename}&${times(10_000, (i) => `p${i}=1`).join("&")}`),
    "a GET whose parameters are named like properties": search(
      "query={__typename}&__proto__[a]=1&constructor.prototype.a=1",
    ),
  }),
];
