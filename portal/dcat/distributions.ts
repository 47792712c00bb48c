import { DUMP_FORMATS } from "../export/formats.ts";
import type { DumpedTable, DumpFile } from "../export/manifest.ts";
import type { PublishedBy } from "./facts.ts";
import { fileTypeUri, mediaTypeUri, SERVED_FORMATS, type ServedFormat, SHA_256 } from "./vocabulary.ts";

/** The forms in which something can be had: DCAT 3 §6.8, DCAT-AP 3 "Distribution". */

export function serviceId({ url }: PublishedBy): string {
  return `${url}/v1`;
}

/** The observations of a metric as `/v1` answers them, format by format. */
export function servedDistributions(by: PublishedBy, metric: string): object[] {
  return SERVED_FORMATS.map((format) => servedDistribution(by, metric, format));
}

function servedDistribution(by: PublishedBy, metric: string, format: ServedFormat): object {
  const address = `${by.url}/v1/metrics/${metric}/observations?format=${format.name}`;
  return {
    "@id": address,
    "@type": "Distribution",
    title: { en: `Observations as ${format.label}, page by page` },
    accessURL: address,
    accessService: { "@id": serviceId(by) },
    mediaType: { "@id": mediaTypeUri(format.mediaType), "@type": "MediaType" },
    format: { "@id": fileTypeUri(format.fileType), "@type": "MediaTypeOrExtent" },
    license: licenceOf(by),
    ...(format.standard ? { conformsTo: { "@id": format.standard, "@type": "Standard" } } : {}),
  };
}

/** Where a file of the latest dump is: the address stays, what lies there follows the releases. */
export function dumpAddress({ url }: Pick<PublishedBy, "url">, table: string, format: DumpFile["format"]): string {
  return `${url}/v1/dumps/latest/${table}.${DUMP_FORMATS[format].extension}`;
}

const DUMPED: Readonly<Record<DumpFile["format"], { label: string; mediaType: string; fileType: string }>> = {
  csv: { label: "CSV", mediaType: "text/csv", fileType: "CSV" },
  ndjson: { label: "NDJSON", mediaType: "application/x-ndjson", fileType: "JSON" },
  parquet: { label: "Parquet", mediaType: "application/vnd.apache.parquet", fileType: "PARQUET" },
};

/** The files of a table in the latest dump. */
export function dumpDistributions(by: PublishedBy, { name, files }: DumpedTable, modified: string): object[] {
  return files.map(({ format, mediaType, bytes, sha256 }) => {
    const address = dumpAddress(by, name, format);
    const { label, mediaType: content, fileType } = DUMPED[format];
    const isCompressed = mediaType === "application/gzip";
    return {
      "@id": address,
      "@type": "Distribution",
      title: { en: `All ${name} as ${label}${isCompressed ? ", compressed by gzip" : ""}` },
      accessURL: `${by.url}/v1/dumps`,
      downloadURL: address,
      mediaType: { "@id": mediaTypeUri(content), "@type": "MediaType" },
      format: { "@id": fileTypeUri(fileType), "@type": "MediaTypeOrExtent" },
      ...(isCompressed ? { compressFormat: { "@id": mediaTypeUri(mediaType), "@type": "MediaType" } } : {}),
      license: licenceOf(by),
      byteSize: String(bytes),
      modified,
      checksum: {
        "@type": "Checksum",
        algorithm: { "@id": SHA_256, "@type": "ChecksumAlgorithm" },
        checksumValue: sha256,
      },
    };
  });
}

export function licenceOf({ licence }: PublishedBy): object {
  return { "@id": licence, "@type": "LicenseDocument" };
}
