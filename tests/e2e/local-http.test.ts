import { Agent, request as httpRequest } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { LambdaHandler } from "../../local/events.ts";
import { type LocalServer, serve } from "../../local/http.ts";
import { lambdaRoute, type Routes } from "../../local/routes.ts";
import { StartError } from "../../local/start-error.ts";

/** A function that answers with what it was given. */
const echo: LambdaHandler = async (event, context) => ({
  statusCode: 200,
  headers: { "content-type": "application/json", "x-time-left": context.getRemainingTimeInMillis() },
  cookies: ["a=1; Path=/", "b=2"],
  body: JSON.stringify({ event, awsRequestId: context.awsRequestId, functionName: context.functionName }),
});

const bytes: LambdaHandler = async () => ({
  headers: { "content-type": "image/png" },
  body: Buffer.from([0x89, 0x50, 0xff]).toString("base64"),
  isBase64Encoded: true,
});

const routes: Routes = {
  "ANY /echo": lambdaRoute("echo", echo),
  "GET /regions/{code}/series/{metric}": lambdaRoute("echo", echo),
  "GET /regions/own/series/{metric}": lambdaRoute("own", echo),
  "GET /files/{path+}": lambdaRoute("echo", echo),
  "GET /bytes": lambdaRoute("bytes", bytes),
  "DELETE /nothing": lambdaRoute("nothing", async () => ({ statusCode: 204 })),
  "GET /broken": lambdaRoute("broken", () => Promise.reject(new Error("on fire"))),
  "GET /slow": lambdaRoute("slow", async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { body: "done" };
  }),
};

interface Echo {
  readonly event: APIGatewayProxyEventV2;
  readonly awsRequestId: Context["awsRequestId"];
  readonly functionName: string;
}

let server: LocalServer;
beforeAll(async () => {
  server = await serve({ routes, port: 0 });
});
afterAll(() => server.close());

const call = (path: string, init?: RequestInit) => fetch(server.url + path, init);
const echoed = async (path: string, init?: RequestInit) => (await (await call(path, init)).json()) as Echo;

test("pages of other origins may ask and read, as behind API Gateway and CloudFront", async () => {
  const asked = { origin: "https://app.example.org", "access-control-request-method": "POST" };
  const preflight = await call("/echo", { method: "OPTIONS", headers: asked });
  expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
  expect(preflight.headers.get("access-control-allow-headers")?.split(",")).toContain("x-api-key");
  for (const path of ["/echo", "/nowhere"]) {
    const { headers } = await call(path, { headers: { origin: asked.origin } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-expose-headers")?.split(",")).toContain("x-gazetteer-release");
  }
  expect((await echoed("/echo", { method: "OPTIONS" })).event.requestContext.http.method).toBe("OPTIONS");
});

describe("the event", () => {
  test("has the path, the query and the headers of the request", async () => {
    const { event } = await echoed("/echo?a=1&b=x%20y&a=2&%E8%B4%B5=%E9%98%B3", {
      headers: { "X-Reader": "one", cookie: "c=1; d=2" },
    });
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "ANY /echo",
      rawPath: "/echo",
      rawQueryString: "a=1&b=x%20y&a=2&%E8%B4%B5=%E9%98%B3",
      queryStringParameters: { a: "1,2", b: "x y", 贵: "阳" },
      cookies: ["c=1", "d=2"],
      headers: { "x-reader": "one", host: new URL(server.url).host },
      requestContext: {
        http: { method: "GET", path: "/echo", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
        routeKey: "ANY /echo",
        stage: "$default",
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty("cookie");
    expect(event).not.toHaveProperty("body");
    expect(event).not.toHaveProperty("pathParameters");
  });

  test("joins headers that are sent more than once", async () => {
    const body = await new Promise<string>((resolve, reject) => {
      const headers = ["x-many", "one", "X-Many", "two", "host", "localhost"];
      const sent = httpRequest({ port: server.port, host: "127.0.0.1", path: "/echo", headers }, async (answer) =>
        resolve(Buffer.concat(await answer.toArray()).toString()),
      );
      sent.on("error", reject).end();
    });
    expect(JSON.parse(body).event.headers["x-many"]).toBe("one,two");
  });

  test.for([
    ["application/json", "{}", "{}", false],
    ["Application/JSON; charset=utf-8", '"贵阳"', '"贵阳"', false],
    ["text/csv", "a,b", "a,b", false],
    ["application/octet-stream", "abc", "YWJj", true],
    ["application/graphql-response+json", "{}", "e30=", true],
    ["application/json", new Uint8Array([0x22, 0xff, 0x22]), "Iv8i", true],
  ] as const)("%s: %s", async ([contentType, body, expected, isBase64Encoded]) => {
    const { event } = await echoed("/echo", { method: "POST", headers: { "content-type": contentType }, body });
    expect(event).toMatchObject({ body: expected, isBase64Encoded });
  });

  test("comes with a context that knows its deadline", async () => {
    const response = await call("/echo");
    const left = Number(response.headers.get("x-time-left"));
    expect(left).toBeGreaterThan(29_000);
    expect(left).toBeLessThanOrEqual(30_000);
    expect(await response.json()).toMatchObject({
      functionName: "echo",
      awsRequestId: expect.stringMatching(/^[\w-]{36}$/),
    });
  });
});

describe("the answer", () => {
  test("has the headers and the cookies of the result", async () => {
    const response = await call("/echo");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
  });

  test("is bytes where the result is base64-encoded", async () => {
    const response = await call("/bytes");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0x89, 0x50, 0xff]));
  });

  test("may be empty", async () => {
    const response = await call("/nothing", { method: "DELETE" });
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  test("of HEAD has no content but its length", async () => {
    const response = await call("/bytes", { method: "HEAD" });
    expect([response.status, response.headers.get("content-length"), await response.text()]).toEqual([200, "3", ""]);
  });

  test("of a function that throws is the gateway's own", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const response = await call("/broken");
    expect([response.status, await response.json()]).toEqual([500, { message: "Internal Server Error" }]);
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ message: "on fire" }));
    logged.mockRestore();
  });
});

