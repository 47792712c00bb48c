import { PortalError } from "../errors.ts";
import type { Snapshot } from "../snapshot.ts";
import { type DumpedTable, MANIFEST_VERSION, type Manifest, type StoredFile } from "./manifest.ts";

/** What a dump of the snapshot's HEAD says of itself: of equal releases it is equal. */
export async function manifestOf(
  snapshot: Snapshot,
  tables: readonly DumpedTable[],
  coverage: StoredFile,
): Promise<Manifest> {
  const { release, committedAt, changes: lastChange } = snapshot.head;
  const entity = await snapshot.entity<"release">(`release:${release}`);
  if (!entity) throw new PortalError("INTERNAL", `HEAD is release ${release}, of which nothing is known`);
  const { title, publisher, publishedOn } = entity.body;
  const version = MANIFEST_VERSION;
  return { version, release, title, publisher, publishedOn, committedAt, lastChange, tables, coverage };
}
