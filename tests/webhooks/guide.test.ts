import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import type { Entity } from "../../portal/catalogue/entities.ts";
import { releaseMessage } from "../../portal/partners/webhook-messages.ts";
import { webhookUrl } from "../../portal/partners/webhook-url.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const GUIDE = readFileSync(join(DOCS, "partners.md"), "utf8");

function snippet(language: string): string {
  const [, code = ""] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(GUIDE) ?? [];
  return code;
}

const SECRET = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
const OTHER = `whsec_${Buffer.alloc(32, 6).toString("base64")}`;
const BODY = '{"title":"数据, signed — as bytes"}';
const now = new Date();
const sign = (secret: string, at = now) => new Webhook(secret).sign("release-1-hook-1", at, BODY);
const headersOf = (signature: string, at = now) => ({
  "webhook-id": "release-1-hook-1",
  "webhook-timestamp": `${Math.floor(at.getTime() / 1000)}`,
  "webhook-signature": signature,
});
const long = new Date(now.getTime() - 600_000);
const soon = new Date(now.getTime() + 600_000);

/** What each of the snippets is asked, and what it is to say. */
const CASES: readonly (readonly [headers: Readonly<Record<string, string>>, body: string, signed: boolean])[] = [
  [headersOf(sign(SECRET)), BODY, true],
  [headersOf(`${sign(OTHER)} ${sign(SECRET)}`), BODY, true],
  [headersOf(`${sign(SECRET)} ${sign(OTHER)}`), BODY, true],
  [headersOf(sign(OTHER)), BODY, false],
  [headersOf(sign(SECRET)), `${BODY} `, false],
  [{ ...headersOf(sign(SECRET)), "webhook-id": "release-2-hook-1" }, BODY, false],
  [headersOf(sign(SECRET, long), long), BODY, false],
  [headersOf(sign(SECRET, soon), soon), BODY, false],
  [headersOf(sign(SECRET).replace("v1,", "v2,")), BODY, false],
  [headersOf(""), BODY, false],
  [{ ...headersOf(sign(SECRET)), "webhook-timestamp": "now" }, BODY, false],
  [{}, BODY, false],
];
const expected = CASES.map(([, , signed]) => signed);

describe("what the guide tells partners to verify with", () => {
  test("in Node", async () => {
    const source = `data:text/javascript,${encodeURIComponent(snippet("js"))}`;
    const { isSigned } = (await import(/* @vite-ignore */ source)) as {
      isSigned: (secret: string, headers: object, body: string) => boolean;
    };
    expect(CASES.map(([headers, body]) => isSigned(SECRET, headers, body))).toEqual(expected);
  });

  test("in Python", async () => {
    const asked = JSON.stringify(CASES.map(([headers, body]) => [headers, body]));
    const ask =
      "import json, sys\nprint(json.dumps([is_signed(sys.argv[1], h, b.encode()) for h, b in json.loads(sys.argv[2])]))";
    const { stdout } = await promisify(execFile)("python3", ["-c", `${snippet("py")}\n${ask}`, SECRET, asked]);
    expect(JSON.parse(stdout)).toEqual(expected);
  });
});

test("the message that the guide shows is one that is sent", () => {
  const shown = JSON.parse(snippet("json"));
  const { release, title, publisher, publishedOn, counts } = shown.data;
  const facts = { knownOn: publishedOn, committedAt: shown.timestamp, digest: "", lastChange: 0 };
  const body = { title, publisher, publishedOn, ...counts, ...facts };
  const entity = {
    type: "release",
    id: `release:${release}`,
    localId: `${release}`,
    release,
    body,
  } as Entity<"release">;
  const sent = releaseMessage(entity, { previous: release - 1, portalUrl: "https://data.example.org" });
  expect(JSON.parse(sent)).toEqual(shown);
});

test("the URL that operators are shown can be registered", () => {
  const [, url = ""] = /webhooks add (\S+)/.exec(readFileSync(join(DOCS, "operations.md"), "utf8")) ?? [];
  expect(webhookUrl(url, { allowLocal: false }).href).toBe(url);
});
