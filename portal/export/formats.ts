/** The formats of a dump, apart from how they are written: who only points at files needs no more. */
export interface DumpFormat {
  readonly extension: string;
  /** IANA media type of the file as it is stored. */
  readonly mediaType: string;
  /** Whether the file is compressed as a whole; Parquet compresses inside. */
  readonly gzip: boolean;
}

export const DUMP_FORMATS = {
  csv: { extension: "csv.gz", mediaType: "application/gzip", gzip: true },
  ndjson: { extension: "ndjson.gz", mediaType: "application/gzip", gzip: true },
  parquet: { extension: "parquet", mediaType: "application/vnd.apache.parquet", gzip: false },
} as const satisfies Readonly<Record<string, DumpFormat>>;

export type DumpFormatName = keyof typeof DUMP_FORMATS;

export const DUMP_FORMAT_NAMES = Object.keys(DUMP_FORMATS) as DumpFormatName[];
