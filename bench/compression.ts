import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { COMPRESSION_THRESHOLD, decodeClaims, encodeClaims } from "../portal/series/codec.ts";
import { median, type Work } from "./measure.ts";
import { sampleClaims } from "./samples.ts";
import { markdown, short } from "./table.ts";

const LENGTHS = [5, 10, 20, 30, 50, 75, 100, 200, 500, 1000, 7300];
/** An item of this many bytes is read for half a capacity unit; keys and notices come on top of the body. */
const READ_STEP = 4096;
const OTHER_ATTRIBUTES = 350;
/** Then the extra microseconds of one are the extra milliseconds of all. */
const PANEL_SERIES = 1000;
const ROUNDS = 25;

/** Size and decoding time of bodies of growing length, plain, deflated and, to compare, with Zstandard. */
export function compressionTable(): string {
  const rows = LENGTHS.map((length) => {
    const claims = sampleClaims("2004-01-01", length);
    const [plain, deflated] = [encodeClaims(claims, Number.POSITIVE_INFINITY), encodeClaims(claims, 0)];
    const zstd = zstdCompressSync(plain);
    const times = microseconds({
      plain: () => decodeClaims(plain),
      deflated: () => decodeClaims(deflated),
      zstd: () => decodeClaims(zstdDecompressSync(zstd)),
    });
    const bodies = { plain, deflated, zstd };
    return [
      short(length),
      ...Object.values(bodies).map((body) => `${short(body.length)} B`),
      Object.values(bodies)
        .map((body) => short(unitsOf(body.length)))
        .join(" / "),
      ...Object.values(times).map((time) => `${short(time)} µs`),
      `${short(panelUnits(plain.length))} / ${short(panelUnits(deflated.length))}`,
      `${short(times.deflated - times.plain)} ms`,
    ];
  });
  const head = [
    "observations",
    "plain",
    "deflated",
    "zstd",
    "RCU of each",
    "decoding plain",
    "deflated",
    "zstd",
    "RCU, panel of 1,000",
    "inflating them",
  ];
  return `${markdown(head, rows)}\n\nthreshold in use: ${short(COMPRESSION_THRESHOLD)} B`;
}

/** Eventually consistent, as all reads of the portal are. */
function unitsOf(body: number): number {
  return Math.ceil((body + OTHER_ATTRIBUTES) / READ_STEP) / 2;
}

/** A Query of many items is charged for the sum of their sizes. */
function panelUnits(body: number): number {
  return Math.ceil((PANEL_SERIES * (body + OTHER_ATTRIBUTES)) / READ_STEP) / 2;
}

/** Microseconds of a call for each work, in alternating rounds; the median round counts. */
function microseconds<Name extends string>(works: Readonly<Record<Name, Work>>): Record<Name, number> {
  const names = Object.keys(works) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -5; round < ROUNDS; round += 1) {
    for (const name of names) {
      const before = performance.now();
      for (let call = 0; call < 20; call += 1) works[name]();
      if (round >= 0) times[name].push(((performance.now() - before) / 20) * 1000);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Name, number>;
}
