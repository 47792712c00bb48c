import { randomBytes } from "node:crypto";
import type { DeadLetter } from "../functions/dead-letters.ts";
import type { AnnounceOutcome } from "../functions/webhooks/announce.ts";
import {
  type WebhooksFunctionOptions,
  type WebhooksHandler,
  webhooksFunction,
} from "../functions/webhooks/function.ts";
import { createLambdaContext } from "./events.ts";
import { LocalQueue, type QueuedMessage } from "./queue.ts";

export interface LocalWebhooksOptions
  extends Pick<WebhooksFunctionOptions, "store" | "partners" | "keys" | "sending" | "pauses"> {
  readonly portalUrl?: string;
  readonly now?: () => number;
  readonly log?: (line: string) => void;
  readonly maxReceives?: number;
  /** How long a message stays invisible that failed unexpectedly, in milliseconds. */
  readonly redeliverAfterMs?: number;
  /** Invocations at a time. */
  readonly concurrency?: number;
}

export interface LocalWebhooks {
  readonly handler: WebhooksHandler;
  /** Messages that the function gave up, and messages that were delivered too often. */
  readonly deadLetters: readonly (DeadLetter | QueuedMessage)[];
  /** What the schedule does once a minute. */
  announce(): Promise<AnnounceOutcome>;
  /** Puts a message into the queue as it is. */
  send(body: string): void;
  /** Resolves once everything that was put so far is dealt with. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** The webhooks function with a queue of this machine behind it. */
export function startWebhooks(options: LocalWebhooksOptions): LocalWebhooks {
  const { portalUrl = "", now = Date.now, log = () => undefined } = options;
  const { maxReceives = 20, redeliverAfterMs = 1000, concurrency = 4 } = options;
  const letters: DeadLetter[] = [];
  const invoke = (event: unknown) =>
    handler(event, { ...createLambdaContext("webhooks"), getRemainingTimeInMillis: () => 30_000 });
  const queue = new LocalQueue({
    deliver: async (event) => (await invoke(event)) as Awaited<ReturnType<LocalDelivery>>,
    ...{ maxReceives, redeliverAfterMs, concurrency },
  });
  const handler = webhooksFunction({
    ...{ ...options, portalUrl, now, log, randomBytes },
    random: Math.random,
    queue: {
      send: async (bodies) => {
        for (const body of bodies) queue.send(body);
      },
      postpone: async (receiptHandle, ms) => queue.changeVisibility(receiptHandle, ms),
    },
    deadLetters: async (letter) => void letters.push(letter),
  });
  return {
    handler,
    get deadLetters() {
      return [...letters, ...queue.deadLetters];
    },
    announce: async () => (await invoke({})) as AnnounceOutcome,
    send: (body) => queue.send(body),
    idle: () => queue.idle(),
    close: () => queue.close(),
  };
}

type LocalDelivery = ConstructorParameters<typeof LocalQueue>[0]["deliver"];
