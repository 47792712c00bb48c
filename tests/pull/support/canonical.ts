import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DumpFolder } from "../../../cli/dump-folder.ts";
import type { DumpFormatName } from "../../../portal/export/formats.ts";
import { writePortal } from "../../../portal/export/write-portal.ts";
import type { TestPortal } from "../../support/portal.ts";

/** The files that a dump of the portal as it is now would hold, by name. */
export async function canonicalDump(
  portal: Pick<TestPortal, "snapshot">,
  formats: readonly DumpFormatName[],
): Promise<Map<string, Buffer>> {
  const folder = await mkdtemp(join(tmpdir(), "gazetteer-canonical-"));
  try {
    const snapshot = await portal.snapshot();
    const target = {
      store: new DumpFolder(folder),
      release: snapshot.head.release,
      formats,
      keyOf: (name: string) => name,
    };
    const { tables } = await writePortal(snapshot, target, () => undefined);
    return await filesIn(
      folder,
      tables.flatMap(({ files }) => files.map(({ key }) => key)),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function filesIn(folder: string, names: readonly string[]): Promise<Map<string, Buffer>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

/** The names of the files of a folder that are not byte for byte those of a dump. */
export async function differing(folder: string, dump: ReadonlyMap<string, Buffer>): Promise<string[]> {
  const checked = [...dump].map(async ([name, content]) => {
    const own = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
    return own.equals(content) ? [] : [name];
  });
  return (await Promise.all(checked)).flat();
}
