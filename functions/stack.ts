import { readFileSync } from "node:fs";
import type { SourceMap } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A place in a frame: `file:///var/task/handler.mjs:1:2345`. */
const PLACE = /(file:\/\/[^\s()]+):(\d+):(\d+)/g;

const maps = new Map<string, SourceMap | undefined>();

/**
 * A stack that names our files and lines instead of those of the bundle. Node could do that by itself
 * (`--enable-source-maps`), but reads every map at each start for it, which costs more than a tenth of a cold start;
 * here a map is read when the first error is logged. What has no map stays as it is.
 */
export function readableStack(stack: string): string {
  return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    const origin = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!origin || !("originalSource" in origin)) return place;
    return `${origin.originalSource}:${origin.originalLine + 1}:${origin.originalColumn + 1}`;
  });
}

function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(file));
  return maps.get(file);
}

/** Fetched when it is needed: to import it costs a start most of a millisecond. */
const sourceMaps = () => process.getBuiltinModule("node:module").SourceMap;

function readMap(file: string): SourceMap | undefined {
  try {
    const path = fileURLToPath(file);
    const linked = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(path, "utf8"))?.[1];
    return linked === undefined
      ? undefined
      : new (sourceMaps())(JSON.parse(readFileSync(join(dirname(path), linked), "utf8")));
  } catch {
    return undefined;
  }
}
