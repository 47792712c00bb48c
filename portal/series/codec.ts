import { deflateRawSync, inflateRawSync } from "node:zlib";
import { PortalError } from "../errors.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { type Claim, OBSERVATION_STATUSES } from "./claims.ts";

/**
 * All claims of a series (or of a part of a long one) as one binary body:
 *
 *   byte 0   version of the format
 *   byte 1   0 plain, 1 raw deflate (RFC 1951) of what follows
 *   count, periods (first, then steps), statuses, sources, releases, notes (columns of integers),
 *   dictionaries of (source, publishedOn) and of notes, values (one text, line by line)
 *
 * Columns of integers, because neighbours are alike: twenty years of one source and one status are one run. Values
 * stay text: they are exact, and splitting one string is the cheapest decoding there is.
 */
const VERSION = 1;
const PLAIN = 0;
const DEFLATED = 1;

/**
 * Below this size compression does not pay: a read costs the same up to 4 KB, and inflating costs client time. The
 * number is measured by `npm run bench:read`, table "compression".
 */
export const COMPRESSION_THRESHOLD = 1024;

const WITHDRAWN = 0;

/** @param claims in canonical order, each identity once. */
export function encodeClaims(claims: readonly Claim[], threshold = COMPRESSION_THRESHOLD): Uint8Array {
  const sources = new Dictionary();
  const notes = new Dictionary();
  notes.indexOf("");
  const statuses = claims.map((c) => (c.status === null ? WITHDRAWN : OBSERVATION_STATUSES.indexOf(c.status) + 1));
  const sourceColumn = claims.map((c) => sources.indexOf(`${c.source}\n${c.publishedOn}`));
  const noteColumn = claims.map((c) => notes.indexOf(c.note));

  const out = new ByteWriter();
  out.number(claims.length);
  let before = 0;
  for (const { period } of claims) {
    out.signed(period - before);
    before = period;
  }
  out.column(statuses);
  out.column(sourceColumn);
  out.column(claims.map((c) => c.release));
  out.column(noteColumn);
  sources.write(out);
  notes.write(out);
  out.text(claims.map((c) => c.value ?? "").join("\n"));

  const payload = out.finish();
  if (payload.length < threshold) return Buffer.concat([Buffer.from([VERSION, PLAIN]), payload]);
  return Buffer.concat([Buffer.from([VERSION, DEFLATED]), deflateRawSync(payload)]);
}

/** The claims of a body, in canonical order. Throws `INTERNAL` for a body of another version or a damaged one. */
export function decodeClaims(body: Uint8Array): Claim[] {
  if (body[0] !== VERSION) throw new PortalError("INTERNAL", `series body of unknown version ${body[0]}`);
  try {
    const packed = Buffer.from(body.buffer, body.byteOffset + 2, body.byteLength - 2);
    return decodePayload(body[1] === DEFLATED ? inflateRawSync(packed) : packed);
  } catch (cause) {
    throw new PortalError("INTERNAL", "series body is damaged", { cause });
  }
}

function decodePayload(payload: Buffer): Claim[] {
  const input = new ByteReader(payload);
  const count = input.number();
  const periods: number[] = [];
  let before = 0;
  for (let i = 0; i < count; i += 1) {
    before += input.signed();
    periods.push(before);
  }
  const statuses = input.column(count);
  const sourceColumn = input.column(count);
  const releases = input.column(count);
  const noteColumn = input.column(count);
  const sources = readDictionary(input).map(splitSource);
  const notes = readDictionary(input);
  const values = input.text().split("\n");
  if (!input.done || (count > 0 && values.length !== count)) throw new RangeError("columns disagree in length");

  // A loop over the columns: this is what most of a read is spent in.
  const claims: Claim[] = [];
  for (let i = 0; i < count; i += 1) {
    const status = statuses[i] as number;
    const { source, publishedOn } = sources[sourceColumn[i] as number] as (typeof sources)[number];
    claims.push({
      period: periods[i] as number,
      value: values[i] || null,
      status: status === WITHDRAWN ? null : (OBSERVATION_STATUSES[status - 1] as Claim["status"]),
      source,
      publishedOn,
      release: releases[i] as number,
      note: notes[noteColumn[i] as number] as string,
    });
  }
  return claims;
}

function splitSource(entry: string): Pick<Claim, "source" | "publishedOn"> {
  const end = entry.indexOf("\n");
  if (end < 0) throw new RangeError("a source without the day of its publication");
  return { source: entry.slice(0, end), publishedOn: entry.slice(end + 1) };
}

class Dictionary {
  readonly #indexes = new Map<string, number>();

  indexOf(entry: string): number {
    const known = this.#indexes.get(entry);
    if (known !== undefined) return known;
    this.#indexes.set(entry, this.#indexes.size);
    return this.#indexes.size - 1;
  }

  write(out: ByteWriter): void {
    out.number(this.#indexes.size);
    for (const entry of this.#indexes.keys()) out.text(entry);
  }
}

function readDictionary(input: ByteReader): string[] {
  return Array.from({ length: input.number() }, () => input.text());
}
