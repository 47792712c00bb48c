import { signingVersions, type WebhookRecord } from "../../portal/partners/webhook-items.ts";
import type { WebhookKeys } from "../../portal/partners/webhook-keys.ts";
import type { Outgoing } from "./send.ts";

export interface SigningOptions {
  readonly keys: WebhookKeys;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * A message as it leaves: the headers of the Standard Webhooks specification 1.0.0. The timestamp is that of the attempt,
 * so that who records one cannot send it again later.
 *
 * @throws Error when a key that its secrets are made from is gone.
 */
export function signedMessage(
  registration: WebhookRecord,
  { id, body }: { readonly id: string; readonly body: string },
  { keys, now }: SigningOptions,
): Outgoing {
  const at = now();
  const timestamp = Math.floor(at / 1000);
  const versions = signingVersions(registration, at);
  return {
    url: registration.url,
    headers: {
      "content-type": "application/json",
      "user-agent": "Gazetteer-Webhooks/1",
      "webhook-id": id,
      "webhook-timestamp": `${timestamp}`,
      "webhook-signature": keys.sign({ registration: registration.id, versions, id, timestamp, body }),
    },
    body,
  };
}
