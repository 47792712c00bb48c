import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CORS_HEADERS, preflight } from "./cors.ts";
import { compileRoutes, type FindRoute, type Routes } from "./routes.ts";
import { StartError } from "./start-error.ts";

/** API Gateway refuses larger payloads: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024;

/** A request that has not come in whole by then is answered 408; no gateway keeps waiting for it either. */
const REQUEST_TIMEOUT_MS = 30_000;

/** How long requests under way may take to end once the server closes. */
const CLOSE_GRACE_MS = 5_000;
const CLOSE_SWEEP_MS = 50;

export interface LocalServer {
  readonly port: number;
  readonly url: string;
  /** Takes no more requests, ends idle connections, and waits for the requests under way. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly routes: Routes;
  /** 0 takes a free port. */
  readonly port: number;
  /** Only this machine reaches the server by default. */
  readonly host?: string;
  /** How long a request may take to come in. */
  readonly requestTimeoutMs?: number;
}

/** @throws StartError when the port cannot be had. */
export async function serve(options: ServeOptions): Promise<LocalServer> {
  const { routes, port, host = "127.0.0.1", requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const findRoute = compileRoutes(routes);
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, requestTimeoutMs / 4),
    },
    (incoming, outgoing) => void exchange(findRoute, incoming, outgoing),
  );
  await listen(server, port, host);
  const { port: taken } = server.address() as AddressInfo;
  return { port: taken, url: `http://localhost:${taken}`, close: () => close(server) };
}

async function exchange(findRoute: FindRoute, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  try {
    await send(await respond(findRoute, incoming), outgoing);
  } catch (error) {
    // A client that went away is no failure of ours.
    if (!outgoing.destroyed) console.error(error);
    if (!outgoing.headersSent && outgoing.writable) await send(gatewayError(500, "Internal Server Error"), outgoing);
    else outgoing.destroy();
  }
}

async function respond(findRoute: FindRoute, incoming: IncomingMessage): Promise<Response> {
  const { method = "GET", url: target = "/" } = incoming;
  const url = target.startsWith("/") ? URL.parse(`http://${incoming.headers.host ?? "localhost"}${target}`) : null;
  if (url === null) return gatewayError(400, "Bad Request");
  // The Fetch standard forbids TRACE, and a gateway does not forward it.
  const route = method === "TRACE" ? undefined : findRoute(method, url.pathname);
  if (route === undefined) return gatewayError(404, "Not Found");
  const allowed = preflight(method, incoming.headers);
  if (allowed) return allowed;
  const body = await readPayload(incoming);
  if (body === undefined) return gatewayError(413, "Request Entity Too Large");
  const request = new Request(url, {
    method,
    headers: joinHeaders(incoming),
    // The Fetch standard knows no content on GET and HEAD.
    body: method === "GET" || method === "HEAD" || body.length === 0 ? null : new Uint8Array(body),
  });
  return route.responder(request, { ...route.match, sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1" });
}

/** Lower-case names, several values joined by a comma, as the event of API Gateway has them. */
function joinHeaders(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headersDistinct).map(([name, values = []]) => [
      name,
      values.join(name === "cookie" ? "; " : ","),
    ]),
  );
}

/**
 * The whole content of the request, or undefined when it is larger than the gateway takes. What is too much is read
 * and dropped: a client that is cut off while it sends would not see the answer.
 */
async function readPayload(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size <= MAX_PAYLOAD_BYTES) chunks.push(chunk);
  }
  return size <= MAX_PAYLOAD_BYTES ? Buffer.concat(chunks) : undefined;
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of Object.entries(CORS_HEADERS)) outgoing.setHeader(name, value);
  for (const [name, value] of response.headers) {
    if (!(name in CORS_HEADERS)) outgoing.appendHeader(name, value);
  }
  const content = Buffer.from(await response.arrayBuffer());
  // node:http does not know the length of what it leaves out for HEAD.
  if (content.byteLength > 0) outgoing.setHeader("content-length", content.byteLength);
  outgoing.end(content);
}

/** Errors that are the gateway's own, as API Gateway words them. */
function gatewayError(status: number, message: string): Response {
  return Response.json({ message }, { status });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, port)));
    server.listen(port, host, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  const remedy = "choose another with --port or PORT";
  if (error.code === "EADDRINUSE") return new StartError(`port ${port} is in use; ${remedy}`, { cause: error });
  if (error.code === "EACCES")
    return new StartError(`port ${port} is not allowed for this user; ${remedy}`, { cause: error });
  return error;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // Connections go idle one by one, as the requests under way are answered.
  const sweep = setInterval(() => server.closeIdleConnections(), CLOSE_SWEEP_MS);
  const impatience = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(impatience);
}
