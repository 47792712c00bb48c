import { parseArgs } from "node:util";
import { LOG_LEVELS, type LogLevel } from "../functions/http/log.ts";
import { StartError } from "./start-error.ts";

const DEFAULT_PORT = 4000;

export const usage = `Usage: npm start -- [options]

Serves the portal on this machine: http://localhost:${DEFAULT_PORT}, GraphQL at /graphql.

Options:
  --port <number>     port to listen on; 0 takes a free one (default: PORT, or ${DEFAULT_PORT})
  --data-dir <path>   keep the database in this folder between starts (default: in memory, gone at the end)
  --help              show this text

Environment:
  PORT                port to listen on when --port is not given
  LOG_LEVEL           what the functions print: ERROR (default), WARN, INFO (a line per request), DEBUG
`;

export interface StartArguments {
  readonly port: number;
  /** Where the database is kept; undefined keeps it in memory. */
  readonly dataDir: string | undefined;
  readonly logLevel: LogLevel;
  readonly help: boolean;
}

/**
 * @param argv the words after the script's name.
 * @throws StartError with exit code 2 that names the option.
 */
export function parseArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): StartArguments {
  const { port, "data-dir": dataDir, help = false } = readOptions(argv);
  if (dataDir === "") throw wrongUsage("--data-dir needs a path.");
  return { port: choosePort(port, env.PORT), dataDir, logLevel: chooseLogLevel(env.LOG_LEVEL), help };
}

function readOptions(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { port: { type: "string" }, "data-dir": { type: "string" }, help: { type: "boolean" } },
    }).values;
  } catch (error) {
    // The first sentence names the option; the second is about positional arguments, of which we have none.
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw wrongUsage(`${reason}.`);
  }
}

function choosePort(option: string | undefined, variable: string | undefined): number {
  if (option !== undefined) return parsePort(option, "--port");
  return variable ? parsePort(variable, "PORT") : DEFAULT_PORT;
}

function chooseLogLevel(variable = ""): LogLevel {
  const level = LOG_LEVELS.find((name) => name === (variable.toUpperCase() || "ERROR"));
  if (level === undefined) throw wrongUsage(`LOG_LEVEL has to be one of ${LOG_LEVELS.join(", ")}, not "${variable}".`);
  return level;
}

function parsePort(text: string, name: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw wrongUsage(`${name} has to be a number from 0 to 65535, not "${text}".`);
  return port;
}

function wrongUsage(message: string): StartError {
  return new StartError(`${message}\nSee npm start -- --help.`, { exitCode: 2 });
}
