import { createLambdaContext, type LambdaHandler, toEvent, toResponse } from "./events.ts";

export interface RouteMatch {
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly sourceIp: string;
}

/** Answers one request; a Lambda function becomes one through `lambdaRoute`. */
export type Responder = (request: Request, match: RouteMatch) => Promise<Response>;

/**
 * Route keys as API Gateway HTTP APIs write them, `METHOD /path`: the method may be `ANY`, a segment may be
 * `{name}` and the last one `{name+}`, which takes the rest of the path. The more literal route wins.
 */
export type Routes = Readonly<Record<string, Responder>>;

export type FindRoute = (
  method: string,
  path: string,
) => { responder: Responder; match: Omit<RouteMatch, "sourceIp"> } | undefined;

interface CompiledRoute {
  readonly routeKey: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly variables: number;
  readonly greedy: boolean;
  readonly responder: Responder;
}

/** The functions that Lambda runs, run here. `functionName` is what the function learns about itself. */
export function lambdaRoute(functionName: string, handler: LambdaHandler): Responder {
  return async (request, { routeKey, pathParameters, sourceIp }) => {
    const named = Object.keys(pathParameters).length > 0 ? { pathParameters } : {};
    const event = await toEvent(request, { routeKey, sourceIp, ...named });
    return toResponse(await handler(event, createLambdaContext(functionName)));
  };
}

export function compileRoutes(routes: Routes): FindRoute {
  const compiled = Object.entries(routes).map(([routeKey, responder]) => compileRoute(routeKey, responder));
  compiled.sort((a, b) => Number(a.greedy) - Number(b.greedy) || a.variables - b.variables);
  return (method, path) => {
    const onPath = compiled.filter(({ pattern }) => pattern.test(path));
    const route = methodsServing(method)
      .map((name) => onPath.find((candidate) => candidate.method === name))
      .find(Boolean);
    if (route === undefined) return undefined;
    const pathParameters = decodeParameters(route.pattern.exec(path)?.groups ?? {});
    return { responder: route.responder, match: { routeKey: route.routeKey, pathParameters } };
  };
}

/** RFC 9110 §9.3.2: HEAD is GET without the content, which node:http leaves out by itself. */
function methodsServing(method: string): string[] {
  return method === "HEAD" ? ["HEAD", "ANY", "GET"] : [method, "ANY"];
}

function compileRoute(routeKey: string, responder: Responder): CompiledRoute {
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(routeKey) ?? [];
  if (method === undefined || path === undefined) throw new Error(`not a route key: ${routeKey}`);
  const segments = path.split("/").map((segment) =>
    segment
      .replace(/[.*$^()|[\]\\?]/g, "\\$&")
      .replace(/^\{(\w+)\}$/, "(?<$1>[^/]+)")
      .replace(/^\{(\w+)\+\}$/, "(?<$1>.+)"),
  );
  return {
    routeKey,
    method,
    pattern: new RegExp(`^${segments.join("/")}$`),
    variables: path.split("{").length - 1,
    greedy: path.endsWith("+}"),
    responder,
  };
}

function decodeParameters(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));
}

/** A percent sign that encodes nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
