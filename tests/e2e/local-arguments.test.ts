import { describe, expect, test } from "vitest";
import { parseArguments, usage } from "../../local/arguments.ts";
import { StartError } from "../../local/start-error.ts";

describe("arguments of npm start", () => {
  test.for<[string[], Record<string, string>, object]>([
    [[], {}, { port: 4000, dataDir: undefined, help: false }],
    [["--port", "8080"], {}, { port: 8080 }],
    [["--port=0"], {}, { port: 0 }],
    [[], { PORT: "5000" }, { port: 5000 }],
    [[], { PORT: "" }, { port: 4000 }],
    [["--port", "8080"], { PORT: "5000" }, { port: 8080 }],
    [["--port", "8080"], { PORT: "unused" }, { port: 8080 }],
    [["--data-dir", "there"], {}, { dataDir: "there" }],
    [[], {}, { logLevel: "ERROR" }],
    [[], { LOG_LEVEL: "info" }, { logLevel: "INFO" }],
    [["--help"], {}, { help: true }],
  ])("%j with %j", ([argv, env, expected]) => {
    expect(parseArguments(argv, env)).toMatchObject(expected);
  });

  test.for<[string[], Record<string, string>, string]>([
    [["--prot", "8080"], {}, "Unknown option '--prot'."],
    [["-p", "8080"], {}, "Unknown option '-p'."],
    [["8080"], {}, "Unexpected argument '8080'."],
    [["--port"], {}, "Option '--port <value>' argument missing."],
    [["--port", "high"], {}, '--port has to be a number from 0 to 65535, not "high".'],
    [["--port", "65536"], {}, "--port has to be"],
    [["--port=-1"], {}, "--port has to be"],
    [["--port", "4e3"], {}, "--port has to be"],
    [["--port", ""], {}, "--port has to be"],
    [[], { PORT: "http" }, "PORT has to be"],
    [[], { LOG_LEVEL: "all" }, 'LOG_LEVEL has to be one of DEBUG, INFO, WARN, ERROR, not "all".'],
    [["--data-dir", ""], {}, "--data-dir needs a path."],
    [["--help=yes"], {}, "Option '--help' does not take an argument."],
  ])("%j with %j: %s", ([argv, env, message]) => {
    const parse = () => parseArguments(argv, env);
    expect(parse).toThrow(StartError);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  test("the help names every option", () => {
    for (const word of ["--port", "--data-dir", "--help", "PORT", "LOG_LEVEL"]) expect(usage).toContain(word);
  });
});
