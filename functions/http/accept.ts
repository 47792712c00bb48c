/** Media types as requests name them: RFC 9110 §8.3.1 and §12.5.1. */

interface MediaRange {
  readonly range: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** A media type in lower case, and the parameters that tell it from others of its name. */
export interface Offer {
  readonly type: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

interface Match {
  readonly quality: number;
  readonly specificity: number;
  readonly position: number;
}

/**
 * Chooses the media type of the answer by RFC 9110 §12.5.1: the highest quality wins, then the more specific range,
 * then the one named first. Types compare case-insensitively; parameters that no offer has are tolerated.
 *
 * @param offered the first one for a client that does not care.
 * @returns undefined when the client accepts none that is offered.
 */
export function preferredOffer<O extends Offer>(accept: string | undefined, offered: readonly O[]): O | undefined {
  const ranges = parseAccept(accept ?? "");
  if (ranges.length === 0) return offered[0];
  return offered
    .map((offer) => ({
      offer,
      match: bestMatch(
        offer,
        ranges.filter((range) => !namesAnother(range, offer, offered)),
      ),
    }))
    .filter(({ match }) => match.quality > 0)
    .sort(({ match: a }, { match: b }) => {
      return b.quality - a.quality || b.specificity - a.specificity || a.position - b.position;
    })[0]?.offer;
}

/** The same among types that have no parameters. */
export function preferredType<Type extends string>(
  accept: string | undefined,
  offered: readonly Type[],
): Type | undefined {
  return preferredOffer(
    accept,
    offered.map((type) => ({ type })),
  )?.type;
}

function parseAccept(accept: string): MediaRange[] {
  return accept
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [range = [""], ...pairs] = splitParameters(part);
      const parameters = new Map(pairs.map(([name = "", value = ""]) => [name, value]));
      const quality = parseQuality(parameters.get("q"));
      parameters.delete("q");
      return { range: range[0] ?? "", parameters, quality };
    });
}

/** A quality that is no number counts as 1, as if it had been left out. */
function parseQuality(text: string | undefined): number {
  const quality = Number(text ?? 1);
  return Number.isNaN(quality) ? 1 : Math.min(Math.max(quality, 0), 1);
}

/** The most specific range decides for an offer, whatever the quality of wider ones. */
function bestMatch(offer: Offer, ranges: readonly MediaRange[]): Match {
  const none = { quality: 0, specificity: Number.NEGATIVE_INFINITY, position: ranges.length };
  return ranges
    .map(({ quality, ...range }, position) => ({ quality, specificity: specificityOf(range, offer), position }))
    .reduce<Match>((best, match) => (match.specificity > best.specificity ? match : best), none);
}

/** Whether a range has a parameter that tells another offer of the same type from this one. */
function namesAnother({ range, parameters }: MediaRange, offer: Offer, offered: readonly Offer[]): boolean {
  return offered.some(({ type, parameters: theirs = {} }) => {
    if (type !== offer.type || type !== range) return false;
    return Object.entries(theirs).some(
      ([name, value]) => parameters.get(name) === value && offer.parameters?.[name] !== value,
    );
  });
}

/** How closely a range names an offer: by its parameters, its type, or a wildcard; negative infinity where it does not. */
function specificityOf(
  { range, parameters }: Omit<MediaRange, "quality">,
  { type, parameters: own = {} }: Offer,
): number {
  const width = [type, `${type.split("/")[0]}/*`, "*/*"].indexOf(range);
  const shared = Object.entries(own).filter(([name]) => parameters.has(name));
  const isOther = shared.some(([name, value]) => parameters.get(name) !== value);
  return width < 0 || isOther ? Number.NEGATIVE_INFINITY : shared.length - width;
}

/** `text/html; q=0.5` → `[["text/html"], ["q", "0.5"]]`, in lower case and without quotes. */
export function splitParameters(text: string): string[][] {
  return text.split(";").map((part) =>
    part.split("=").map((piece) =>
      piece
        .trim()
        .toLowerCase()
        .replace(/^"(.*)"$/, "$1"),
    ),
  );
}
