import http from "node:http";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Address } from "../../functions/webhooks/addresses.ts";
import { type SendOptions, send } from "../../functions/webhooks/send.ts";
import { type Certificate, makeCertificate, type Receiver, startReceiver } from "./support/receiver.ts";

const HOST = "hooks.partner.org";
const PUBLIC: Address = { address: "93.184.216.34", family: 4 };
const INSIDE: Address = { address: "169.254.169.254", family: 4 };

let certificate: Certificate;
let receiver: Receiver;
let plain: Receiver;
beforeAll(async () => {
  certificate = await makeCertificate(HOST, "localhost");
  receiver = await startReceiver({ certificate });
  plain = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await plain.close();
});
afterEach(() => {
  vi.restoreAllMocks();
  receiver.forget();
  plain.forget();
});

interface Dialled {
  readonly host: unknown;
  readonly port: unknown;
  readonly addresses: readonly string[];
}

/**
 * The internet, in which every public address is that of the receiver: it is told where connections are to go, by asking
 * as the connection itself would.
 */
function internet(): Dialled[] {
  const dialled: Dialled[] = [];
  const { connect } = tls;
  vi.spyOn(tls, "connect").mockImplementation(((options: tls.ConnectionOptions) => {
    const { host = "", port, lookup } = options;
    const addresses: string[] = [];
    lookup?.(host, { all: true }, (_error, found) =>
      addresses.push(...[found].flat().map((each) => Object(each).address)),
    );
    dialled.push({ host, port, addresses });
    return connect({
      ...options,
      port: receiver.port,
      lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
    });
  }) as typeof tls.connect);
  return dialled;
}

const post = (url: string, options: Partial<SendOptions> = {}) =>
  send(
    { url, headers: { "webhook-id": "1" }, body: "{}" },
    { allowLocal: false, ca: certificate.pem, timeoutMs: 2000, ...options },
  );

