import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { parseArguments } from "../../cli/arguments.ts";
import { webhooks } from "../../cli/commands/webhooks.ts";
import { openTarget, type Target } from "../../cli/target.ts";
import { UsageError } from "../../cli/usage-error.ts";
import type { WebhooksCommand } from "../../cli/webhook-arguments.ts";
import { WebhookRegister } from "../../portal/partners/webhook-register.ts";
import { callScope } from "../../portal/store/calls.ts";
import { gazetteerJson } from "../cli/support/run.ts";
import { type CommandedPortal, openWorkplace, type Workplace } from "../cli/support/workplace.ts";
import { type Receiver, startReceiver, verified } from "./support/receiver.ts";

// One of the commands is a process that has to start.
vi.setConfig({ testTimeout: 40_000 });

const DAY = 86_400_000;

describe("the arguments of webhooks", () => {
  const add = { name: "webhooks", action: "add", url: "https://a.org/", partner: "Observatory", allowLocal: false };
  test.for<[string[], object]>([
    [["add", "https://a.org/", "--partner", "Observatory"], add],
    [["add", "https://a.org/", "--partner=Observatory", "--allow-local"], { ...add, allowLocal: true }],
    [["list"], { name: "webhooks", action: "list" }],
    [["remove", "hook-1"], { name: "webhooks", action: "remove", id: "hook-1" }],
    [["rotate", "hook-1"], { name: "webhooks", action: "rotate", id: "hook-1", overlapMs: 7 * DAY }],
    [["rotate", "hook-1", "--overlap", "24h"], { overlapMs: DAY }],
    [["test", "hook-1"], { name: "webhooks", action: "test", id: "hook-1", allowLocal: false }],
  ])("%j", ([argv, command]) => {
    expect(parseArguments(["webhooks", ...argv]).command).toMatchObject(command);
  });

  test.for<[string[], string]>([
    [["webhooks"], "webhooks needs one of add, list, remove, rotate, test."],
    [["webhooks", "ad"], 'webhooks knows no "ad", only add, list, remove, rotate, test.'],
    [["webhooks", "add"], "webhooks add needs the URL that is to be told, and nothing else."],
    [["webhooks", "add", "https://a.org/"], "webhooks add needs --partner"],
    [["webhooks", "list", "all"], "webhooks list takes no argument."],
    [["webhooks", "remove", "hook-1", "--allow-local"], "webhooks remove knows no --allow-local."],
    [["webhooks", "test", "hook-1", "--overlap=1d"], "webhooks test knows no --overlap."],
    [["webhooks", "rotate", "hook-1", "--plan=basic"], "webhooks knows no --plan."],
    [["keys", "list", "--partner=a"], "keys knows no --partner."],
  ])("%j: %s", ([argv, message]) => {
    expect(() => parseArguments(argv)).toThrow(UsageError);
    expect(() => parseArguments(argv)).toThrow(message);
  });
});

