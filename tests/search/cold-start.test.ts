import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundle } from "../../infra/constructs/bundle.ts";

test("nothing of the search is loaded before somebody searches, and no dictionary of pinyin even then", () => {
  const folder = mkdtempSync(join(tmpdir(), "gazetteer-search-bundle-"));
  try {
    const { inputs, outputs } = bundle("functions/graphql/handler.ts", folder);
    // The handler loads the function while its secrets are on their way.
    const starts = Object.entries(outputs).filter(([, { entryPoint }]) => /(handler|late)\.ts$/.test(entryPoint ?? ""));
    const loaded = new Set<string>();
    const load = (path: string) => {
      if (loaded.has(path)) return;
      loaded.add(path);
      for (const { path: next, kind } of outputs[path]?.imports ?? []) if (kind === "import-statement") load(next);
    };
    for (const [path] of starts) load(path);
    const sources = [...loaded].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
    expect(sources).toContain("portal/snapshot.ts");
    expect(sources.filter((path) => /^portal\/search\/|minisearch/.test(path))).toEqual([]);
    expect(Object.keys(inputs).filter((path) => path.includes("pinyin-pro"))).toEqual([]);
    expect(Object.keys(inputs)).toContain("portal/search/engine.ts");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
