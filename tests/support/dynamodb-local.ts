import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** Where `npm run fetch:dynamodb-local` puts the official engine. */
export const DYNAMODB_LOCAL_FOLDER = join(import.meta.dirname, "..", "..", ".cache", "dynamodb-local");

export interface DynamoDbLocal {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Why the official engine cannot run on this machine, or undefined when it can. */
export function whyNoDynamoDbLocal(): string | undefined {
  if (!existsSync(join(DYNAMODB_LOCAL_FOLDER, "DynamoDBLocal.jar"))) return "run npm run fetch:dynamodb-local first";
  if (spawnSync("java", ["-version"], { stdio: "ignore" }).status !== 0) return "there is no Java";
  return undefined;
}

/** Starts the official engine, in memory and on a free loopback port. It answers about a second later. */
export async function launchDynamoDbLocal(): Promise<DynamoDbLocal> {
  const port = await findFreePort();
  const engine = spawn(
    "java",
    [
      "-Djava.library.path=DynamoDBLocal_lib",
      "-jar",
      "DynamoDBLocal.jar",
      "-inMemory",
      "-disableTelemetry",
      "-port",
      `${port}`,
    ],
    { cwd: DYNAMODB_LOCAL_FOLDER, stdio: "ignore" },
  );
  const killAtExit = () => engine.kill("SIGKILL");
  process.once("exit", killAtExit);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      process.off("exit", killAtExit);
      await stop(engine);
    },
  };
}

async function stop(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null || engine.signalCode !== null) return;
  const exited = once(engine, "exit");
  engine.kill();
  await exited;
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
