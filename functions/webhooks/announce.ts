import type { WebhookRecord } from "../../portal/partners/webhook-items.ts";
import { messageId, releaseMessage } from "../../portal/partners/webhook-messages.ts";
import type { WebhookRegister } from "../../portal/partners/webhook-register.ts";
import { type Head, readHead } from "../../portal/releases/head.ts";
import { Snapshot } from "../../portal/snapshot.ts";
import type { CallScope } from "../../portal/store/calls.ts";
import type { Store } from "../../portal/store/store.ts";
import { type Announced, Announcements } from "./announcements.ts";
import type { QueuedRelease } from "./messages.ts";
import type { MessageQueue } from "./queue.ts";

export interface AnnouncerOptions {
  readonly store: Store;
  /** The name of the table of partners. */
  readonly table: string;
  readonly register: WebhookRegister;
  readonly queue: MessageQueue;
  /** Where the portal answers, without a slash at the end; links are relative when it is empty. */
  readonly portalUrl: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export type AnnounceOutcome =
  /** Nothing is new. */
  | { readonly status: "CURRENT"; readonly release: number }
  /** So many messages about these releases are in the queue. */
  | { readonly status: "ANNOUNCED"; readonly releases: readonly number[]; readonly messages: number }
  /** Another invocation is at it. */
  | { readonly status: "ELSEWHERE"; readonly release: number };

/** Looks whether HEAD has moved, and puts a message into the queue for each new release and each webhook. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #announcements: Announcements;
  /** As this instance knows it: most invocations find nothing new, for the one small read of HEAD. */
  #announced = -1;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#announcements = new Announcements(options);
  }

  /** @throws whatever keeps it from being done; the next invocation goes on behind the last release that is. */
  async announce(scope: CallScope): Promise<AnnounceOutcome> {
    const { store } = this.#options;
    const head = await readHead(store, scope);
    const { release } = head;
    if (release <= this.#announced) return { status: "CURRENT", release };
    const last = await this.#announcements.last(release, scope);
    if (last.release >= release) {
      this.#announced = last.release;
      return { status: "CURRENT", release };
    }
    const claimed = await this.#announcements.claim(last, scope);
    if (!claimed) return { status: "ELSEWHERE", release };
    return this.#announceAfter(claimed, head, scope);
  }

  async #announceAfter(claimed: Announced, head: Head, scope: CallScope): Promise<AnnounceOutcome> {
    const { store, register, queue } = this.#options;
    const snapshot = new Snapshot(store, head, scope);
    const webhooks = (await register.list(scope)).filter(({ disabledAt }) => disabledAt === null);
    const numbers = releasesIn(head, claimed.release);
    let mine = claimed;
    let messages = 0;
    for (const [i, release] of numbers.entries()) {
      const previous = numbers[i - 1] ?? releasesIn(head, 0).findLast((number) => number < release) ?? 0;
      const queued = await this.#messagesOf(snapshot, release, previous, webhooks);
      // First into the queue, then noted: whoever dies in between says it twice, with the same id, and never not at all.
      await queue.send(queued.map((message) => JSON.stringify(message)));
      messages += queued.length;
      const noted = await this.#announcements.note(mine, release, release === head.release, scope);
      if (!noted) return { status: "ELSEWHERE", release: head.release };
      mine = noted;
    }
    this.#announced = head.release;
    return { status: "ANNOUNCED", releases: numbers, messages };
  }

  async #messagesOf(
    snapshot: Snapshot,
    release: number,
    previous: number,
    webhooks: readonly WebhookRecord[],
  ): Promise<QueuedRelease[]> {
    const entity = await snapshot.entity<"release">(`release:${release}`);
    if (!entity) throw new Error(`release ${release} is visible and is not in the catalogue`);
    const body = releaseMessage(entity, { previous, portalUrl: this.#options.portalUrl });
    return webhooks
      .filter(({ createdAt }) => createdAt <= entity.body.committedAt)
      .map(({ id }) => ({ webhook: id, release, id: messageId(id, release), body }));
  }
}

/** Those that became visible after one, in order: numbers that nobody finished are no releases. */
function releasesIn({ release, voids }: Head, after: number): number[] {
  const numbers = Array.from({ length: release - after }, (_, i) => after + 1 + i);
  return numbers.filter((number) => !voids.includes(number));
}
