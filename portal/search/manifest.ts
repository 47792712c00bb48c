import { decodeVersions, encodeVersions, type Versions, versionAt } from "../catalogue/versions.ts";
import type { Vintage } from "../series/resolution.ts";
import { type Item, textOf } from "../store/requests.ts";
import { MANIFEST_KEY, SEARCH_FORMAT, type SearchManifest } from "./blocks.ts";

/** Versions of the manifest that are kept; blocks of older ones are swept long before. */
const KEPT_VERSIONS = 4;

export function manifestVersions(item: Item | undefined): Versions<SearchManifest> {
  return item ? decodeVersions<SearchManifest>(textOf(item, "versions") ?? "[]") : [];
}

export function manifestItem(versions: Versions<SearchManifest>): Item {
  return { id: { S: MANIFEST_KEY }, versions: { S: encodeVersions(versions.slice(0, KEPT_VERSIONS)) } };
}

/** The index of a vintage and the release that made it; undefined where there is none that this version can read. */
export function manifestAt(
  versions: Versions<SearchManifest>,
  vintage: Vintage,
): { readonly release: number; readonly manifest: SearchManifest } | undefined {
  const version = versionAt(versions, vintage);
  if (version?.body?.format !== SEARCH_FORMAT) return undefined;
  return { release: version.release, manifest: version.body };
}
