import { DUMP_FORMATS } from "../export/formats.ts";
import type { Manifest } from "../export/manifest.ts";
import { dumpAddress } from "./distributions.ts";
import { describe, type MetricFacts, namesOf, type PublishedBy } from "./facts.ts";
import { SERVED_FORMATS } from "./vocabulary.ts";

/** A metric as schema.org `Dataset`, for search engines: schema.org/Dataset, developers.google.com/search/docs/appearance/structured-data/dataset. */
export function schemaOrgDataset(by: PublishedBy, facts: MetricFacts, manifest: Manifest | undefined): object {
  const { metric, coverage, modified, region } = facts;
  const { body, localId } = metric;
  const address = `${by.url}/v1/metrics/${localId}`;
  const { en, zh } = namesOf(body, localId);
  return {
    "@context": "https://schema.org/",
    "@type": "Dataset",
    "@id": address,
    url: address,
    identifier: metric.id,
    name: en ?? zh,
    ...(en && zh ? { alternateName: zh } : {}),
    description: describe(body, coverage).slice(0, 5000),
    keywords: [body.topic],
    inLanguage: ["en", "zh"],
    license: by.licence,
    isAccessibleForFree: true,
    creator: { "@type": "Organization", name: by.publisher.name, url: by.publisher.url },
    publisher: { "@type": "Organization", name: by.publisher.name, url: by.publisher.url },
    includedInDataCatalog: { "@type": "DataCatalog", "@id": `${by.url}/catalog.jsonld`, name: by.title },
    variableMeasured: { "@type": "PropertyValue", name: en ?? zh, unitText: body.unit, propertyID: metric.id },
    ...(modified ? { dateModified: modified } : {}),
    ...(coverage?.start ? { temporalCoverage: `${coverage.start}/${coverage.end}` } : {}),
    ...(region ? { spatialCoverage: placeOf(by, region) } : {}),
    ...(coverage && coverage.sources.length > 0
      ? { isBasedOn: coverage.sources.map((id) => `${by.url}/v1/sources/${id}`) }
      : {}),
    distribution: [
      ...SERVED_FORMATS.map(({ name, label, mediaType }) => ({
        "@type": "DataDownload",
        name: `Observations as ${label}`,
        encodingFormat: mediaType,
        contentUrl: `${address}/observations?format=${name}`,
      })),
      ...(manifest?.tables.find(({ name }) => name === "observations")?.files ?? []).map((file) => ({
        "@type": "DataDownload",
        name: `All observations as ${DUMP_FORMATS[file.format].extension}`,
        encodingFormat: file.mediaType,
        contentUrl: dumpAddress(by, "observations", file.format),
        contentSize: `${file.bytes} B`,
        sha256: file.sha256,
      })),
    ],
  };
}

function placeOf({ url }: PublishedBy, { localId, body }: NonNullable<MetricFacts["region"]>): object {
  const { en, zh } = namesOf(body, localId);
  return {
    "@type": "Place",
    "@id": `${url}/v1/regions/${localId}`,
    identifier: localId,
    name: en ?? zh,
  };
}
