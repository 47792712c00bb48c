import { isIP } from "node:net";
import { PortalError } from "../errors.ts";
import { isLoopbackAddress } from "./webhook-address.ts";

export interface WebhookUrlRules {
  /**
   * Lets in this machine as well, by http too and at any port: for trying things out, never for a portal that others
   * can reach.
   */
  readonly allowLocal: boolean;
}

const MAX_LENGTH = 2048;
const MAX_HOST = 253;
/** What serves https elsewhere is not meant for the world. */
export const WEBHOOK_PORTS: readonly string[] = ["443", "8443"];

/** Names that mean something only inside somebody's network, or nothing at all (RFC 6761, 6762, 8375, 9476, ICANN). */
const LOCAL_DOMAINS: ReadonlySet<string> = new Set([
  ...["localhost", "localdomain", "local", "internal", "intranet", "private", "lan", "home", "corp"],
  ...["arpa", "onion", "alt", "invalid"],
]);

/**
 * The address of a webhook, as it is kept. This is the half of the guard that needs no network; what the host's name
 * leads to is looked at each time that something is sent.
 *
 * @throws PortalError `BAD_USER_INPUT` that says what is wrong with it.
 */
export function webhookUrl(text: string, { allowLocal }: WebhookUrlRules): URL {
  // URL parsers forgive what follows, each in a way of its own: two readers must not see two hosts in one text.
  if (/[\s\\\p{Cc}\p{Cf}]/u.test(text)) throw refused("it has spaces, backslashes or characters that cannot be seen");
  if (/^https?:\/\/[^/?#]*@/i.test(text)) throw refused("it has a user name or password");
  const url = /^https?:\/\/[^/]/i.test(text) ? URL.parse(text) : null;
  if (url === null) throw refused("it is no https URL");
  if (url.href.length > MAX_LENGTH) throw refused(`it has more than ${MAX_LENGTH} characters`);
  if (url.hash !== "" || text.includes("#")) throw refused("it has a fragment, which is never sent");
  if (allowLocal && isLocalHost(url.hostname)) return url;
  if (url.protocol !== "https:") throw refused("only https is sent to");
  if (!WEBHOOK_PORTS.includes(url.port || "443"))
    throw refused(`only the ports ${WEBHOOK_PORTS.join(" and ")} are sent to`);
  checkHost(url.hostname);
  return url;
}

/** As URL gives it: lower case, punycode, every notation of an IPv4 address turned into the usual one. */
function checkHost(host: string): void {
  if (isIP(bare(host)) !== 0) throw refused("it has an address where the name of a host belongs");
  const labels = host.split(".");
  if (labels.length < 2 || labels.includes("")) throw refused("its host is no full name");
  if (host.length > MAX_HOST || !labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label))) {
    throw refused("its host is no name that can be looked up");
  }
  if (LOCAL_DOMAINS.has(labels.at(-1) ?? "")) throw refused("its host is one of a private network");
}

function isLocalHost(host: string): boolean {
  return host === "localhost" || isLoopbackAddress(bare(host));
}

/** IPv6 addresses stand in brackets in URLs. */
export function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

function refused(why: string): PortalError {
  return new PortalError("BAD_USER_INPUT", `this URL cannot be a webhook: ${why}`);
}
