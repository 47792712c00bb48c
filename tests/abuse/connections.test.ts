import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LocalServer, serve } from "../../local/http.ts";
import { lambdaRoute } from "../../local/routes.ts";
import { createGreetingFunction } from "../support/greeting-function.ts";

/** What can be done to a server before a request is whole, or one. */

const TIMEOUT_MS = 300;

/** Long enough for an honest request on a machine that is busy. */
const PATIENCE_MS = 1500;

let server: LocalServer;
beforeAll(async () => {
  server = await serveFor(TIMEOUT_MS);
});
afterAll(() => server.close());

function serveFor(requestTimeoutMs: number): Promise<LocalServer> {
  const { handler } = createGreetingFunction();
  return serve({ routes: { "ANY /graphql": lambdaRoute("graphql", handler) }, port: 0, requestTimeoutMs });
}

const BODY = JSON.stringify({ query: "{ requestId }" });
const head = (...lines: string[]) => ["POST /graphql HTTP/1.1", "host: localhost", ...lines, "", ""].join("\r\n");
const JSON_LINE = "content-type: application/json";
const withLength = (length: number) => head(JSON_LINE, `content-length: ${length}`);

/** Sends bytes as they are and reads until the server hangs up. */
function exchange(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect(server.port, "127.0.0.1");
  for (const part of parts) socket.write(part);
  return received(socket);
}

async function received(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
  });
  // A server that hangs up while it is still being written to makes this an error; what it said before counts.
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.on("close", resolve));
  return text;
}

const HONESTLY = "served";

async function serveHonestly({ url } = server): Promise<typeof HONESTLY> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: BODY };
  const response = await fetch(`${url}/graphql`, init);
  expect(await response.json()).toEqual({ data: { requestId: expect.any(String) } });
  return HONESTLY;
}

const close = "connection: close";
const REFUSED: readonly (readonly [name: string, status: number, ...parts: readonly (string | Uint8Array)[]])[] = [
  ["headers that never end", 408, "POST /graphql HTTP/1.1\r\nhost: localhost\r\nx-a: "],
  ["a request line that never ends", 408, "POST /graph"],
  ["a body that never comes", 408, withLength(100)],
  ["a body of which half comes", 408, withLength(BODY.length), BODY.slice(0, 10)],
  ["a body in chunks that never end", 408, head(JSON_LINE, "transfer-encoding: chunked"), '5\r\n{"que\r\n'],
  ["a length that is negative", 400, head(JSON_LINE, "content-length: -1"), BODY],
  ["a length that is no number", 400, head(JSON_LINE, "content-length: ten"), BODY],
  ["a length of 10^30", 400, head(JSON_LINE, `content-length: 1${"0".repeat(30)}`), BODY],
  ["two lengths", 400, head(JSON_LINE, "content-length: 5", "content-length: 6"), BODY],
  ["a length and chunks", 400, head(JSON_LINE, "content-length: 5", "transfer-encoding: chunked"), "0\r\n\r\n"],
  [
    "chunks under a made-up coding",
    400,
    head(JSON_LINE, "transfer-encoding: xchunked", "content-length: 5"),
    "0\r\n\r\n",
  ],
  ["a chunk whose size is no number", 400, head(JSON_LINE, "transfer-encoding: chunked", close), "zz\r\n"],
  ["a header split by a line feed", 400, head(JSON_LINE, "x-a: b\nset-cookie: c=d")],
  ["a header split by a carriage return", 400, head(JSON_LINE, "x-a: b\rset-cookie: c=d")],
  ["NUL in a header", 400, head(JSON_LINE, "x-a: b\u0000c")],
  ["a space in a header's name", 400, head(JSON_LINE, "x a: b")],
  ["a header without a name", 400, head(JSON_LINE, ": b")],
  ["a header folded over lines", 400, head(JSON_LINE, "x-a: b\r\n c: d"), ""],
  ["headers of 20 KB", 431, head(JSON_LINE, `x-a: ${"b".repeat(20 * 1024)}`)],
  ["5,000 headers", 431, head(JSON_LINE, ...Array.from({ length: 5000 }, (_, i) => `x-${i}: b`))],
  ["a target of 20 KB", 431, `GET /graphql?${"a".repeat(20 * 1024)} HTTP/1.1\r\nhost: localhost\r\n\r\n`],
  ["no version", 400, "GET /graphql\r\n\r\n"],
  ["a version to come", 400, "GET /graphql HTTP/9.9\r\nhost: localhost\r\n\r\n"],
  ["no host", 400, "GET /graphql HTTP/1.1\r\n\r\n"],
  ["a method of nobody", 400, "GETX /graphql HTTP/1.1\r\nhost: localhost\r\n\r\n"],
  ["another protocol", 400, Uint8Array.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc])],
  ["another host's address", 400, `GET http://evil.example/graphql HTTP/1.1\r\nhost: localhost\r\n${close}\r\n\r\n`],
  ["a path that climbs", 404, `GET /../../etc/passwd HTTP/1.1\r\nhost: localhost\r\n${close}\r\n\r\n`],
  ["an encoded path that climbs", 404, `GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nhost: localhost\r\n${close}\r\n\r\n`],
  ["TRACE", 404, `TRACE /graphql HTTP/1.1\r\nhost: localhost\r\n${close}\r\n\r\n`],
];

describe("on a connection", () => {
  test.for(REFUSED)("%s: %i", async ([, status, ...parts]) => {
    const answer = await exchange(...parts);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).not.toMatch(/set-cookie|node_modules|\.ts:\d/);
    await serveHonestly();
  });

  test("a hundred that send a byte now and then keep nobody waiting, and are ended", async () => {
    const patient = await serveFor(PATIENCE_MS);
    const slow = Array.from({ length: 100 }, () => connect(patient.port, "127.0.0.1"));
    const answers = slow.map(received);
    for (const socket of slow) socket.write(withLength(1000));
    const drip = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write("x");
    }, 100);
    const first = await Promise.race([...answers, serveHonestly(patient)]);
    expect(first, "served before any of them was ended").toBe(HONESTLY);
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
    await patient.close();
  });

  test("a client that goes away in the middle is forgotten", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(withLength(1000));
    socket.resetAndDestroy();
    await serveHonestly();
    expect(logged).not.toHaveBeenCalled();
    logged.mockRestore();
  });
});
