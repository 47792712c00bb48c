import jsonld from "jsonld";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDynamoDb } from "../../local/dynamodb.ts";
import type { PublishedBy } from "../../portal/dcat/facts.ts";
import { firstRelease, observation } from "../support/made-up-world.ts";
import { madeUp } from "../support/releases.ts";
import { type DumpDesk, openDumpDesk } from "./support/dump-desk.ts";
import { frontDoorOf } from "./support/front-door.ts";

const BY: PublishedBy = {
  url: "https://data.example.org",
  title: "Data of Zedland",
  publisher: { name: "Statistics of Zedland", url: "https://example.org/statistics" },
  licence: "https://creativecommons.org/licenses/by/4.0/",
};

const DCAT = "http://www.w3.org/ns/dcat#";
const DCT = "http://purl.org/dc/terms/";
const FOAF = "http://xmlns.com/foaf/0.1/";
const SPDX = "http://spdx.org/rdf/terms#";
const XSD = "http://www.w3.org/2001/XMLSchema#";

/**
 * The mandatory properties of the classes that the catalogue uses: DCAT-AP 3.0.1, semiceu.github.io/DCAT-AP/releases/3.0.1,
 * sections "Catalogue", "Dataset", "Distribution", "Data Service", "Agent", "Checksum".
 */
const MANDATORY: Readonly<Record<string, readonly string[]>> = {
  [`${DCAT}Catalog`]: [`${DCT}title`, `${DCT}description`, `${DCT}publisher`],
  [`${DCAT}Dataset`]: [`${DCT}title`, `${DCT}description`],
  [`${DCAT}Distribution`]: [`${DCAT}accessURL`],
  [`${DCAT}DataService`]: [`${DCT}title`, `${DCAT}endpointURL`],
  [`${FOAF}Agent`]: [`${FOAF}name`],
  [`${SPDX}Checksum`]: [`${SPDX}algorithm`, `${SPDX}checksumValue`],
};

/** The class of what a property leads to, or the data type of its values, by the same sections. */
const RANGES: Readonly<Record<string, string>> = {
  [`${DCAT}dataset`]: `${DCAT}Dataset`,
  [`${DCAT}service`]: `${DCAT}DataService`,
  [`${DCAT}servesDataset`]: `${DCAT}Dataset`,
  [`${DCAT}distribution`]: `${DCAT}Distribution`,
  [`${DCAT}accessService`]: `${DCAT}DataService`,
  [`${DCAT}mediaType`]: `${DCT}MediaType`,
  [`${DCAT}compressFormat`]: `${DCT}MediaType`,
  [`${DCAT}landingPage`]: `${FOAF}Document`,
  [`${DCAT}byteSize`]: `${XSD}nonNegativeInteger`,
  [`${DCAT}temporalResolution`]: `${XSD}duration`,
  [`${DCAT}startDate`]: `${XSD}date`,
  [`${DCAT}endDate`]: `${XSD}date`,
  [`${DCT}publisher`]: `${FOAF}Agent`,
  [`${DCT}license`]: `${DCT}LicenseDocument`,
  [`${DCT}accrualPeriodicity`]: `${DCT}Frequency`,
  [`${DCT}spatial`]: `${DCT}Location`,
  [`${DCT}temporal`]: `${DCT}PeriodOfTime`,
  [`${DCT}language`]: `${DCT}LinguisticSystem`,
  [`${DCT}provenance`]: `${DCT}ProvenanceStatement`,
  [`${DCT}accessRights`]: `${DCT}RightsStatement`,
  [`${DCT}format`]: `${DCT}MediaTypeOrExtent`,
  [`${DCT}conformsTo`]: `${DCT}Standard`,
  [`${DCT}modified`]: `${XSD}date`,
  [`${SPDX}checksum`]: `${SPDX}Checksum`,
  [`${SPDX}algorithm`]: `${SPDX}ChecksumAlgorithm`,
  [`${SPDX}checksumValue`]: `${XSD}hexBinary`,
};

interface Term {
  readonly "@id"?: string;
  readonly "@value"?: string;
  readonly "@type"?: string | readonly string[];
  readonly "@language"?: string;
}

type Node = { readonly "@id": string; readonly "@type"?: readonly string[] } & Readonly<
  Record<string, readonly Term[]>
>;

