import type { SQSRecord } from "aws-lambda";
import { afterDelivery, afterFailure, disabled, type WebhookRecord } from "../../portal/partners/webhook-items.ts";
import type { WebhookKeys } from "../../portal/partners/webhook-keys.ts";
import type { WebhookRegister } from "../../portal/partners/webhook-register.ts";
import type { CallScope } from "../../portal/store/calls.ts";
import type { DeadLetterBox } from "../dead-letters.ts";
import { DISABLED_AFTER_MS, pauseAfter } from "./attempts.ts";
import { type QueuedRelease, readQueued, UnreadableMessageError } from "./messages.ts";
import type { MessageQueue } from "./queue.ts";
import { type SendOptions, send } from "./send.ts";
import { signedMessage } from "./signed-message.ts";

export interface DeliveryOptions {
  readonly register: WebhookRegister;
  readonly keys: WebhookKeys;
  readonly queue: MessageQueue;
  readonly deadLetters: DeadLetterBox;
  readonly sending: SendOptions;
  /** Milliseconds after each attempt; as many attempts as pauses, and one. */
  readonly pauses?: readonly number[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A number in [0, 1) that spreads attempts. */
  readonly random: () => number;
}

/** Takes what is to be logged. */
export type Say = (fields: object) => void;

/**
 * Sends one message of the queue to its webhook, and notes how that went.
 *
 * @returns whether the message is dealt with; it comes again otherwise.
 */
export async function deliver(
  options: DeliveryOptions,
  record: SQSRecord,
  scope: CallScope,
  say: Say,
): Promise<boolean> {
  const { register, deadLetters } = options;
  const giveUp = async (reason: string) => {
    say({ level: "ERROR", message: "dead letter", reason });
    await deadLetters({ body: record.body, reason });
    return true;
  };
  const message = read(record.body);
  if (message instanceof UnreadableMessageError) return giveUp(message.message);
  const { webhook, release } = message;
  const registration = await register.find(webhook, scope);
  if (!registration || registration.delivered.includes(release)) {
    const why = registration ? "it was told already" : "it was removed";
    say({ level: "INFO", message: "nothing to send", webhook, release, why });
    return true;
  }
  if (registration.disabledAt !== null) return giveUp(`${webhook} is disabled: ${registration.disabledBecause}`);
  const outcome = await send(signedMessage(registration, message, options), options.sending);
  const attempt = Number(record.attributes.ApproximateReceiveCount);
  say({ level: "INFO", message: outcome.arrived ? "sent" : "not sent", webhook, release, attempt, ...outcome });
  if (outcome.arrived) {
    await noteArrival(options, message, scope, say);
    return true;
  }
  const asked = outcome.retryAfterMs === undefined ? {} : { askedMs: outcome.retryAfterMs };
  const pause = pauseAfter(attempt, { ...options, ...asked, random: options.random() });
  const isLast = pause === undefined || outcome.gone === true;
  await noteFailure(options, message, { reason: outcome.reason, gone: outcome.gone === true, isLast }, scope, say);
  if (isLast) return giveUp(`${webhook} of ${registration.name}: ${outcome.reason}`);
  await options.queue.postpone(record.receiptHandle, pause);
  return false;
}

function read(body: string): QueuedRelease | UnreadableMessageError {
  try {
    return readQueued(body);
  } catch (error) {
    if (error instanceof UnreadableMessageError) return error;
    throw error;
  }
}

/** What cannot be noted has arrived all the same: to send it again would help nobody. */
async function noteArrival(
  { register, now }: DeliveryOptions,
  { webhook, release }: QueuedRelease,
  scope: CallScope,
  say: Say,
): Promise<void> {
  try {
    await register.change(webhook, scope, (record) => afterDelivery(record, release, now()));
  } catch (error) {
    say({ level: "ERROR", message: "what was sent could not be noted", webhook, release, error: String(error) });
  }
}

interface Failure {
  readonly reason: string;
  readonly gone: boolean;
  readonly isLast: boolean;
}

async function noteFailure(
  { register, now }: DeliveryOptions,
  { webhook }: QueuedRelease,
  failure: Failure,
  scope: CallScope,
  say: Say,
): Promise<void> {
  const changed = await register.change(webhook, scope, (record) => failed(record, failure, now()));
  if (!changed || changed.disabledAt === null) return;
  const { name, disabledBecause: because, failingSince } = changed;
  say({ level: "ERROR", message: "a webhook is disabled: tell its owner", webhook, name, because, failingSince });
}

function failed(record: WebhookRecord, { reason, gone, isLast }: Failure, now: number): WebhookRecord {
  const next = afterFailure(record, reason, now);
  if (gone) return disabled(next, reason, now);
  const failingFor = now - Date.parse(next.failingSince ?? "");
  if (!isLast || failingFor < DISABLED_AFTER_MS) return next;
  return disabled(next, `nothing arrived since ${next.failingSince}; at last, ${reason}`, now);
}
