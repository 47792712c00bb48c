import { isVisible, type Vintage } from "../series/resolution.ts";

/**
 * The history of one thing, newest version first. All versions stay: a reader at an earlier release finds what stood
 * then, and what a release has staged but not committed is invisible to everybody. A null body is a deletion.
 */
export type Versions<Body> = readonly Version<Body>[];

export interface Version<Body> {
  readonly release: number;
  readonly body: Body | null;
}

/** The version that stands in a vintage; undefined if there was nothing yet. */
export function versionAt<Body>(versions: Versions<Body>, vintage: Vintage): Version<Body> | undefined {
  return versions.find(({ release }) => isVisible(release, vintage));
}

/** The history as `base` sees it, with one more version on top; what was staged and never committed is dropped. */
export function withVersion<Body>(versions: Versions<Body>, base: Vintage, version: Version<Body>): Versions<Body> {
  return [version, ...versions.filter(({ release }) => isVisible(release, base))];
}

/** As stored: a JSON array of [release, body]. */
export function encodeVersions<Body>(versions: Versions<Body>): string {
  return JSON.stringify(versions.map(({ release, body }) => [release, body]));
}

export function decodeVersions<Body>(text: string): Versions<Body> {
  const pairs = JSON.parse(text) as [number, Body | null][];
  return pairs.map(([release, body]) => ({ release, body }));
}
