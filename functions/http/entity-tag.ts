import { hash } from "node:crypto";
import type { Coding } from "./compression.ts";

/** 144 bits: nobody finds two answers with one fingerprint, by accident or on purpose. */
const FINGERPRINT_LENGTH = 24;

/** What tells one answer from every other, made of all that decides it; the parts may not hold line feeds but the last. */
export function fingerprintOf(parts: readonly string[]): string {
  return hash("sha256", parts.join("\n"), "base64url").slice(0, FINGERPRINT_LENGTH);
}

export interface EntityTagOptions {
  /** RFC 9110 §8.8.1: bytes of another coding are another representation, and need a strong tag of their own. */
  readonly coding?: Coding | undefined;
  /** For answers that mean the same without being the same byte for byte. */
  readonly weak?: boolean;
}

/** RFC 9110 §8.8.3. */
export function entityTag(fingerprint: string, { coding, weak = false }: EntityTagOptions = {}): string {
  return `${weak ? "W/" : ""}"${fingerprint}${coding === undefined ? "" : `-${coding}`}"`;
}

/**
 * The tag of this answer that the client names, by RFC 9110 §13.1.2 (weak comparison). Short answers are not compressed
 * whatever the client wants, and how long an answer is need not be known here: the tag without a coding counts as well.
 * `*` is for those who write.
 */
export function knownTag(
  ifNoneMatch: string | undefined,
  fingerprint: string,
  { coding, weak = false }: EntityTagOptions = {},
): string | undefined {
  if (ifNoneMatch === undefined) return undefined;
  const named = new Set(ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, "")));
  const known = [coding, undefined].find((each) => named.has(entityTag(fingerprint, { coding: each })));
  return known === undefined && !named.has(entityTag(fingerprint))
    ? undefined
    : entityTag(fingerprint, { coding: known, weak });
}
