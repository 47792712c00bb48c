import ipaddr from "ipaddr.js";

/**
 * Whether an address is one of the public internet's, to which anybody may be made to send. Everything else is refused,
 * whatever it is for: private and link-local networks (and in them what a cloud tells its machines), loopback, shared
 * address space, multicast, documentation, and the forms of IPv6 that carry an IPv4 address, which lead elsewhere than
 * they say: mapped, NAT64, 6to4, Teredo. IANA's special-purpose registries: RFC 6890 and what came after it.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== "unicast") return false;
  // IANA has given out no other global unicast addresses than 2000::/3 yet (RFC 4291, 2.4).
  return parsed.kind() === "ipv4" || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}

export function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === "loopback";
}
