import type { RemotePortal } from "./commands/pull.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The portal that a command asks over HTTP.
 * @throws UsageError where it is not said, or no address.
 */
export function remotePortal(
  { url, key }: { readonly url: string | undefined; readonly key: string | undefined },
  { GAZETTEER_URL, GAZETTEER_KEY }: NodeJS.ProcessEnv,
): RemotePortal {
  const given = url ?? GAZETTEER_URL;
  if (!given) throw new UsageError("Say which portal: --url and its address, or GAZETTEER_URL.");
  const address = URL.parse(given);
  if (!address || !/^https?:$/.test(address.protocol))
    throw new UsageError(`--url has to be an address, not "${given}".`);
  return { url: `${address.origin}${address.pathname}`.replace(/\/+$/, ""), key: key ?? (GAZETTEER_KEY || undefined) };
}