/** The document as a graph: every node with all that is said of it. Nothing may be fetched for that. */
async function graphOf(document: object, context: jsonld.ContextDefinition = {}): Promise<Map<string, Node>> {
  const documentLoader = async (url: string) => {
    if (url !== "https://schema.org/") throw new Error(`${url} would have to be fetched`);
    return { contextUrl: undefined, documentUrl: url, document: { "@context": context } };
  };
  const nodes = await jsonld.flatten(document as jsonld.JsonLdDocument, undefined, { documentLoader });
  return new Map((nodes as unknown as Node[]).map((node) => [node["@id"], node]));
}

let engine: Awaited<ReturnType<typeof startDynamoDb>>;
let desk: DumpDesk;
let fetchThere: ReturnType<typeof frontDoorOf>;
beforeAll(async () => {
  engine = await startDynamoDb();
  desk = await openDumpDesk(engine);
  fetchThere = frontDoorOf(desk, { publishedBy: BY });
  await desk.portal.publish(firstRelease);
  await desk.portal.publish(
    madeUp(
      {
        "observations.csv": [
          observation("2023", "2", { metric_id: "datasets", subject_id: "9001" }),
          observation("2023-Q2", "3", { metric_id: "datasets", subject_id: "91" }),
        ],
      },
      "2024-02-01",
    ),
  );
});
afterAll(async () => {
  await desk.close();
  await engine.close();
});

async function read(path: string) {
  const response = await fetchThere(path);
  expect(response.headers.get("content-type")).toBe("application/ld+json");
  return { document: (await response.json()) as Record<string, unknown>, headers: response.headers };
}

function valuesOf(node: Node | undefined, property: string): (string | undefined)[] {
  return (node?.[property] ?? []).map((term) => term["@value"] ?? term["@id"]);
}

