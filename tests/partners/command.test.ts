import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseArguments } from "../../cli/arguments.ts";
import { keys } from "../../cli/commands/keys.ts";
import type { Session } from "../../cli/commands/session.ts";
import type { KeysCommand } from "../../cli/key-arguments.ts";
import { openTarget, type Target } from "../../cli/target.ts";
import { usage } from "../../cli/usage.ts";
import { UsageError } from "../../cli/usage-error.ts";
import { isApiKey } from "../../portal/partners/api-key.ts";
import { KeyRing } from "../../portal/partners/key-ring.ts";
import { PLAN_NAMES, SCOPES } from "../../portal/partners/plans.ts";
import { callScope } from "../../portal/store/calls.ts";
import { gazetteer, gazetteerJson } from "../cli/support/run.ts";
import { type CommandedPortal, openWorkplace, type Workplace } from "../cli/support/workplace.ts";
import { DAY } from "./support/register.ts";

// Some of the commands are processes that have to start.
vi.setConfig({ testTimeout: 40_000 });

describe("the arguments of keys", () => {
  const create = { name: "keys", action: "create", keyName: "Observatory", plan: "basic" };
  test.for<[string[], object]>([
    [["create", "Observatory", "--plan", "basic"], { ...create, scopes: undefined, lifetimeMs: 365 * DAY }],
    [
      ["create", "Observatory", "--plan=basic", "--scopes=query,export", "--expires=90d"],
      { ...create, scopes: ["query", "export"], lifetimeMs: 90 * DAY },
    ],
    [["create", "Observatory", "--plan=basic", "--expires=never"], { ...create, lifetimeMs: null }],
    [["list"], { name: "keys", action: "list" }],
    [
      ["rotate", "key-1"],
      { name: "keys", action: "rotate", keyId: "key-1", overlapMs: 7 * DAY, lifetimeMs: undefined },
    ],
    [["rotate", "key-1", "--overlap=30m", "--expires=24h"], { overlapMs: 1_800_000, lifetimeMs: DAY }],
    [["revoke", "key-1"], { name: "keys", action: "revoke", keyId: "key-1" }],
  ])("%j", ([argv, command]) => {
    expect(parseArguments(["keys", ...argv]).command).toMatchObject(command);
  });

  test.for<[string[], string]>([
    [["keys"], "keys needs one of create, list, rotate, revoke."],
    [["keys", "delete", "key-1"], 'keys knows no "delete", only create, list, rotate, revoke.'],
    [["keys", "toString"], 'keys knows no "toString"'],
    [["keys", "create"], "keys create needs the name of whoever gets the key, and nothing else."],
    [["keys", "create", "Observatory"], "--plan has to be one of basic, standard, bulk."],
    [["keys", "create", "a", "--plan", "gold"], '--plan has to be one of basic, standard, bulk, not "gold".'],
    [["keys", "create", "a", "--plan=basic", "--scopes=query,write"], "--scopes has to be some of query,export"],
    [["keys", "create", "a", "--plan=basic", "--expires=0d"], "--expires has to be like 30m, 24h or 7d"],
    [["keys", "create", "a", "--plan=basic", "--expires=4000d"], "at most ten years"],
    [["keys", "create", "a", "--plan=basic", "--overlap=1d"], "keys create knows no --overlap."],
    [["keys", "list", "all"], "keys list takes no argument."],
    [["keys", "revoke", "a", "b"], "keys revoke needs the id of a key, and nothing else."],
    [["keys", "revoke", "a", "--last", "3"], "keys knows no --last."],
    [["status", "--plan", "basic"], "status knows no --plan."],
  ])("%j: %s", ([argv, message]) => {
    expect(() => parseArguments(argv)).toThrow(UsageError);
    expect(() => parseArguments(argv)).toThrow(message);
  });

  test("are in the help, with every plan and scope", () => {
    for (const word of [...PLAN_NAMES, SCOPES.join(",")]) expect(usage).toContain(word);
  });
});

describe("keys", () => {
  let workplace: Workplace;
  let portal: CommandedPortal;
  let target: Target;
  beforeAll(async () => {
    workplace = await openWorkplace();
    portal = await workplace.openPortal();
    const [, endpoint, , tables] = portal.target;
    target = openTarget({ endpoint, env: undefined, tables }, {});
  });
  afterAll(async () => {
    target.close();
    await workplace.close();
  });

  const run = async (...argv: string[]) => {
    const { json, text } = await keys({ target } as Session, parseArguments(["keys", ...argv]).command as KeysCommand);
    return { json: json as Record<string, Record<string, string>>, text };
  };
  const standing = async (key: string) => {
    const ring = new KeyRing({ store: target.store, table: target.partners, patienceMs: 30_000 });
    return (await ring.standingOf(key, callScope())).state;
  };

  test("are made, listed, rotated and revoked", async () => {
    const made = await run("create", "Observatory", "--plan", "standard", "--scopes", "query");
    const [key = ""] = made.text.split("\n");
    expect(isApiKey(key)).toBe(true);
    expect(made.text).toMatch(/^This is the only time that it can be seen/m);
    const id = made.json.created?.keyId as string;
    expect(await standing(key)).toBe("VALID");

    const rotated = await run("rotate", id, "--overlap", "24h");
    expect(rotated.text).toMatch(new RegExp(`^The old key ${id} works until \\S+Z\\.$`, "m"));
    const [next = ""] = rotated.text.split("\n");
    expect([await standing(key), await standing(next)]).toEqual(["VALID", "VALID"]);

    const revoked = await run("revoke", id);
    expect(revoked.text).toContain(`${id} of Observatory is revoked`);
    expect([await standing(key), await standing(next)]).toEqual(["REVOKED", "VALID"]);

    const { text, json } = await run("list");
    const [header, ...rows] = text.split("\n");
    expect(header).toMatch(/^key +state +plan +scopes +created +ends +last used +name$/);
    expect(rows).toEqual([
      expect.stringMatching(new RegExp(`^${id} +revoked +standard +query .* - +Observatory$`)),
      expect.stringMatching(/^key-\w+ +valid +standard +query .* - +Observatory$/),
    ]);
    // Neither the key nor its hash is for lists.
    expect(JSON.stringify(json)).not.toMatch(/gzt_|keyHash|[0-9a-f]{64}/);
  });

  test("are the command's, with its exit codes and its JSON", async () => {
    const { exitCode, json } = await gazetteerJson(["keys", "create", "Bureau", "--plan", "bulk", ...portal.target]);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({
      command: "keys",
      ok: true,
      key: expect.stringMatching(/^gzt_/),
      created: { name: "Bureau", state: "VALID", scopes: ["query", "export"] },
    });
    const refused = await gazetteer(["keys", "revoke", "key-0", ...portal.target]);
    expect(refused).toMatchObject({ exitCode: 3, stdout: "", stderr: "No key was changed: there is no key key-0.\n" });
  });
});
