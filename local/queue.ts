import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

export interface QueueOptions {
  /** The function that is invoked with one message at a time; a rejection is a failure of the whole batch. */
  readonly deliver: (event: SQSEvent) => Promise<SQSBatchResponse>;
  /** How often a message is delivered before it is a dead letter: `maxReceiveCount` of a redrive policy. */
  readonly maxReceives: number;
  /** How long a message that failed stays invisible, in milliseconds. */
  readonly redeliverAfterMs: number;
  /** Invocations at a time. */
  readonly concurrency: number;
}

export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly receives: number;
}

/** As much of an SQS standard queue with a Lambda function behind it as a function can tell. In memory. */
export class LocalQueue {
  /** What was received too often. */
  readonly deadLetters: QueuedMessage[] = [];
  readonly #options: QueueOptions;
  readonly #waiting: QueuedMessage[] = [];
  readonly #closing = new AbortController();
  readonly #workers = new Set<Promise<void>>();
  /** What was asked for by receipt handle while the message was under way, in milliseconds. */
  readonly #visibility = new Map<string, number>();
  #pending = 0;
  #whenIdle: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  send(body: string): void {
    this.#pending += 1;
    this.#enqueue({ messageId: randomUUID(), body, receives: 0 });
  }

  /** ChangeMessageVisibility: lets the message that is under way stay invisible for so long if it fails. */
  changeVisibility(receiptHandle: string, ms: number): void {
    this.#visibility.set(receiptHandle, ms);
  }

  /** Resolves once no message is waiting, invisible or under way. */
  idle(): Promise<void> {
    return this.#pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Delivers nothing more; waits for the deliveries under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#workers);
  }

  #enqueue(message: QueuedMessage): void {
    this.#waiting.push(message);
    if (this.#workers.size >= this.#options.concurrency) return;
    const worker = this.#work().finally(() => this.#workers.delete(worker));
    this.#workers.add(worker);
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (this.#closing.signal.aborted) return;
      await this.#deliver({ ...next, receives: next.receives + 1 });
    }
  }

  async #deliver(message: QueuedMessage): Promise<void> {
    const succeeded = await this.#succeeds(message);
    const handle = receiptHandleOf(message);
    const redeliverAfterMs = this.#visibility.get(handle) ?? this.#options.redeliverAfterMs;
    this.#visibility.delete(handle);
    if (succeeded) return this.#settle();
    if (message.receives >= this.#options.maxReceives) {
      this.deadLetters.push(message);
      return this.#settle();
    }
    sleep(redeliverAfterMs, undefined, { signal: this.#closing.signal, ref: false }).then(
      () => this.#enqueue(message),
      () => undefined,
    );
  }

  async #succeeds(message: QueuedMessage): Promise<boolean> {
    try {
      const { batchItemFailures } = await this.#options.deliver({ Records: [recordOf(message)] });
      return batchItemFailures.length === 0;
    } catch {
      return false;
    }
  }

  #settle(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

function receiptHandleOf({ messageId, receives }: QueuedMessage): string {
  return `${messageId}-${receives}`;
}

function recordOf(message: QueuedMessage): SQSRecord {
  const { messageId, body, receives } = message;
  return {
    messageId,
    receiptHandle: receiptHandleOf(message),
    body,
    attributes: {
      ApproximateReceiveCount: `${receives}`,
      SentTimestamp: "0",
      SenderId: "local",
      ApproximateFirstReceiveTimestamp: "0",
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:local:000000000000:uploads",
    awsRegion: "local",
  };
}