describe.each(["without a dump", "with a dump"])("the catalogue %s", (state) => {
  let graph: Map<string, Node>;
  beforeAll(async () => {
    if (state === "with a dump") await desk.export();
    graph = await graphOf((await read("/catalog.jsonld")).document);
  });

  test("has every mandatory property of DCAT-AP", () => {
    const lacking = [...graph.values()].flatMap((node) =>
      (node["@type"] ?? []).flatMap((type) =>
        (MANDATORY[type] ?? [])
          .filter((property) => !node[property]?.length)
          .map((property) => [node["@id"], property]),
      ),
    );
    expect(lacking).toEqual([]);
    const types = new Set([...graph.values()].flatMap((node) => node["@type"] ?? []));
    const always = [`${DCAT}Catalog`, `${DCAT}Dataset`, `${DCAT}Distribution`, `${DCAT}DataService`, `${FOAF}Agent`];
    expect([...types]).toEqual(expect.arrayContaining(always));
  });

  test("leads from each property to what it is to lead to", () => {
    const wrong = [...graph.values()].flatMap((node) =>
      Object.entries(RANGES).flatMap(([property, range]) =>
        (node[property] ?? [])
          .filter((term) => {
            const types = term["@id"] === undefined ? term["@type"] : graph.get(term["@id"])?.["@type"];
            return ![types].flat().includes(range);
          })
          .map((term) => [node["@id"], property, term]),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test("has a dataset for each metric, in every format that is served", () => {
    for (const metric of ["data-volume", "datasets"]) {
      const dataset = graph.get(`${BY.url}/v1/metrics/${metric}`);
      const served = valuesOf(dataset, `${DCAT}distribution`).filter((id) => id?.includes("format="));
      const formats = served.map((id) => new URL(id ?? "").searchParams.get("format"));
      expect(formats.sort()).toEqual(["csv", "json", "jsonstat", "ndjson", "sdmx-csv", "sdmx-json"]);
      expect(valuesOf(dataset, `${DCT}publisher`)).toEqual([BY.publisher.url]);
    }
    const licences = [...graph.values()].flatMap((node) => valuesOf(node, `${DCT}license`));
    expect(new Set(licences)).toEqual(new Set([BY.licence]));
  });
});

test("with a dump it says where, when and how often, and where it comes from", async () => {
  const graph = await graphOf((await read("/catalog.jsonld")).document);
  const [volume, datasets] = ["data-volume", "datasets"].map((id) => graph.get(`${BY.url}/v1/metrics/${id}`));
  const periodOf = (node: Node | undefined) => {
    const period = graph.get(valuesOf(node, `${DCT}temporal`)[0] ?? "");
    return [valuesOf(period, `${DCAT}startDate`), valuesOf(period, `${DCAT}endDate`)].flat();
  };
  // The target of 2030 is no observation.
  expect(periodOf(volume)).toEqual(["2021-01-01", "2023-12-31"]);
  expect(periodOf(datasets)).toEqual(["2023-01-01", "2023-12-31"]);
  expect(valuesOf(volume, `${DCT}spatial`)).toEqual([`${BY.url}/v1/regions/ZZ`]);
  expect(valuesOf(datasets, `${DCT}accrualPeriodicity`)[0]).toMatch(/frequency\/MONTHLY$/);
  expect(valuesOf(datasets, `${DCAT}temporalResolution`)).toEqual(["P1M"]);
  expect(valuesOf(volume, `${DCT}modified`)).toEqual(["2024-01-01"]);
  expect(valuesOf(datasets, `${DCT}modified`)).toEqual(["2024-02-01"]);
  const sources = ["bulletin-2024", "yearbook-2023"].map((id) => `${BY.url}/v1/sources/${id}`);
  expect(valuesOf(volume, "http://www.w3.org/ns/prov#wasDerivedFrom").sort()).toEqual(sources);
});

test("with a dump it has the files of every table, by size and checksum", async () => {
  const graph = await graphOf((await read("/catalog.jsonld")).document);
  const manifest = await desk.latest();
  for (const { name, files } of manifest?.tables ?? []) {
    const dataset = graph.get(`${BY.url}/v1/dumps#${name}`);
    const described = valuesOf(dataset, `${DCAT}distribution`).map((id) => {
      const distribution = graph.get(id ?? "");
      const checksum = graph.get(valuesOf(distribution, `${SPDX}checksum`)[0] ?? "");
      return [...valuesOf(distribution, `${DCAT}byteSize`), ...valuesOf(checksum, `${SPDX}checksumValue`)];
    });
    expect(described).toEqual(files.map(({ bytes, sha256 }) => [String(bytes), sha256]));
  }
  const volume = graph.get(`${BY.url}/v1/metrics/data-volume`);
  expect(valuesOf(volume, `${DCAT}distribution`)).toContain(`${BY.url}/v1/dumps/latest/observations.parquet`);
});

test("it is not sent again to who has it, until there is news", async () => {
  const { headers } = await read("/catalog.jsonld");
  const known = { headers: { "if-none-match": headers.get("etag") ?? "" } };
  expect((await fetchThere("/catalog.jsonld", known)).status).toBe(304);
  await desk.portal.publish(
    madeUp({ "metrics.csv": [{ id: "news", name_en: "News", unit: "1", topic: "news" }] }, "2024-03-01"),
  );
  const again = await fetchThere("/catalog.jsonld", known);
  expect(again.status).toBe(200);
  expect(JSON.stringify(await again.json())).toContain("metric:news");
});

test("addresses are relative where nobody said where the portal is", async () => {
  const document = (await (await frontDoorOf(desk)("/catalog.jsonld")).json()) as jsonld.JsonLdDocument;
  const base = "https://elsewhere.example/catalog.jsonld";
  const [catalogue] = (await jsonld.expand(document, { base })) as unknown as Node[];
  expect(catalogue?.["@id"]).toBe(base);
  expect(valuesOf(catalogue, `${DCAT}dataset`)).toContain("https://elsewhere.example/v1/metrics/data-volume");
});

test("the page of a metric is a schema.org Dataset", async () => {
  const { document } = await read("/v1/metrics/metric%3Adatasets.jsonld");
  // developers.google.com/search/docs/appearance/structured-data/dataset: name and description are required.
  expect(document).toMatchObject({ "@type": "Dataset", name: "Datasets", license: BY.licence });
  expect(document.description).toMatch(/^.{50,5000}$/);
  const graph = await graphOf(document, { "@vocab": "https://schema.org/" });
  const dataset = graph.get(`${BY.url}/v1/metrics/datasets`);
  expect(dataset?.["@type"]).toEqual(["https://schema.org/Dataset"]);
  expect(valuesOf(dataset, "https://schema.org/temporalCoverage")).toEqual(["2023-01-01/2023-12-31"]);
  expect(dataset?.["https://schema.org/distribution"]).toHaveLength(9);
  expect((await fetchThere("/v1/metrics/nothing.jsonld")).status).toBe(404);
});
