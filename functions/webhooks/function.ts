import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { WebhookKeys } from "../../portal/partners/webhook-keys.ts";
import { WebhookRegister } from "../../portal/partners/webhook-register.ts";
import type { CallScope } from "../../portal/store/calls.ts";
import { Meter } from "../../portal/store/meter.ts";
import type { Store } from "../../portal/store/store.ts";
import type { DeadLetterBox } from "../dead-letters.ts";
import { readableStack } from "../stack.ts";
import { type AnnounceOutcome, Announcer } from "./announce.ts";
import { type DeliveryOptions, deliver } from "./deliver.ts";
import type { MessageQueue } from "./queue.ts";
import type { SendOptions } from "./send.ts";

export interface WebhooksFunctionOptions {
  readonly store: Store;
  /** The name of the table of partners. */
  readonly partners: string;
  readonly keys: WebhookKeys;
  readonly queue: MessageQueue;
  readonly deadLetters: DeadLetterBox;
  readonly portalUrl: string;
  readonly sending: SendOptions;
  /** Milliseconds after each attempt; those of `attempts.ts` when left out. */
  readonly pauses?: readonly number[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Takes one line of JSON per attempt, per announcement and per failure. */
  readonly log: (line: string) => void;
}

export type WebhooksHandler = (event: unknown, context: Context) => Promise<SQSBatchResponse | AnnounceOutcome>;

/** Kept back of an invocation's time: to answer. */
const RESERVE_MS = 2000;

/**
 * The webhooks function with everything that it depends on passed in. Messages of its queue are sent, all of a batch at
 * the same time, and each of them answered for by itself (ReportBatchItemFailures). Any other event, whatever it says,
 * lets it look for a new release and announce it.
 */
export function webhooksFunction(options: WebhooksFunctionOptions): WebhooksHandler {
  const { store, partners: table, sending, now, randomBytes, log } = options;
  const register = new WebhookRegister({ store, table, now, randomBytes, allowLocal: sending.allowLocal });
  const announcer = new Announcer({ ...options, table, register });
  return async (event, context) => {
    const scope: CallScope = {
      meter: new Meter(),
      signal: AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - RESERVE_MS, 0)),
    };
    const say = (fields: object) => log(JSON.stringify({ ...fields, requestId: context.awsRequestId }));
    if (isOfQueue(event)) return deliverAll({ ...options, register }, event, scope, say);
    const outcome = await announcer.announce(scope);
    // Each minute the same would be said of nothing.
    if (outcome.status !== "CURRENT") say({ level: "INFO", message: "announced", ...outcome });
    return outcome;
  };
}

function isOfQueue(event: unknown): event is SQSEvent {
  return Array.isArray((event as Partial<SQSEvent> | null)?.Records);
}

async function deliverAll(
  options: DeliveryOptions,
  { Records }: SQSEvent,
  scope: CallScope,
  say: (fields: object) => void,
): Promise<SQSBatchResponse> {
  const dealtWith = await Promise.all(
    Records.map(async (record) => {
      const sayOf = (fields: object) => say({ ...fields, messageId: record.messageId });
      try {
        return await deliver(options, record, scope, sayOf);
      } catch (error) {
        sayOf({ level: "ERROR", message: "a message failed unexpectedly", error: describe(error) });
        return false;
      }
    }),
  );
  const failed = Records.filter((_, i) => !dealtWith[i]);
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return { name, message, stack: readableStack(stack ?? ""), ...(cause === undefined ? {} : { cause: String(cause) }) };
}
