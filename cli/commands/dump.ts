import { PortalError } from "../../portal/errors.ts";
import type { DumpFormatName } from "../../portal/export/formats.ts";
import { writePortal } from "../../portal/export/write-portal.ts";
import { readHead } from "../../portal/releases/head.ts";
import { Snapshot } from "../../portal/snapshot.ts";
import type { CallScope } from "../../portal/store/calls.ts";
import { Meter } from "../../portal/store/meter.ts";
import { DumpFolder } from "../dump-folder.ts";
import { count } from "../output/progress.ts";
import { columns } from "../output/table.ts";
import type { Result, Session } from "./session.ts";

/** Writes the portal as of HEAD into a folder, in one format: a file for each table, the manifest last. */
export async function dump({ target, stderr }: Session, path: string, format: DumpFormatName): Promise<Result> {
  // It takes as long as it takes; each call has its own patience.
  const scope: CallScope = { meter: new Meter(), signal: new AbortController().signal };
  const head = await readHead(target.store, scope, true);
  if (head.release === 0) throw new PortalError("BAD_USER_INPUT", "nothing has been published yet");
  const store = new DumpFolder(path);
  await store.prepare();
  const manifest = await writePortal(
    new Snapshot(target.store, head, scope),
    { store, release: head.release, formats: [format], keyOf: (name) => name },
    (tables) => {
      for (const { name, rows } of tables) stderr.write(`${name}: ${count(rows)} rows\n`);
    },
  );
  const { release, tables } = manifest;
  const lines = tables.flatMap(({ rows, files }) => files.map(({ key, bytes }) => [key, count(rows), count(bytes)]));
  return {
    json: { folder: path, readUnits: scope.meter.readUnits, manifest },
    text: [`Release ${release} is in ${path}.`, "", columns(["file", "rows", "bytes"], lines)].join("\n"),
  };
}
