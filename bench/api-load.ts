import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import autocannon from "autocannon";
import { TRUSTED_DOCUMENTS } from "../functions/graphql/persisted.ts";
import { markdown, short } from "./table.ts";

/**
 * The portal as `npm start` runs it, at full tilt: `node bench/api-load.ts [minutes, 10]`. The mix is that of
 * docs/api.md, "Load"; prints what went wrong, how long answers took, and the memory of the server, minute by minute.
 */
const minutes = Number(process.argv[2] ?? 10);
const CONNECTIONS = 20;
const ROOT = join(import.meta.dirname, "..");
const PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65".split(
  " ",
);

const REGION = `query Region($code: ID!) {
  region(code: $code) { id name { text } ancestors { code } children(first: 20) { nodes { code name { text } } } }
}`;
const PLATFORMS = `query Platforms($within: ID, $first: Int) {
  platforms(filter: { within: $within }, first: $first) { totalCount nodes { id name { text } region { code } } }
}`;
const PROFILE = `query Profile($code: ID!) {
  region(code: $code) { profile(first: 10) { nodes { metric { id } latest { value timePeriod } } } }
}`;

/** Of a hundred requests: 40 by GET as a CDN or a page would ask, with documents that have names; 60 by POST. */
function mix(): autocannon.Request[] {
  const trusted = [...TRUSTED_DOCUMENTS.keys()];
  const gets = Array.from({ length: 40 }, (_, i) => byHash(trusted[i % trusted.length] ?? ""));
  const regions = Array.from({ length: 31 }, (_, i) => post(REGION, { code: PROVINCES[i] }));
  const platforms = Array.from({ length: 20 }, (_, i) => post(PLATFORMS, { within: PROVINCES[i], first: 20 + i }));
  const profiles = Array.from({ length: 9 }, (_, i) => post(PROFILE, { code: PROVINCES[i] }));
  const all = [...gets, ...regions, ...platforms, ...profiles];
  // 37 and 100 have no factor in common: each request has its turn, and no kind of them comes all at once.
  return all.map((_, i) => all[(i * 37) % all.length] as autocannon.Request);
}

let asked = 0;
/** Answers with an error in them: nobody may keep those. */
let failed = 0;

function post(query: string, variables: Readonly<Record<string, unknown>>): autocannon.Request {
  return {
    method: "POST",
    path: "/graphql",
    headers: { "content-type": "application/json", "accept-encoding": "br" },
    onResponse: notice,
    // Half of them are like no other, so that the cache fills and lets go.
    setupRequest: (request) => ({
      ...request,
      body: JSON.stringify({ query, variables: { ...variables, n: next() } }),
    }),
  };
}

function notice(_status: number, _body: string, _context: object, headers: unknown): void {
  if (JSON.stringify(headers).includes("no-store")) failed += 1;
}

/** Undeclared variables change no answer, but where it is kept. */
function next(): number {
  asked += 1;
  return asked % 2 === 0 ? 0 : asked;
}

function byHash(hash: string): autocannon.Request {
  const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash } });
  const headers = { "apollo-require-preflight": "1", "accept-encoding": "gzip" };
  return { method: "GET", path: `/graphql?${new URLSearchParams({ extensions })}`, headers, onResponse: notice };
}

const server = spawn(process.execPath, [join(ROOT, "local/start.ts"), "--port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const url = await addressOf(createInterface(server.stdout));
  console.log(`${minutes} min at full tilt against ${url}, ${CONNECTIONS} connections\n`);
  const rows: string[][] = [];
  for (let minute = 1; minute <= Math.max(1, minutes); minute += 1) rows.push(await measure(url, minute));
  console.log(markdown(["minute", "requests/s", "p50", "p99", "longest", "memory", "errors"], rows));
} finally {
  server.kill("SIGINT");
  await once(server, "exit");
}

async function measure(url: string, minute: number): Promise<string[]> {
  failed = 0;
  const running = autocannon({
    url,
    connections: CONNECTIONS,
    duration: Math.min(1, minutes) * 60,
    requests: mix(),
  });
  const { errors, timeouts, non2xx, requests, latency } = await running;
  return [
    `${minute}`,
    short(Math.round(requests.average)),
    `${latency.p50} ms`,
    `${latency.p99} ms`,
    `${latency.max} ms`,
    `${Math.round(residentMegabytes())} MB`,
    `${errors + timeouts + non2xx + failed}`,
  ];
}

/** Linux, proc_pid_status(5). */
function residentMegabytes(): number {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

async function addressOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const [address] = /http:\/\/localhost:\d+/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error("the portal ended before it was ready");
}
