import type { DumpedTable, Manifest } from "../export/manifest.ts";
import { CONTEXT } from "./context.ts";
import { dumpAddress, dumpDistributions, licenceOf, servedDistributions, serviceId } from "./distributions.ts";
import { describe, type MetricFacts, namesOf, type PublishedBy } from "./facts.ts";
import { frequencyUri, languageUri, PUBLIC_ACCESS, RESOLUTIONS } from "./vocabulary.ts";

export interface CatalogueOptions {
  readonly by: PublishedBy;
  readonly facts: readonly MetricFacts[];
  /** Of the latest dump; undefined where there is none. */
  readonly manifest: Manifest | undefined;
  /** Day of the latest release; empty before the first one. */
  readonly modified: string;
}

/**
 * The catalogue by DCAT-AP 3 (semiceu.github.io/DCAT-AP/releases/3.0.0), as JSON-LD: a dataset for each metric, with its
 * observations in every format that is served, and one for each table of the latest dump.
 */
export function dcatCatalogue({ by, facts, manifest, modified }: CatalogueOptions): object {
  const observations = manifest?.tables.find(({ name }) => name === "observations");
  const dumps = manifest?.tables.map((table) => tableDataset(by, table, manifest)) ?? [];
  return {
    "@context": CONTEXT,
    "@id": `${by.url}/catalog.jsonld`,
    "@type": "Catalog",
    title: { en: by.title },
    description: {
      en: `Regions, agencies, platforms, industrial complexes and ${facts.length} metrics, each value with its source and its history.`,
    },
    publisher: publisherOf(by),
    homepage: { "@id": `${by.url}/`, "@type": "Document" },
    language: languages(),
    license: licenceOf(by),
    ...(modified ? { modified } : {}),
    service: [
      {
        ...{ "@id": serviceId(by), "@type": "DataService", title: { en: "Observations, lists and changes over HTTP" } },
        endpointURL: serviceId(by),
        license: licenceOf(by),
        servesDataset: facts.map(({ metric }) => ({ "@id": datasetId(by, metric.localId) })),
      },
      {
        ...{ "@id": `${by.url}/graphql`, "@type": "DataService", title: { en: "GraphQL" } },
        endpointURL: `${by.url}/graphql`,
        license: licenceOf(by),
      },
    ],
    dataset: [...facts.map((each) => metricDataset(by, each, observations)), ...dumps],
  };
}

function datasetId({ url }: PublishedBy, metric: string): string {
  return `${url}/v1/metrics/${metric}`;
}

/** A metric as a dataset. The files of the dump hold it among all others. */
function metricDataset(by: PublishedBy, facts: MetricFacts, observations: DumpedTable | undefined): object {
  const { metric, modified } = facts;
  const { body, localId } = metric;
  return {
    "@id": datasetId(by, localId),
    "@type": "Dataset",
    identifier: metric.id,
    title: namesOf(body, localId),
    description: { en: describe(body, facts.coverage) },
    keyword: { en: [body.topic] },
    publisher: publisherOf(by),
    language: languages(),
    landingPage: { "@id": datasetId(by, localId), "@type": "Document" },
    accessRights: { "@id": PUBLIC_ACCESS, "@type": "RightsStatement" },
    ...(modified ? { modified } : {}),
    ...extentOf(by, facts),
    ...provenanceOf(by, facts),
    ...(observations ? { isPartOf: { "@id": tableId(by, observations) } } : {}),
    distribution: [
      ...servedDistributions(by, localId),
      ...(observations?.files ?? []).map(({ format }) => ({ "@id": dumpAddress(by, "observations", format) })),
    ],
  };
}

/** Where and when, and how often: DCAT-AP's recommended properties. */
function extentOf(by: PublishedBy, { coverage, region }: MetricFacts): object {
  const finest = coverage?.frequencies.at(-1);
  return {
    ...(coverage?.start && coverage.end
      ? { temporal: { "@type": "PeriodOfTime", startDate: coverage.start, endDate: coverage.end } }
      : {}),
    ...(finest
      ? {
          accrualPeriodicity: { "@id": frequencyUri(finest), "@type": "Frequency" },
          temporalResolution: RESOLUTIONS[finest],
        }
      : {}),
    ...(region
      ? {
          spatial: {
            "@id": `${by.url}/v1/regions/${region.localId}`,
            "@type": "Location",
            identifier: region.localId,
            prefLabel: namesOf(region.body, region.localId),
          },
        }
      : {}),
  };
}

function provenanceOf({ url }: PublishedBy, { coverage }: MetricFacts): object {
  const sources = coverage?.sources ?? [];
  if (sources.length === 0) return {};
  const text = `Taken over from ${sources.length} publication${sources.length === 1 ? "" : "s"}, as printed; each observation names its own, and earlier and rival values are kept.`;
  return {
    provenance: { "@type": "ProvenanceStatement", label: { en: text } },
    wasDerivedFrom: sources.map((id) => `${url}/v1/sources/${id}`),
  };
}

function tableId({ url }: PublishedBy, { name }: Pick<DumpedTable, "name">): string {
  return `${url}/v1/dumps#${name}`;
}

/** A table of the dump as a dataset of its own. */
function tableDataset(by: PublishedBy, table: DumpedTable, { release, publishedOn }: Manifest): object {
  const { name, rows, columns } = table;
  return {
    "@id": tableId(by, table),
    "@type": "Dataset",
    identifier: `table:${name}`,
    title: { en: `All ${name}` },
    description: {
      en: `${rows} rows, as of release ${release}. Columns: ${columns.map((each) => each.name).join(", ")}.`,
    },
    keyword: { en: ["dump", name] },
    publisher: publisherOf(by),
    language: languages(),
    landingPage: { "@id": `${by.url}/v1/dumps`, "@type": "Document" },
    accessRights: { "@id": PUBLIC_ACCESS, "@type": "RightsStatement" },
    modified: publishedOn,
    version: String(release),
    distribution: dumpDistributions(by, table, publishedOn),
  };
}

function publisherOf({ publisher }: PublishedBy): object {
  return { "@id": publisher.url, "@type": "Agent", name: publisher.name };
}

function languages(): object[] {
  return (["ENG", "ZHO"] as const).map((code) => ({ "@id": languageUri(code), "@type": "LinguisticSystem" }));
}