describe("a name that resolves", () => {
  test("to public addresses is connected to at exactly these", async () => {
    const dialled = internet();
    const other = { address: "2606:4700::1111", family: 6 };
    expect(await post(`https://${HOST}/hook`, { resolve: async () => [PUBLIC, other] })).toEqual({
      arrived: true,
      status: 204,
    });
    expect(dialled).toEqual([{ host: HOST, port: 443, addresses: [PUBLIC.address, other.address] }]);
    expect(receiver.received).toMatchObject([{ path: "/hook", headers: { host: HOST }, body: "{}" }]);
  });

  test("to a public address first and to one inside when it is connected to, is connected to at the first", async () => {
    const dialled = internet();
    const resolve = vi.fn(async () => [INSIDE]).mockResolvedValueOnce([PUBLIC]);
    expect(await post(`https://${HOST}/`, { resolve })).toMatchObject({ arrived: true });
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(dialled).toMatchObject([{ addresses: [PUBLIC.address] }]);
    // The next message looks again, and finds out.
    expect(await post(`https://${HOST}/`, { resolve })).toEqual({
      arrived: false,
      reason: "its host has an address that is not public",
    });
    expect(dialled).toHaveLength(1);
  });

  test.for([[[INSIDE]], [[PUBLIC, INSIDE]], [[PUBLIC, { address: "::ffff:10.0.0.1", family: 6 }]], [[]]] as const)(
    "to %j is not connected to at all",
    async ([addresses]) => {
      const dialled = internet();
      const outcome = await post(`https://${HOST}/`, { resolve: async () => addresses });
      expect(outcome).toMatchObject({ arrived: false, reason: expect.stringMatching(/^its host has/) });
      expect(dialled).toEqual([]);
    },
  );

  test("too late is given up", async () => {
    const never = new Promise<never>(() => undefined);
    const outcome = await post(`https://${HOST}/`, { resolve: () => never, timeoutMs: 50 });
    expect(outcome).toEqual({ arrived: false, reason: "it did not answer within 0.05 s" });
  });

  test("is the name that the certificate has to be of", async () => {
    internet();
    expect(await post("https://other.partner.org/", { resolve: async () => [PUBLIC] })).toEqual({
      arrived: false,
      reason: "no connection came about, or it broke (ERR_TLS_CERT_ALTNAME_INVALID)",
    });
    const untrusting = { allowLocal: false, resolve: async () => [PUBLIC] };
    const outcome = await send({ url: `https://${HOST}/`, headers: {}, body: "" }, untrusting);
    expect(outcome).toMatchObject({ arrived: false, reason: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT") });
    expect(receiver.received).toEqual([]);
  });
});

describe("this machine", () => {
  test.for(["http", "https"])("is sent to by %s with the local switch", async (scheme) => {
    const target = scheme === "https" ? receiver : plain;
    expect(await post(target.url, { allowLocal: true })).toEqual({ arrived: true, status: 204 });
    expect(target.received).toHaveLength(1);
  });

  test.for(["localhost", "127.0.0.1", "[::ffff:127.0.0.1]"])("is not without it, as %s", async (host) => {
    for (const { port } of [receiver, plain]) {
      for (const scheme of ["http", "https"]) {
        expect(await post(`${scheme}://${host}:${port}/`)).toMatchObject({ arrived: false });
      }
    }
    expect([receiver.received, plain.received]).toEqual([[], []]);
  });

  test("is not by a public name either", async () => {
    const dialled = internet();
    const outcome = await post("https://127.0.0.1.nip.io/", {
      resolve: async () => [{ address: "127.0.0.1", family: 4 }],
    });
    expect(outcome).toEqual({ arrived: false, reason: "its host has an address that is not public" });
    expect(dialled).toEqual([]);
  });
});

describe("an answer", () => {
  const local = (options: Partial<SendOptions> = {}) => post(plain.url, { allowLocal: true, ...options });

  test.for([301, 302, 303, 307, 308])("of %s is a failure, and nobody goes where it leads", async (status) => {
    plain.behave({ status, headers: { location: `${plain.url}/elsewhere` } });
    expect(await local()).toEqual({ arrived: false, reason: `it answered ${status}; redirects are not followed` });
    expect(plain.received).toHaveLength(1);
  });

  test("says by its status whether the message arrived, and by Retry-After when to come again", async () => {
    plain.behave(200, 202, 299, 404, { status: 429, headers: { "retry-after": "120" } });
    const outcomes = [await local(), await local(), await local(), await local(), await local()];
    expect(outcomes).toEqual([
      ...[200, 202, 299].map((status) => ({ arrived: true, status })),
      { arrived: false, reason: "it answered 404" },
      { arrived: false, reason: "it answered 429", retryAfterMs: 120_000 },
    ]);
  });

  test("of any length is cut off, and its words go nowhere", async () => {
    plain.behave({ status: 200, body: Buffer.alloc(50_000_000) }, { status: 500, body: "secret words" });
    expect(await local()).toEqual({ arrived: true, status: 200 });
    expect(await local()).toEqual({ arrived: false, reason: "it answered 500" });
    expect(await Promise.all(plain.received.map(({ taken }) => taken))).toEqual([false, true]);
  });

  test("with an endless head, none at all, or none in time is a failure", async () => {
    plain.behave({ status: 200, headers: { "x-long": "x".repeat(12_000) } }, "reset", "hang");
    expect(await local()).toEqual({
      arrived: false,
      reason: "no connection came about, or it broke (HPE_HEADER_OVERFLOW)",
    });
    expect(await local()).toEqual({ arrived: false, reason: "no connection came about, or it broke (ECONNRESET)" });
    expect(await local({ timeoutMs: 50 })).toEqual({ arrived: false, reason: "it did not answer within 0.05 s" });
  });

  test("comes from the receiver, whatever proxies the process is told to use", async () => {
    const { globalAgent } = http;
    http.globalAgent = new http.Agent({ proxyEnv: { HTTP_PROXY: "http://127.0.0.1:1" } });
    try {
      expect(await local()).toEqual({ arrived: true, status: 204 });
    } finally {
      http.globalAgent = globalAgent;
    }
  });
});
