#!/usr/bin/env node
// The command in plain JavaScript: it is run by whatever Node the machine has, and hands over to the Node 24 that came
// with `npm ci`, which runs TypeScript as it is.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./gazetteer.ts", import.meta.url));

if (process.features.typescript) {
  await import(new URL("./gazetteer.ts", import.meta.url).href);
} else {
  handOver(ownNode());
}

/** The binary of the npm package `node`, beside the project's other packages. */
function ownNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const path = fileURLToPath(new URL(`../node_modules/node/bin/${name}`, import.meta.url));
  if (existsSync(path)) return path;
  console.error("gazetteer: its packages are not installed; run npm ci first.");
  process.exit(1);
}

/** Runs the program in this process's place: same terminal, same signals, same end. */
function handOver(node) {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends Ctrl-C to both of us; what others send is passed on. The child decides when to end.
  const atTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !atTerminal) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    console.error(`gazetteer: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}
