import { execFile } from "node:child_process";
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { Webhook } from "standardwebhooks";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whether its answer was taken whole, once the connection knows. */
  readonly taken: Promise<boolean>;
}

/** What becomes of a request: a status, an answer, a connection that is torn down, or nothing ever. */
export type Behaviour = number | Answer | "reset" | "hang";

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Receiver {
  readonly port: number;
  readonly url: string;
  readonly received: readonly Received[];
  /** How the next requests are answered, one after the other; 204 once these are used up. */
  behave(...behaviours: readonly Behaviour[]): void;
  forget(): void;
  close(): Promise<void>;
}

export interface Certificate {
  /** Key and certificate, in PEM. */
  readonly pem: string;
}

/** What a partner runs, on a free port of this machine. */
export async function startReceiver({ certificate }: { certificate?: Certificate } = {}): Promise<Receiver> {
  const received: Received[] = [];
  let next: Behaviour[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url: path = "", headers } = request;
    const taken = new Promise<boolean>((done) => response.once("close", () => done(response.writableFinished)));
    received.push({ method, path, headers, body: await text(request), taken });
    const behaviour = next.shift() ?? 204;
    if (behaviour === "hang") return;
    if (behaviour === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    const { status, headers: sent = {}, body = "" } = typeof behaviour === "number" ? { status: behaviour } : behaviour;
    response.writeHead(status, sent).end(body);
  };
  const server = certificate
    ? https.createServer({ key: certificate.pem, cert: certificate.pem }, listener)
    : http.createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${certificate ? "https" : "http"}://localhost:${port}/hook`,
    received,
    behave: (...behaviours) => {
      next = [...behaviours];
    },
    forget: () => {
      received.length = 0;
      next = [];
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** One that its own holder signed, for a few names. */
export async function makeCertificate(...names: readonly string[]): Promise<Certificate> {
  const subject = `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`;
  const { stdout } = await promisify(execFile)("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=webhooks under test", "-addext", subject, "-keyout", "-", "-out", "-"],
  ]);
  return { pem: stdout };
}

/**
 * Reads a message as partners do, with the library of those who wrote the specification.
 * @throws an error of that library for what is not signed by this secret, or not now.
 */
export function verified(secret: string, { body, headers }: Received): Record<string, unknown> {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as Record<string, unknown>;
}
