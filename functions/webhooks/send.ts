import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import http from "node:http";
import https from "node:https";
import { webhookUrl } from "../../portal/partners/webhook-url.ts";
import { checkedAddresses, pinned, type Resolve, systemResolve } from "./addresses.ts";
import { UnreachableError } from "./unreachable.ts";

export interface SendOptions {
  /** Whether webhooks of this machine are sent to: `WebhookUrlRules`. */
  readonly allowLocal: boolean;
  readonly resolve?: Resolve;
  /** Certificates to trust in place of the usual ones. */
  readonly ca?: string;
  /** From the first look-up to the head of the answer. */
  readonly timeoutMs?: number;
}

export interface Outgoing {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type SendOutcome =
  | { readonly arrived: true; readonly status: number }
  | {
      readonly arrived: false;
      /** For people; nothing in it is the receiver's words. */
      readonly reason: string;
      /** Milliseconds that the receiver asks for, by Retry-After. */
      readonly retryAfterMs?: number;
      /** The receiver wants no more of them: 410. */
      readonly gone?: boolean;
    };

/** A receiver is to take the message in and to work on it afterwards. */
const TIMEOUT_MS = 5000;
const MAX_ANSWER_HEAD_BYTES = 8192;
/** Of an answer's body, which nobody looks at: a short one is let in so that the connection ends in peace. */
const MAX_ANSWER_BYTES = 1024;

/**
 * Posts a message once: to the addresses that were looked at, on a connection of its own, past proxies, following
 * nobody anywhere.
 */
export async function send(message: Outgoing, options: SendOptions): Promise<SendOutcome> {
  const { timeoutMs = TIMEOUT_MS, allowLocal, resolve = systemResolve } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    // Rules may have become stricter since it was registered, and a table may hold what no command has put there.
    const url = webhookUrl(message.url, { allowLocal });
    const addresses = await inTime(checkedAddresses(url.hostname, { resolve, allowLocal }), signal);
    const answer = await post(url, message, { lookup: pinned(addresses), signal, ...certificates(options) });
    return outcomeOf(answer);
  } catch (error) {
    const reason = signal.aborted ? `it did not answer within ${timeoutMs / 1000} s` : reasonOf(error);
    return { arrived: false, reason };
  }
}

function certificates({ ca }: SendOptions): RequestOptions & { ca?: string } {
  return ca === undefined ? {} : { ca };
}

/** Resolves with the head of the answer; by then its body is let in or cut off. */
function post(url: URL, { headers, body }: Outgoing, options: RequestOptions): Promise<IncomingMessage> {
  const content = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const { request, Agent } = url.protocol === "https:" ? https : http;
    const sent: ClientRequest = request(url, {
      ...options,
      method: "POST",
      // An agent of its own keeps no connection that an earlier look-up led to, and knows no proxy of the environment.
      agent: new Agent({ keepAlive: false }),
      maxHeaderSize: MAX_ANSWER_HEAD_BYTES,
      headers: { ...headers, "content-length": content.length },
    });
    sent.on("error", reject);
    sent.on("response", (answer) => {
      let bytes = 0;
      answer.on("data", (part: Buffer) => {
        bytes += part.length;
        if (bytes > MAX_ANSWER_BYTES) answer.destroy();
      });
      // What becomes of the rest of an answer changes nothing.
      answer.on("error", () => undefined);
      resolve(answer);
    });
    sent.end(content);
  });
}

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage): SendOutcome {
  if (status >= 200 && status < 300) return { arrived: true, status };
  if (status === 410) return { arrived: false, reason: "it answered 410: it wants no more of them", gone: true };
  if (status >= 300 && status < 400)
    return { arrived: false, reason: `it answered ${status}; redirects are not followed` };
  const seconds = Number(/^\d{1,9}$/.exec(headers["retry-after"] ?? "")?.[0] ?? Number.NaN);
  const asked = Number.isNaN(seconds) ? {} : { retryAfterMs: seconds * 1000 };
  return { arrived: false, reason: `it answered ${status}`, ...asked };
}

/** The look-up itself cannot be called off. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(signal.reason);
    signal.addEventListener("abort", late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", late));
  });
}

/** Texts of the network's own errors hold addresses; their codes do not. */
function reasonOf(error: unknown): string {
  if (error instanceof UnreachableError) return error.message;
  if (!(error instanceof Error)) return "it could not be reached";
  if (error.name === "PortalError") return error.message;
  const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
  return `no connection came about, or it broke${code}`;
}
