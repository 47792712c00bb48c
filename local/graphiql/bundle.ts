import { build } from "esbuild";

/** Files by their path below `/graphiql/`. */
export type Bundle = ReadonlyMap<string, Uint8Array>;

const ROOT = import.meta.dirname;

/** The page and the workers of its editor, which the browser loads as modules of their own. */
const ENTRY_POINTS = {
  page: "page.tsx",
  "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
  "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
  "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
};

/**
 * Bundles GraphiQL from its npm packages, in memory. It is not minified: for a browser on the same machine that costs
 * three times what it saves.
 */
export async function bundleGraphiql(): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRY_POINTS,
    outdir: ROOT,
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    loader: { ".graphql": "text", ".ttf": "file" },
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  return new Map(outputFiles.map(({ path, contents }) => [path.slice(ROOT.length + 1), contents]));
}
