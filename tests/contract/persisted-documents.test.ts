import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, print } from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { graphqlFunction } from "../../functions/graphql/function.ts";
import { persistedDocuments, TRUSTED_DOCUMENTS } from "../../functions/graphql/persisted.ts";
import { engines } from "../support/engines.ts";
import { fetchFrom } from "../support/fetch.ts";
import { firstRelease } from "../support/made-up-world.ts";
import { CURSOR_KEYS, openPortal, type TestPortal } from "../support/portal.ts";

const OPERATIONS = join(import.meta.dirname, "../../schema/operations");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const QUERY = `query Place($code: ID!) { region(code: $code) { id } }`;
const TRUSTED = [...TRUSTED_DOCUMENTS].find(([, text]) => text.startsWith("query Nodes")) as [string, string];

describe("the manifest", () => {
  test("holds every document of schema/operations under the SHA-256 of its printed text", () => {
    const files = readdirSync(OPERATIONS, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.graphql$/.test(name),
    );
    const texts = files.map((name) => print(parse(readFileSync(join(OPERATIONS, name), "utf8"))));
    expect(files.length).toBeGreaterThan(4);
    expect(new Map(TRUSTED_DOCUMENTS)).toEqual(new Map(texts.map((text) => [sha256(text), text])));
  });
});

describe("documents named by their hash", () => {
  let engine: Awaited<ReturnType<(typeof engines)[number]["start"]>>;
  let portal: TestPortal;
  let fetch: ReturnType<typeof fetchFrom>;

  beforeAll(async () => {
    engine = await (engines[0] as (typeof engines)[number]).start();
    portal = await openPortal(engine);
    await portal.publish(firstRelease);
  });
  afterAll(async () => {
    await portal.close();
    await engine.stop();
  });
  beforeEach(() => {
    fetch = functionWith(false);
  });

  function functionWith(trustedDocumentsOnly: boolean) {
    const client = portal.client();
    return fetchFrom(graphqlFunction({ client, tables: portal.tables, cursorKeys: CURSOR_KEYS, trustedDocumentsOnly }));
  }

  async function get(parameters: { query?: string; hash?: string; variables?: object }) {
    const { query, hash, variables = {} } = parameters;
    const search = new URLSearchParams({ variables: JSON.stringify(variables) });
    if (query !== undefined) search.set("query", query);
    if (hash !== undefined)
      search.set("extensions", JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash } }));
    const response = await fetch(`/graphql?${search}`, { headers: { "apollo-require-preflight": "1" } });
    const { data, errors = [] } = JSON.parse(await response.text());
    const codes = errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
    return { status: response.status, data, codes, cacheControl: response.headers.get("cache-control") };
  }
  const north = { data: { region: { id: "region:90" } }, codes: [] };
  const variables = { code: "90" };

  test("are asked for once, and then known: automatic persisted queries", async () => {
    const hash = sha256(QUERY);
    const unknown = await get({ hash, variables });
    expect(unknown).toMatchObject({ codes: ["PERSISTED_QUERY_NOT_FOUND"], cacheControl: "no-store" });
    expect(await get({ hash, query: QUERY, variables })).toMatchObject(north);
    expect(await get({ hash, variables })).toMatchObject(north);
    expect(await get({ hash, variables: { code: "91" } })).toMatchObject({ data: { region: { id: "region:91" } } });
  });

  test("are the document of the hash and no other, even where the hash has an answer", async () => {
    await get({ query: QUERY, variables });
    const lie = await get({ hash: sha256(QUERY), query: "{ release { number } }", variables });
    expect(lie).toMatchObject({ status: 400, codes: ["BAD_REQUEST"], cacheControl: "no-store" });
    expect(lie.data).toBeUndefined();
    expect(await get({ hash: sha256(QUERY), variables })).toMatchObject(north);
  });

  test("are answered with the same, named or sent", async () => {
    const sent = await get({ query: QUERY, variables });
    expect(await get({ hash: sha256(QUERY), variables })).toEqual(sent);
  });

  test("of the manifest are always there", async () => {
    const { data, codes } = await get({ hash: TRUSTED[0] });
    expect(codes).toEqual([]);
    expect(data.nodes).toHaveLength(3);
  });

  describe("where only trusted documents are executed", () => {
    beforeEach(() => {
      fetch = functionWith(true);
    });

    test("one is executed, named or sent", async () => {
      expect(await get({ hash: TRUSTED[0] })).toMatchObject({ status: 200, codes: [] });
      expect(await get({ query: TRUSTED[1] })).toMatchObject({ status: 200, codes: [] });
    });

    test.for([
      ["any other text", { query: QUERY, variables }],
      ["text that a hash comes with", { query: QUERY, hash: sha256(QUERY), variables }],
      ["a trusted document with something added", { query: `${TRUSTED[1]}\n# more` }],
      ["a question about the schema", { query: "{ __schema { types { name } } }" }],
    ] as const)("%s is refused, and stays unknown", async ([, asked]) => {
      expect(await get(asked)).toMatchObject({
        status: 403,
        codes: ["TRUSTED_DOCUMENTS_ONLY"],
        cacheControl: "no-store",
      });
      expect(await get({ hash: sha256(QUERY), variables })).toMatchObject({ codes: ["PERSISTED_QUERY_NOT_FOUND"] });
    });
  });
});

describe("what clients registered", () => {
  test("is bounded, and never in the place of a trusted document", async () => {
    const [id, text] = TRUSTED;
    const documents = persistedDocuments(TRUSTED_DOCUMENTS, 10_000);
    await documents.set(`apq:${id}`, "{ other }");
    for (let i = 0; i < 100; i += 1) await documents.set(`apq:${i}`, "x".repeat(1000));
    const left = await Promise.all(Array.from({ length: 100 }, (_, i) => documents.get(`apq:${i}`)));
    expect(left.filter(Boolean)).toHaveLength(4);
    expect(await documents.get(`apq:${id}`)).toBe(text);
  });
});
