import type { Frequency } from "../series/time-period.ts";

/** Terms that others define: what DCAT-AP wants to be named by a URI of a controlled vocabulary. */

const AUTHORITY = "http://publications.europa.eu/resource/authority";

/** EU Vocabularies, "Frequency". */
const FREQUENCIES: Readonly<Record<Frequency, string>> = {
  A: "ANNUAL",
  S: "ANNUAL_2",
  Q: "QUARTERLY",
  M: "MONTHLY",
  W: "WEEKLY",
  D: "DAILY",
};

/** ISO 8601 durations of the periods of each frequency. */
export const RESOLUTIONS: Readonly<Record<Frequency, string>> = {
  A: "P1Y",
  S: "P6M",
  Q: "P3M",
  M: "P1M",
  W: "P7D",
  D: "P1D",
};

export function frequencyUri(frequency: Frequency): string {
  return `${AUTHORITY}/frequency/${FREQUENCIES[frequency]}`;
}

export function languageUri(code: "ENG" | "ZHO"): string {
  return `${AUTHORITY}/language/${code}`;
}

export function fileTypeUri(code: string): string {
  return `${AUTHORITY}/file-type/${code}`;
}

export function mediaTypeUri(type: string): string {
  return `https://www.iana.org/assignments/media-types/${type}`;
}

export const PUBLIC_ACCESS = `${AUTHORITY}/access-right/PUBLIC`;

export const SHA_256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256";

/** What the observations of a metric can be had as: `?format=` of `/v1`. */
export interface ServedFormat {
  readonly name: string;
  readonly label: string;
  readonly mediaType: string;
  /** EU Vocabularies, "File type". */
  readonly fileType: string;
  /** The specification that it obeys. */
  readonly standard?: string;
}

export const SERVED_FORMATS: readonly ServedFormat[] = [
  { name: "csv", label: "CSV", mediaType: "text/csv", fileType: "CSV" },
  { name: "ndjson", label: "NDJSON", mediaType: "application/x-ndjson", fileType: "JSON" },
  { name: "json", label: "JSON", mediaType: "application/json", fileType: "JSON" },
  {
    ...{ name: "jsonstat", label: "JSON-stat 2.0", mediaType: "application/json", fileType: "JSON" },
    standard: "https://json-stat.org/format/",
  },
  {
    ...{ name: "sdmx-csv", label: "SDMX-CSV 2.0", mediaType: "application/vnd.sdmx.data+csv", fileType: "CSV" },
    standard: "https://github.com/sdmx-twg/sdmx-csv",
  },
  {
    ...{ name: "sdmx-json", label: "SDMX-JSON 2.0", mediaType: "application/vnd.sdmx.data+json", fileType: "JSON" },
    standard: "https://github.com/sdmx-twg/sdmx-json",
  },
];
