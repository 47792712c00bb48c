import type { ReleaseFiles } from "../../portal/releases/files/folder.ts";

/** A row by column; columns that a row lacks are empty in it. */
export type MadeRow = Readonly<Record<string, string>>;

/** The files of a made-up release by name: rows, or content as it is. */
export type MadeFiles = Readonly<Record<string, readonly MadeRow[] | string | Uint8Array>>;

/** A release in memory, of exactly the files that are given. */
export function releaseOf(files: MadeFiles, origin = "made-up"): ReleaseFiles {
  const contents = new Map(Object.entries(files).map(([name, content]) => [name, bytesOf(content)]));
  return {
    origin,
    names: [...contents.keys()].sort(),
    async *open(name) {
      const bytes = contents.get(name);
      if (bytes === undefined) throw new Error(`there is no ${name} in ${origin}`);
      yield bytes;
    },
  };
}

/** A release in memory with its manifest: title and day are what a test does not care about. */
export function madeUp(files: MadeFiles, publishedOn = "2024-01-01", title = "Made-up release"): ReleaseFiles {
  return releaseOf({ "release.json": JSON.stringify({ title, publisher: "Tests", publishedOn }), ...files }, title);
}

/** Rows as CSV, under all columns that any of them has. */
export function csvOf(rows: readonly MadeRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((column) => quoted(row[column] ?? "")).join(","));
  return [columns.join(","), ...lines, ""].join("\n");
}

function bytesOf(content: MadeFiles[string]): Uint8Array {
  return Buffer.from(content instanceof Uint8Array || typeof content === "string" ? content : csvOf(content));
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
