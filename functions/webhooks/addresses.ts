import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { isLoopbackAddress, isPublicAddress } from "../../portal/partners/webhook-address.ts";
import { bare } from "../../portal/partners/webhook-url.ts";
import { UnreachableError } from "./unreachable.ts";

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

export const systemResolve: Resolve = (host) => lookup(host, { all: true });

/**
 * The addresses of a host, every one of which may be connected to. This is the only time that the name is looked up:
 * a name server that answers something else a moment later (DNS rebinding) is not asked.
 *
 * @throws UnreachableError when there is none, or when any of them is not public.
 */
export async function checkedAddresses(
  host: string,
  { resolve, allowLocal }: { readonly resolve: Resolve; readonly allowLocal: boolean },
): Promise<readonly Address[]> {
  const addresses = await resolve(bare(host)).catch(() => []);
  if (addresses.length === 0) throw new UnreachableError("its host has no address");
  const mayBeSentTo = ({ address }: Address) => isPublicAddress(address) || (allowLocal && isLoopbackAddress(address));
  // One that leads inside makes all of them suspect.
  if (!addresses.every(mayBeSentTo)) throw new UnreachableError("its host has an address that is not public");
  return addresses;
}

/** What a connection takes for the answer of the name server. */
export function pinned(addresses: readonly Address[]): LookupFunction {
  return (_host, options, done) => {
    const [first] = addresses;
    if (options.all) done(null, [...addresses]);
    else done(null, first?.address ?? "", first?.family);
  };
}
