import type { Entity, RegionBody } from "../portal/catalogue/entities.ts";
import type { SeriesKey } from "../portal/identifiers.ts";
import { type Head, headOf, vintageOf } from "../portal/releases/head.ts";
import type { Claim } from "../portal/series/claims.ts";
import { encodeClaims } from "../portal/series/codec.ts";
import { type Subject, seriesItem, seriesPlacement } from "../portal/series/items.ts";
import { requireTimePeriod } from "../portal/series/time-period.ts";
import type { Item } from "../portal/store/requests.ts";

/** Made-up series for measuring, the same in every run: what matters is how long and how alike their parts are. */

/** A HEAD beyond all releases that the samples speak of. */
export const LATEST_HEAD: Head = { ...headOf(undefined), release: 1_000_000 };

/** How many observations a publication states before the next one takes over. */
const PER_SOURCE = 12;
const NOTES = ["As printed in the bulletin.", "Rounded in print.", "Includes the pilot zones.", "Table 3, first row."];

/** Park and Miller's generator: any sequence will do, as long as it is always the same. */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Claims of consecutive periods, each with a value that nothing predicts, a source, a status, a release and a note. */
export function sampleClaims(from: string, count: number, seed = 1): Claim[] {
  const random = numbersFrom(seed);
  const first = requireTimePeriod(from, "from").index;
  return Array.from({ length: count }, (_, i): Claim => {
    const bulletin = Math.floor(i / PER_SOURCE);
    // One note in ten is like no other.
    const own = random() < 0.1 ? ` About ${Math.floor(random() * 1e6)} in the text.` : "";
    return {
      period: first + i,
      value: (1000 + random() * 9000).toFixed(2),
      status: count - i <= PER_SOURCE ? "P" : "A",
      source: `statistical-bulletin-${1000 + bulletin}`,
      publishedOn: `${1990 + (bulletin % 35)}-03-01`,
      release: 1 + bulletin,
      note: `${NOTES[Math.floor(random() * NOTES.length)]}${own}`,
    };
  });
}

export function sampleRegion(code: string, level: RegionBody["level"], path: string, parent: string): Entity<"region"> {
  const body: RegionBody = { level, path, parent: `region:${parent}`, nameEn: code };
  return { type: "region", id: `region:${code}`, localId: code, body, release: 1, vintage: vintageOf(LATEST_HEAD) };
}

/** A series as the portal stores it, in one item. */
export function packedItem(key: SeriesKey, subject: Subject, claims: readonly Claim[]): Item {
  return seriesItem(seriesPlacement(key, subject, "measured"), encodeClaims(claims));
}

/** HEAD as it is stored. */
export function headItem(): Item {
  return { id: { S: "head" }, release: { N: `${LATEST_HEAD.release}` }, committedAt: { S: "2024-01-01T00:00:00Z" } };
}
