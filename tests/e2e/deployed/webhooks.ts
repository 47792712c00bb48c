import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseWebhookKeys } from "../../../functions/environment.ts";
import { PAUSES_MS } from "../../../functions/webhooks/attempts.ts";
import { WebhookKeys } from "../../../portal/partners/webhook-keys.ts";
import { WebhookRegister } from "../../../portal/partners/webhook-register.ts";
import { callScope } from "../../../portal/store/calls.ts";
import { zipOfFiles } from "../../importer/support/zip-writer.ts";
import type { DeployedPortal } from "../../support/deployed.ts";
import { madeUp } from "../../support/releases.ts";
import { type Receiver, startReceiver, verified } from "../../webhooks/support/receiver.ts";
import { contentOf, deadLetters, drop, storeOf } from "./uploading.ts";

/** The first attempt, and one after each pause. */
const ATTEMPTS = PAUSES_MS.length + 1;

export function describeWebhooks(portal: () => DeployedPortal): void {
  let receivers: readonly Receiver[] = [];
  beforeAll(async () => {
    receivers = await Promise.all([startReceiver(), startReceiver()]);
  });
  afterAll(async () => void (await Promise.all(receivers.map((receiver) => receiver.close()))));

  test("say nothing of what was there before the first call", async () => {
    expect(await portal().ring("webhooks")).toMatchObject({ status: "CURRENT" });
  });

  test("tell of a release, signed with what the partner was given; who does not take it is given up", async () => {
    const [takes, refuses] = receivers as [Receiver, Receiver];
    refuses.behave(...Array(ATTEMPTS).fill(500));
    const secret = await add(portal(), takes.url);
    await add(portal(), refuses.url);
    const told = madeUp({ "sources.csv": [{ id: "told", title: "Told", language: "en" }] }, "2024-04-20", "told");
    const { summary } = await drop(portal(), "told.zip", zipOfFiles(await contentOf(told)));
    expect(await portal().ring("webhooks")).toEqual({
      status: "ANNOUNCED",
      releases: [summary?.release],
      messages: 2,
    });
    await portal().queues.idle();

    const [message, ...more] = takes.received;
    expect(more).toEqual([]);
    const read = verified(secret, message as NonNullable<typeof message>);
    expect(read).toMatchObject({ type: "release.published", data: { release: summary?.release } });
    expect(JSON.stringify(read)).toContain(`https://${distribution(portal())}/v1/`);

    expect(refuses.received).toHaveLength(ATTEMPTS);
    const [letter, ...others] = deadLetters(portal(), "webhooks");
    expect(others).toEqual([]);
    expect(letter?.attributes.reason?.StringValue).toContain("500");
    expect(await portal().ring("webhooks")).toMatchObject({ status: "CURRENT", release: summary?.release });
  });
}

/** As the command line does. Gives the secret. */
async function add(portal: DeployedPortal, url: string): Promise<string> {
  const { store, partners: table } = storeOf(portal);
  const register = new WebhookRegister({ store, table, now: Date.now, randomBytes, allowLocal: true });
  const [, secret = ""] = [...portal.secrets].find(([arn]) => arn.includes("WebhookKeys")) ?? [];
  const keys = new WebhookKeys(parseWebhookKeys(secret));
  const record = await register.add({ name: "Tests", url, key: keys.newest }, callScope());
  return keys.secretOf(record.id, record.signsWith);
}

function distribution({ templates }: DeployedPortal): string {
  const [found] = templates.resources("AWS::CloudFront::Distribution");
  return `${found?.ref.toLowerCase()}.cloudfront.net`;
}
