/** What lies in the queue: one release for one webhook. The body is what is sent and signed, to the byte. */
export interface QueuedRelease {
  readonly webhook: string;
  readonly release: number;
  /** The header webhook-id. */
  readonly id: string;
  readonly body: string;
}

export class UnreadableMessageError extends Error {
  override readonly name = "UnreadableMessageError";
}

/** @throws UnreadableMessageError for what the announcer did not put into the queue. */
export function readQueued(text: string): QueuedRelease {
  const { webhook, release, id, body } = parse(text);
  if (
    typeof webhook === "string" &&
    Number.isSafeInteger(release) &&
    typeof id === "string" &&
    typeof body === "string"
  ) {
    return { webhook, release: release as number, id, body };
  }
  throw new UnreadableMessageError("the message is not about a release and a webhook");
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    throw new UnreadableMessageError("the message is not JSON");
  }
}
