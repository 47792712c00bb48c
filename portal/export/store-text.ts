import { hash } from "node:crypto";
import type { DumpWriter } from "./dump-store.ts";
import type { StoredFile } from "./manifest.ts";

/** Writes a small file of a dump and says what is there. */
export async function storeText(store: DumpWriter, key: string, text: string): Promise<StoredFile> {
  await store.writeDocument(key, text);
  return { key, bytes: Buffer.byteLength(text), sha256: hash("sha256", text, "hex") };
}
