import { changeRoutes } from "./changes.ts";
import { shelfRoutes } from "./dumps.ts";
import { listRoutes } from "./lists.ts";
import { observationRoutes } from "./observations.ts";
import type { Route } from "./request.ts";
import type { ShelfRoute } from "./shelf-route.ts";

/** Below this everything is the partner API's. */
export const BASE_PATH = "/v1";

/** Everything that `/v1` answers, as `schema/openapi.json` describes it. */
export const ROUTES: readonly Route[] = [...listRoutes, ...observationRoutes, ...changeRoutes];

const COMPILED = compile(ROUTES, (route) => `${BASE_PATH}${route.path}`);
const COMPILED_SHELF = compile(shelfRoutes, ({ path }) => path);

interface Compiled<R> {
  readonly route: R;
  readonly pattern: RegExp;
}

function compile<R>(routes: readonly R[], pathOf: (route: R) => string): Compiled<R>[] {
  return routes.map((route) => {
    const parts = pathOf(route).split(/(\{\w+\})/);
    const pattern = parts.map((part) => part.replaceAll(".", "\\.").replace(/^\{(\w+)\}$/, "(?<$1>[^/]+)")).join("");
    return { route, pattern: new RegExp(`^${pattern}$`) };
  });
}

export interface FoundRoute<R> {
  readonly route: R;
  /** The variable parts of the path, decoded. */
  readonly path: Record<string, string>;
}

export function findRoute(rawPath: string): FoundRoute<Route> | undefined {
  return find(COMPILED, rawPath);
}

/** The route of a dump or catalogue. */
export function findShelfRoute(rawPath: string): FoundRoute<ShelfRoute> | undefined {
  return find(COMPILED_SHELF, rawPath);
}

function find<R>(compiled: readonly Compiled<R>[], rawPath: string): FoundRoute<R> | undefined {
  for (const { route, pattern } of compiled) {
    const match = pattern.exec(rawPath);
    if (match === null) continue;
    const parts = Object.entries(match.groups ?? {}).map(([name, part]) => [name, decode(part)]);
    return { route, path: Object.fromEntries(parts) };
  }
  return undefined;
}

/** A percent sign that encodes nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
