import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { passing } from "../../functions/graphql/http/caching.ts";
import { chooseCoding, codingFor, compress, LEAST_COMPRESSED_BYTES } from "../../functions/http/compression.ts";
import { serve } from "../../local/http.ts";
import { lambdaRoute } from "../../local/routes.ts";
import { holds } from "../support/properties.ts";

const decoders = { br: brotliDecompressSync, gzip: gunzipSync };

describe("the coding of an answer", () => {
  test.for<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ["", undefined],
    ["br", "br"],
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["GZIP", "gzip"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip;q=1.0, br;q=0.5", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["br; q=0.2 , gzip;Q=0.3", "gzip"],
    ["deflate", undefined],
    ["*", "br"],
    ["*;q=0", undefined],
    ["br;q=0, *", "gzip"],
    ["identity", undefined],
    ["identity;q=1, br;q=0.5", undefined],
    ["identity;q=0.5, gzip;q=0.5", "gzip"],
    ["identity;q=0", undefined],
    ["br;q=nonsense", "br"],
    ["gzip;q=0", undefined],
  ])("Accept-Encoding: %s → %s", ([header, coding]) => {
    expect(chooseCoding(header)).toBe(coding);
  });

  test("is chosen from 1 KB on, counted in bytes", () => {
    const least = LEAST_COMPRESSED_BYTES;
    expect(codingFor("x".repeat(least - 1), "br")).toBeUndefined();
    expect(codingFor("x".repeat(least), "br")).toBe("br");
    expect(codingFor("数".repeat(Math.ceil(least / 3)), "br")).toBe("br");
    expect(codingFor("x".repeat(least), undefined)).toBeUndefined();
  });

  test.for(["br", "gzip"] as const)("%s brings every text back", (coding) => {
    holds(
      fc.property(fc.string({ unit: "binary", maxLength: 3000 }), (text) => {
        const well = text.toWellFormed();
        expect(decoders[coding](Buffer.from(compress(well, coding), "base64")).toString()).toBe(well);
      }),
      50,
    );
  });
});

describe("over the wire of the local server", () => {
  const body = JSON.stringify({ names: Array.from({ length: 300 }, (_, i) => `第${i}号`) });
  const headers = { "content-type": "application/json; charset=utf-8" };
  const route = lambdaRoute("graphql", async (event) =>
    passing({ statusCode: 200, headers, body, isBase64Encoded: false }, event.headers["accept-encoding"]),
  );

  test.for(["br", "gzip", "identity"] as const)("%s arrives as it was sent", async (coding) => {
    const server = await serve({ routes: { "GET /graphql": route }, port: 0 });
    const request = get(`${server.url}/graphql`, { headers: { "accept-encoding": coding }, agent: false });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const bytes = await buffer(response);
    await server.close();
    const { headers: sent } = response;
    expect(sent["content-encoding"]).toBe(coding === "identity" ? undefined : coding);
    expect(sent["content-length"]).toBe(`${bytes.byteLength}`);
    expect(sent.vary).toContain("accept-encoding");
    expect((coding === "identity" ? bytes : decoders[coding](bytes)).toString()).toBe(body);
    if (coding !== "identity") expect(bytes.byteLength).toBeLessThan(Buffer.byteLength(body) / 2);
  });
});
