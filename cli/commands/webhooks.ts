import { randomBytes } from "node:crypto";
import { type SendOptions, send } from "../../functions/webhooks/send.ts";
import { signedMessage } from "../../functions/webhooks/signed-message.ts";
import { afterDelivery, afterFailure, enabled, type WebhookRecord } from "../../portal/partners/webhook-items.ts";
import type { WebhookKeys } from "../../portal/partners/webhook-keys.ts";
import { testMessage } from "../../portal/partners/webhook-messages.ts";
import { WebhookRegister } from "../../portal/partners/webhook-register.ts";
import { callScope } from "../../portal/store/calls.ts";
import { EXIT } from "../failure.ts";
import { columns } from "../output/table.ts";
import type { WebhooksCommand } from "../webhook-arguments.ts";
import type { Result, Session } from "./session.ts";

/** Registers, lists, removes and tests the webhooks of partners, and gives them new secrets. */
export async function webhooks(
  { target }: Pick<Session, "target">,
  command: WebhooksCommand,
  sending: Omit<SendOptions, "allowLocal"> = {},
): Promise<Result> {
  const allowLocal = "allowLocal" in command && command.allowLocal;
  const { store, partners: table } = target;
  const register = new WebhookRegister({ store, table, now: Date.now, randomBytes, allowLocal });
  const scope = callScope();
  switch (command.action) {
    case "add": {
      const keys = await target.webhookKeys();
      const { url, partner } = command;
      const record = await register.add({ name: partner, url, key: keys.newest }, scope);
      return withSecret(record, keys, `${record.id} of ${record.name} is told of each release at ${record.url}.`);
    }
    case "list":
      return listed(await register.list(scope));
    case "remove": {
      const record = await register.remove(command.id, scope);
      return { json: { removed: shown(record) }, text: `${record.id} of ${record.name} is told no more.` };
    }
    case "rotate": {
      const keys = await target.webhookKeys();
      const { id, overlapMs } = command;
      const record = await register.rotate(id, { key: keys.newest, overlapMs }, scope);
      return withSecret(record, keys, `Until ${record.alsoSignsWith?.until} the secret before it signs as well.`);
    }
    case "test":
      return tested(register, await target.webhookKeys(), command.id, { ...sending, allowLocal });
  }
}

function withSecret(record: WebhookRecord, keys: WebhookKeys, about: string): Result {
  const secret = keys.secretOf(record.id, record.signsWith);
  return {
    json: { secret, webhook: shown(record) },
    text: `${secret}\n\nMessages are signed with this: send it as you would send a password.\n${about}`,
  };
}

/** Sends a message that is none about a release. One that arrives brings back a webhook that was disabled. */
async function tested(register: WebhookRegister, keys: WebhookKeys, id: string, sending: SendOptions): Promise<Result> {
  const record = await register.require(id, callScope());
  const message = { id: `test-${randomBytes(8).toString("hex")}`, body: testMessage(id, Date.now()) };
  const outcome = await send(signedMessage(record, message, { keys, now: Date.now }), sending);
  // The receiver may have taken its time: the table gets a deadline of its own.
  const scope = callScope();
  if (!outcome.arrived) {
    const after = await register.change(id, scope, (each) => afterFailure(each, outcome.reason, Date.now()));
    const text = `The test did not arrive at ${record.url}: ${outcome.reason}.`;
    return {
      json: { arrived: false, reason: outcome.reason, webhook: shown(after ?? record) },
      text,
      exitCode: EXIT.failed,
    };
  }
  const after = await register.change(id, scope, (each) => afterDelivery(enabled(each), null, Date.now()));
  const back = record.disabledAt === null ? "" : ` ${id} is told of releases again, from the next one on.`;
  return {
    json: { arrived: true, status: outcome.status, webhook: shown(after ?? record) },
    text: `The test arrived at ${record.url}, which answered ${outcome.status}.${back}`,
  };
}

function listed(found: readonly WebhookRecord[]): Result {
  if (found.length === 0) return { json: { webhooks: [] }, text: "There are no webhooks." };
  const rows = found.map((record) => [
    record.id,
    stateOf(record).toLowerCase(),
    `${record.delivered.at(-1) ?? "-"}`,
    record.deliveredAt?.slice(0, 16) ?? "-",
    `${record.failures}`,
    record.signsWith.key,
    record.name,
    record.url,
    record.disabledBecause ?? record.lastFailure ?? "",
  ]);
  const header = ["webhook", "state", "told of", "last arrival", "failures", "key", "name", "url", "why"];
  return { json: { webhooks: found.map(shown) }, text: columns(header, rows) };
}

function stateOf({ disabledAt, failures }: WebhookRecord): "ACTIVE" | "FAILING" | "DISABLED" {
  if (disabledAt !== null) return "DISABLED";
  return failures > 0 ? "FAILING" : "ACTIVE";
}

function shown(record: WebhookRecord) {
  const { revision: _revision, ...facts } = record;
  return { ...facts, state: stateOf(record) };
}
