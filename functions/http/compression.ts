import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** The content codings that answers come in. */
export type Coding = "br" | "gzip";

/** In the order in which we prefer them when a client does not care. */
const OFFERED: readonly Coding[] = ["br", "gzip"];

/** RFC 9110 §8.4.1.3: the older name of the same coding. */
const ALIASES: Readonly<Record<string, string>> = { "x-gzip": "gzip" };

/** What is smaller travels in one packet anyway. */
export const LEAST_COMPRESSED_BYTES = 1024;

/** Of Brotli's 11 levels the one that costs no more time than gzip does and still makes less of JSON. */
const BROTLI_QUALITY = 4;

/**
 * Chooses the coding of an answer by RFC 9110 §12.5.3: the highest quality wins, and Brotli where several have it.
 *
 * @returns undefined where the client wants the answer as it is, or says nothing.
 */
export function chooseCoding(acceptEncoding: string | undefined): Coding | undefined {
  if (!acceptEncoding) return undefined;
  const qualities = new Map(acceptEncoding.split(",").map(parseCoding));
  const any = qualities.get("*") ?? 0;
  // An answer as it is stays acceptable unless it is named, but is then the last thing that is wanted.
  let best: { coding: Coding | undefined; quality: number } = {
    coding: undefined,
    quality: qualities.get("identity") ?? 0,
  };
  for (const coding of OFFERED) {
    const quality = qualities.get(coding) ?? any;
    if (quality > best.quality || (quality > 0 && quality === best.quality && best.coding === undefined)) {
      best = { coding, quality };
    }
  }
  return best.coding;
}

/** `gzip;q=0.5` → `["gzip", 0.5]`. A quality that is no number counts as 1, as if it had been left out. */
function parseCoding(text: string): [string, number] {
  const [name = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  const quality = Number(weight ?? 1);
  return [ALIASES[name] ?? name, Number.isNaN(quality) ? 1 : Math.min(Math.max(quality, 0), 1)];
}

/** The text in this coding, in base64: API Gateway takes bytes in no other way. */
export function compress(text: string, coding: Coding): string {
  const bytes = Buffer.from(text);
  if (coding === "gzip") return gzipSync(bytes).toString("base64");
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
  };
  return brotliCompressSync(bytes, { params }).toString("base64");
}

/** The coding to send a text in: none for what is too short to gain by it. */
export function codingFor(text: string, wanted: Coding | undefined): Coding | undefined {
  if (wanted === undefined || text.length >= LEAST_COMPRESSED_BYTES) return wanted;
  return Buffer.byteLength(text) >= LEAST_COMPRESSED_BYTES ? wanted : undefined;
}