describe("webhooks", () => {
  const WEBHOOK_KEYS = JSON.stringify({ seals: "k1", k1: Buffer.alloc(32, 1).toString("base64url") });
  let workplace: Workplace;
  let portal: CommandedPortal;
  let target: Target;
  let receiver: Receiver;
  beforeAll(async () => {
    workplace = await openWorkplace();
    portal = await workplace.openPortal();
    const [, endpoint, , tables] = portal.target;
    target = openTarget({ endpoint, env: undefined, tables }, { WEBHOOK_KEYS });
    receiver = await startReceiver();
  });
  afterEach(() => receiver.forget());
  afterAll(async () => {
    target.close();
    await receiver.close();
    await workplace.close();
  });

  const run = async (...argv: string[]) => {
    const command = parseArguments(["webhooks", ...argv]).command as WebhooksCommand;
    const { json, text, exitCode = 0 } = await webhooks({ target }, command);
    return { json: json as Record<string, Record<string, string>>, text, exitCode };
  };

  test("are added, tested, rotated, listed and removed", async () => {
    const added = await run("add", receiver.url, "--partner", "Observatory", "--allow-local");
    const [secret = ""] = added.text.split("\n");
    const id = added.json.webhook?.id ?? "";
    expect(added.text).toContain(`${id} of Observatory is told of each release at ${receiver.url}.`);

    expect(await run("test", id, "--allow-local")).toMatchObject({
      exitCode: 0,
      text: `The test arrived at ${receiver.url}, which answered 204.`,
    });
    const rotated = await run("rotate", id, "--overlap", "24h");
    const [next = ""] = rotated.text.split("\n");
    expect(rotated.text).toMatch(/^Until \S+Z the secret before it signs as well\.$/m);
    await run("test", id, "--allow-local");
    const [first, second] = receiver.received;
    if (!first || !second) throw new Error("a test did not arrive");
    const body = { type: "webhook.test", timestamp: expect.any(String), data: { webhook: id } };
    expect([verified(secret, first), verified(secret, second), verified(next, second)]).toEqual([body, body, body]);

    const { text, json } = await run("list");
    const [header, ...rows] = text.split("\n");
    expect(header).toMatch(/^webhook +state +told of +last arrival +failures +key +name +url +why$/);
    expect(rows).toEqual([expect.stringMatching(new RegExp(`^${id} +active +- +\\S+T\\S+ +0 +k1 +Observatory +http`))]);
    expect(JSON.stringify(json)).not.toMatch(/whsec|revision/);

    expect((await run("remove", id)).text).toBe(`${id} of Observatory is told no more.`);
    expect((await run("list")).text).toBe("There are no webhooks.");
    await expect(run("remove", id)).rejects.toThrow(`there is no webhook ${id}`);
    await expect(run("rotate", id)).rejects.toThrow(`there is no webhook ${id}`);
  });

  test("that were disabled are brought back by a test that arrives, and by no other", async () => {
    const { json } = await run("add", receiver.url, "--partner", "Observatory", "--allow-local");
    const id = json.webhook?.id ?? "";
    receiver.behave(500);
    const failed = await run("test", id, "--allow-local");
    expect(failed).toMatchObject({
      exitCode: 1,
      text: `The test did not arrive at ${receiver.url}: it answered 500.`,
      json: { webhook: { state: "FAILING" } },
    });
    // Nobody gets past the guard by having registered with the switch.
    expect(await run("test", id)).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining("only https is sent to"),
    });
    const options = { store: target.store, table: target.partners, now: Date.now, randomBytes, allowLocal: true };
    await new WebhookRegister(options).change(id, callScope(), (record) => ({
      ...record,
      disabledAt: "2024-01-01T00:00:00.000Z",
      disabledBecause: "nothing arrived",
    }));
    expect((await run("list")).text).toMatch(new RegExp(`^${id} +disabled .* nothing arrived$`, "m"));
    expect((await run("test", id, "--allow-local")).text).toMatch(/is told of releases again, from the next one on\.$/);
    expect((await run("list")).json.webhooks).toMatchObject([{ state: "ACTIVE", disabledBecause: null, failures: 0 }]);
    await run("remove", id);
  });

  test("cannot be of one URL twice, of none that is refused, or of nobody", async () => {
    await run("add", "https://hooks.partner.org/", "--partner", "Observatory");
    await expect(run("add", "https://HOOKS.partner.org", "--partner", "Bureau")).rejects.toThrow(
      "is registered already",
    );
    await expect(run("add", receiver.url, "--partner", "Bureau")).rejects.toThrow("only https is sent to");
    await expect(run("add", "https://169.254.169.254/", "--partner", "B", "--allow-local")).rejects.toThrow(
      "an address",
    );
    await expect(run("add", "https://b.org/", "--partner", " ")).rejects.toThrow("a name has 1 to 100 characters");
    expect((await run("list")).json.webhooks).toHaveLength(1);
  });

  test("are the command's, with its exit codes and its JSON", async () => {
    const args = ["webhooks", "add", "https://127.1/", "--partner", "Bureau", ...portal.target];
    const { exitCode, json } = await gazetteerJson(args, { env: { WEBHOOK_KEYS } });
    const reason = "this URL cannot be a webhook: it has an address where the name of a host belongs";
    expect({ exitCode, json }).toEqual({
      exitCode: 3,
      json: {
        ...{ command: "webhooks", ok: false, exitCode: 3 },
        error: { code: "BAD_USER_INPUT", message: `No webhook was changed: ${reason}.` },
      },
    });
  });

  test("need their keys, where secrets are shown or used", async () => {
    const [, endpoint, , tables] = portal.target;
    const keyless = openTarget({ endpoint, env: undefined, tables }, {});
    const command = parseArguments(["webhooks", "rotate", "hook-0"]).command as WebhooksCommand;
    await expect(webhooks({ target: keyless }, command)).rejects.toThrow(UsageError);
    await expect(webhooks({ target: keyless }, command)).rejects.toThrow("Set WEBHOOK_KEYS_SECRET");
    expect((await webhooks({ target: keyless }, { name: "webhooks", action: "list" })).exitCode).toBeUndefined();
    keyless.close();
  });
});
