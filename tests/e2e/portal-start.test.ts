import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, watch } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const START = join(import.meta.dirname, "../../local/start.ts");

/** The command, running. What it prints is kept. */
class Command {
  readonly process: ChildProcess;
  readonly out: string[] = [];
  readonly err: string[] = [];
  readonly exited: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    this.process = spawn(process.execPath, [START, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { stdout, stderr } = this.process;
    if (!stdout || !stderr) throw new Error("both are piped");
    stderr.setEncoding("utf8").on("data", (text: string) => this.err.push(text));
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    this.exited = once(this.process, "exit");
  }

  /** The match of the first line from here on that fits. */
  async line(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`ended without ${pattern}: ${this.out.join("\n")}${this.err.join("")}`);
      this.out.push(value);
      const match = value.match(pattern);
      if (match) return match;
    }
  }

  /** Where GraphQL is served, once it is. */
  async ready(): Promise<string> {
    return (await this.line(/GraphQL\s+(http:\S+)/))[1] ?? "";
  }

  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<number | NodeJS.Signals | null> {
    this.process.kill(signal);
    await this.exited;
    return this.process.exitCode ?? this.process.signalCode;
  }
}

const running: Command[] = [];
function start(args: readonly string[], env?: Record<string, string>): Command {
  const command = new Command(args, env);
  running.push(command);
  return command;
}

afterEach(() => {
  for (const { process } of running.splice(0)) if (process.exitCode === null) process.kill("SIGKILL");
});

async function post(url: string, query: string): Promise<{ data: Record<string, unknown> }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  expect(response.status).toBe(200);
  return (await response.json()) as { data: Record<string, unknown> };
}

/** Waits until the files below a folder have reached a size: something is being written there. */
async function grownTo(bytes: number, folder: string): Promise<void> {
  const size = async () => {
    const entries = await readdir(folder, { recursive: true });
    const stats = await Promise.all(entries.map((entry) => stat(join(folder, entry)).catch(() => undefined)));
    return stats.reduce((sum, found) => sum + (found?.size ?? 0), 0);
  };
  for await (const _ of watch(folder, { recursive: true })) if ((await size()) >= bytes) return;
}

describe("npm start", () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "gazetteer-e2e-"));
  });
  afterAll(() => rm(dataDir, { recursive: true }));

  const LAST = `{ release { number committedAt } platforms(first: 3) { nodes { id } pageInfo { endCursor } } }`;

  test("publishes, also after a start that was killed, says what it loaded and where to go, answers, stops on Ctrl-C, and publishes nothing at the next", async () => {
    const killed = start(["--port", "0", "--data-dir", dataDir]);
    await killed.line(/Publishing/);
    await grownTo(200_000, dataDir);
    expect(await killed.stop("SIGKILL")).toBe("SIGKILL");

    const first = start(["--port", "0", "--data-dir", dataDir]);
    const firstUrl = await first.ready();
    expectWelcome(first.out.join("\n"));
    const before = await post(firstUrl, LAST);
    expect(before).toMatchObject({ data: { release: { number: 38 } } });
    await expectAnswers(firstUrl);
    const began = performance.now();
    expect(await first.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(first.err.join("")).toBe("");
    await expect(fetch(firstUrl)).rejects.toThrow();

    const second = start(["--port", "0", "--data-dir", dataDir]);
    const url = await second.ready();
    expect(await post(url, LAST)).toEqual(before);
    const { endCursor } = (before.data.platforms as { pageInfo: { endCursor: string } }).pageInfo;
    const next = await post(url, `{ platforms(first: 1, after: "${endCursor}") { nodes { id } } }`);
    expect(next).toMatchObject({ data: { platforms: { nodes: [{ id: expect.stringMatching(/^platform:/) }] } } });
    expect(await second.stop("SIGTERM")).toBe(0);
  }, 90_000);

  test("without a folder for its database leaves nothing behind", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "gazetteer-e2e-"));
    const portal = start(["--port", "0"], { TMPDIR: temporary });
    await expectAnswers(await portal.ready());
    expect(await portal.stop()).toBe(0);
    expect(await readdir(temporary)).toEqual([]);
    await rm(temporary, { recursive: true });
  }, 60_000);

  test("on a port in use says so and ends with 1", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const portal = start([], { PORT: String(port) });
    await portal.exited;
    expect(portal.process.exitCode).toBe(1);
    expect(portal.err.join("")).toBe(`port ${port} is in use; choose another with --port or PORT\n`);
    holder.close();
  }, 60_000);

  // Which mistakes there are: local-arguments.test.ts.
  test("names a mistake, points to the help and ends with 2", async () => {
    const portal = start(["--prot", "4000"]);
    await portal.exited;
    expect(portal.process.exitCode).toBe(2);
    expect(portal.err.join("")).toContain("--prot");
    expect(portal.err.join("")).toContain("--help");
  });

  test("--help explains itself and ends with 0", async () => {
    const portal = start(["--help"]);
    await portal.line(/--data-dir/);
    await portal.exited;
    expect(portal.process.exitCode).toBe(0);
  });
});

function expectWelcome(printed: string): void {
  for (const line of [
    /regions +3,355/,
    /agencies +36/,
    /platforms +232/,
    /industrial complexes +53/,
    /HEAD: release +38/,
    /Ready after [\d.]+ s/,
    /GraphiQL +http:\/\/localhost:\d+\//,
  ]) {
    expect(printed).toMatch(line);
  }
}

async function expectAnswers(url: string): Promise<void> {
  expect(await post(url, `{ region(code: "52") { name { text } counts { platforms } } }`)).toMatchObject({
    data: { region: { name: { text: "Guizhou" }, counts: { platforms: expect.any(Number) } } },
  });
  const get = await fetch(`${url}?query=${encodeURIComponent("{ release { number isHead } }")}`, {
    headers: { "apollo-require-preflight": "yes" },
  });
  expect(await get.json()).toMatchObject({ data: { release: { number: 38, isHead: true } } });
  expect(get.headers.get("x-request-id")).toMatch(/\w/);
  const page = await fetch(new URL("/", url));
  expect([page.status, page.headers.get("content-type")]).toEqual([200, expect.stringMatching(/^text\/html/)]);
}