describe("routes", () => {
  test.for([
    ["/regions/52/series/gdp", { code: "52", metric: "gdp" }, "echo"],
    ["/regions/own/series/gdp", { metric: "gdp" }, "own"],
    ["/regions/CN%2F52/series/100%25", { code: "CN/52", metric: "100%" }, "echo"],
    ["/regions/%/series/gdp", { code: "%", metric: "gdp" }, "echo"],
    ["/files/a/b.csv", { path: "a/b.csv" }, "echo"],
  ] as const)("%s", async ([path, pathParameters, functionName]) => {
    const answer = await echoed(path);
    expect(answer.event.pathParameters).toEqual(pathParameters);
    expect(answer.functionName).toBe(functionName);
  });

  test.for([
    ["GET", "/"],
    ["GET", "/echo/"],
    ["GET", "/Echo"],
    ["GET", "/regions//series/gdp"],
    ["GET", "/files/"],
    ["POST", "/bytes"],
    ["OPTIONS", "/bytes"],
  ] as const)("%s %s is not found", async ([method, path]) => {
    const response = await call(path, { method });
    expect([response.status, await response.json()]).toEqual([404, { message: "Not Found" }]);
  });

  test("a key that is none stops the start", async () => {
    await expect(serve({ routes: { "GET echo": async () => new Response() }, port: 0 })).rejects.toThrow("GET echo");
  });
});

describe("limits", () => {
  test("a payload of 10 MB passes, one byte more does not", async () => {
    const limit = 10 * 1024 * 1024;
    const post = (size: number) => call("/echo", { method: "POST", body: new Uint8Array(size) });
    expect((await post(limit)).status).toBe(200);
    expect((await post(limit + 1)).status).toBe(413);
  });

  test("a client that goes away while it sends is no failure", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const headers = { "content-length": 1_000 };
    const sent = httpRequest({ port: server.port, host: "127.0.0.1", method: "POST", path: "/echo", headers });
    sent.on("error", () => {});
    sent.write("half of it", () => sent.destroy());
    await new Promise((resolve) => sent.on("close", resolve));
    expect((await call("/echo")).status).toBe(200);
    expect(logged).not.toHaveBeenCalled();
    logged.mockRestore();
  });

  test("a target that is no path is refused", async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = httpRequest({ port: server.port, host: "127.0.0.1", method: "OPTIONS", path: "*" }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("error", reject).end();
    });
    expect(status).toBe(400);
  });
});

describe("start and end", () => {
  test("a port in use is a clear error", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const failure = await serve({ routes, port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect(failure).toMatchObject({
      message: `port ${port} is in use; choose another with --port or PORT`,
      exitCode: 1,
    });
    await new Promise((resolve) => other.close(resolve));
  });

  test("closing waits for requests under way and ends idle connections", async () => {
    const closing = await serve({ routes, port: 0 });
    const agent = new Agent({ keepAlive: true });
    const get = (path: string) =>
      new Promise<string>((resolve, reject) => {
        httpRequest({ agent, port: closing.port, host: "127.0.0.1", path }, async (answer) =>
          resolve(Buffer.concat(await answer.toArray()).toString()),
        )
          .on("error", reject)
          .end();
      });
    await get("/echo");
    const slow = get("/slow");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await closing.close();
    expect(await slow).toBe("done");
    await expect(get("/echo")).rejects.toThrow();
    agent.destroy();
  });
});
