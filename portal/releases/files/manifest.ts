import { isFullDate } from "../../series/civil-date.ts";
import type { ProblemReport } from "../problems.ts";
import { MANIFEST_FILE } from "./columns.ts";
import type { ReleaseFiles } from "./folder.ts";

/** What `release.json` says. */
export interface Manifest {
  readonly title: string;
  readonly publisher: string;
  /** Full date, `2024-05-24`. */
  readonly publishedOn: string;
}

const FIELDS = ["title", "publisher", "publishedOn"] as const;
const MAX_LENGTH = 300;
const MAX_BYTES = 65_536;
const DAY_MS = 86_400_000;

/**
 * Reads the manifest; what is wrong goes to the report, and the answer is then undefined.
 * @param now epoch milliseconds. What is dated later than tomorrow is a mistake, and one that cannot be undone: "as of"
 *   a date counts a release from the latest day that it or any before it is dated.
 */
export async function readManifest(
  files: ReleaseFiles,
  report: ProblemReport,
  now: number,
): Promise<Manifest | undefined> {
  const problem = (column: string, message: string, value = "") => {
    report.add({ file: MANIFEST_FILE, line: 0, column, code: "MANIFEST_INVALID", message, value });
    return undefined;
  };
  if (!files.names.includes(MANIFEST_FILE))
    return problem("", "a release needs this file: title, publisher, publishedOn");
  const text = await readText(files.open(MANIFEST_FILE));
  const manifest = text === undefined ? undefined : parseObject(text);
  if (!manifest) return problem("", "is no JSON object");
  const before = report.total;
  const tomorrow = new Date(now + DAY_MS).toISOString().slice(0, 10);
  for (const field of Object.keys(manifest)) {
    if (!(FIELDS as readonly string[]).includes(field)) problem(field, `unknown field; known are ${FIELDS.join(", ")}`);
  }
  for (const field of FIELDS) {
    const value = manifest[field];
    if (typeof value !== "string" || value.trim() === "") problem(field, "a text is needed", String(value ?? ""));
    else if (value.length > MAX_LENGTH) problem(field, `longer than ${MAX_LENGTH} characters`, value);
    else if (field === "publishedOn" && !isFullDate(value)) problem(field, "a full date, as 2024-05-24", value);
    else if (field === "publishedOn" && value > tomorrow) problem(field, "lies in the future", value);
  }
  return report.total === before ? (manifest as unknown as Manifest) : undefined;
}

async function readText(bytes: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    parts.push(part);
    size += part.length;
    if (size > MAX_BYTES) return undefined;
  }
  return Buffer.concat(parts)
    .toString("utf8")
    .replace(/^\ufeff/, "");
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
