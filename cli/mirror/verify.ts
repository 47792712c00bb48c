import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { keyIn, type MirrorFolder, type MirrorManifest } from "./folder.ts";
import type { OfferedFile, PortalApi } from "./portal-api.ts";

/** Whether a mirror holds what the portal's dump of the same release holds; where there is no such dump nobody knows. */
export type Verdict = "EQUAL" | "DIFFERENT" | "NO_DUMP";

/**
 * Holds a mirror against a dump, by SHA-256. Another version of zlib packs the same rows into other bytes: where the
 * packed ones differ, the unpacked ones decide.
 */
export async function verify(api: PortalApi, folder: MirrorFolder, mirror: MirrorManifest): Promise<Verdict> {
  const dump = await api.dump();
  if (dump?.release !== mirror.release) return "NO_DUMP";
  for (const { name, files } of dump.tables) {
    const offered = files.find(({ format }) => format === "ndjson");
    const own = mirror.tables.find((table) => table.name === name)?.files.find(({ format }) => format === "ndjson");
    if (!offered || !own) return "DIFFERENT";
    if (offered.sha256 === own.sha256) continue;
    const path = join(folder.path, keyIn(mirror.format, `${name}.ndjson.gz`));
    const [theirs, ours] = await Promise.all([
      unpackedDigest(await body(api, offered)),
      unpackedDigest(createReadStream(path)),
    ]);
    if (theirs !== ours) return "DIFFERENT";
  }
  return "EQUAL";
}

async function body(api: PortalApi, file: OfferedFile): Promise<Readable> {
  return Readable.fromWeb((await api.download(file)) as Parameters<typeof Readable.fromWeb>[0]);
}

async function unpackedDigest(packed: Readable): Promise<string> {
  const content = createGunzip();
  packed.on("error", (error) => content.destroy(error));
  packed.pipe(content);
  const hash = createHash("sha256");
  for await (const chunk of content) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
