import { describe, expect, test } from "vitest";
import { parseArguments } from "../../cli/arguments.ts";
import { EXIT } from "../../cli/failure.ts";
import { openTarget } from "../../cli/target.ts";
import { usage } from "../../cli/usage.ts";
import { UsageError } from "../../cli/usage-error.ts";

describe("the arguments of the command", () => {
  test.for<[string[], object]>([
    [["publish", "my-release"], { name: "publish", path: "my-release", dryRun: false }],
    [["publish", "a.zip", "--dry-run"], { name: "publish", path: "a.zip", dryRun: true }],
    [["--dry-run", "publish", "a.zip"], { name: "publish", path: "a.zip", dryRun: true }],
    [["validate", "a.zip"], { name: "validate", path: "a.zip" }],
    [["releases"], { name: "releases", last: 20 }],
    [["releases", "--last", "3"], { name: "releases", last: 3 }],
    [["publish", "a.zip", "--settle-ms", "0"], { name: "publish", path: "a.zip", dryRun: false, settleMs: 0 }],
    [["revert", "12"], { name: "revert", release: 12 }],
    [["revert", "12", "--settle-ms=20000"], { name: "revert", release: 12, settleMs: 20_000 }],
    [["status"], { name: "status" }],
    [["pull", "m"], { name: "pull", path: "m", format: "csv", since: undefined, watch: false }],
    [
      ["pull", "m", "--format", "parquet", "--since", "3", "--watch"],
      { name: "pull", path: "m", format: "parquet", since: 3, watch: true },
    ],
    [["diff", "0", "15"], { name: "diff", from: 0, to: 15 }],
    [[], { name: "help" }],
    [["help"], { name: "help" }],
    [["publish", "--help"], { name: "help" }],
    [["-h"], { name: "help" }],
  ])("%j", ([argv, command]) => {
    expect(parseArguments(argv).command).toEqual(command);
  });

  test("say where the tables are, and what form the answer has", () => {
    const argv = ["status", "--endpoint", "http://localhost:8000", "--env=dev", "--tables", "mine", "--json"];
    expect(parseArguments(argv)).toMatchObject({
      target: { endpoint: "http://localhost:8000", env: "dev", tables: "mine" },
      json: true,
    });
  });

  test.for<[string[], string]>([
    [
      ["publsh", "a"],
      'There is no command "publsh", only publish, validate, releases, revert, status, dump, pull, diff, keys, webhooks.',
    ],
    [["constructor"], 'There is no command "constructor"'],
    [["diff", "12"], "diff needs two releases, and nothing else."],
    [["diff", "15", "12"], "diff goes from an earlier release to a later one, not from 15 to 12."],
    [["diff", "12", "now"], 'the second release has to be the number of a release, not "now".'],
    [["pull", "m", "--since", "2024-01-01"], '--since has to be the number of a release, not "2024-01-01".'],
    [["status", "--url", "https://data.example.org"], "status knows no --url."],
    [["publish"], "publish needs a folder or .zip file, and nothing else."],
    [["publish", "a", "b"], "publish needs a folder or .zip file, and nothing else."],
    [["status", "now"], 'status takes no argument, not "now".'],
    [["validate", "a", "--dry-run"], "validate knows no --dry-run."],
    [["validate", "a", "--settle-ms", "1"], "validate knows no --settle-ms."],
    [["publish", "a", "--settle-ms", "5s"], '--settle-ms has to be a number of milliseconds up to 600000, not "5s".'],
    [["status", "--last", "3"], "status knows no --last."],
    [["releases", "--last", "0"], '--last has to be a whole number from 1 to 1000, not "0".'],
    [["releases", "--last", "1001"], "--last has to be"],
    [["revert"], "revert needs the number of a release, and nothing else."],
    [["revert", "r1"], 'the number of a release has to be a whole number from 1, not "r1".'],
    [["revert", "1e3"], "the number of a release has to be"],
    [["status", "--jsn"], "Unknown option '--jsn'."],
    [["status", "--env"], "Option '--env <value>' argument missing."],
  ])("%j: %s", ([argv, message]) => {
    expect(() => parseArguments(argv)).toThrow(UsageError);
    expect(() => parseArguments(argv)).toThrow(message);
  });
});

describe("the portal that is meant", () => {
  const nowhere = { endpoint: undefined, env: undefined, tables: undefined };
  const nameOf = (target: Partial<typeof nowhere> | Record<string, string>, variables = {}) => {
    const opened = openTarget({ ...nowhere, ...target }, variables);
    opened.close();
    return opened.name;
  };

  test.for<[Record<string, string>, Record<string, string>, string]>([
    [{ env: "prod" }, {}, "gazetteer-prod-catalogue and gazetteer-prod-series at ap-southeast-1"],
    [{ endpoint: "http://h:1" }, {}, "gazetteer-catalogue and gazetteer-series at http://h:1"],
    [{ endpoint: "http://h:1", env: "dev" }, {}, "gazetteer-dev-catalogue and gazetteer-dev-series at http://h:1"],
    [{ env: "dev", tables: "mine" }, {}, "mine-catalogue and mine-series at us-east-1"],
    [{}, { AWS_ENDPOINT_URL_DYNAMODB: "http://h:2" }, "gazetteer-catalogue and gazetteer-series at http://h:2"],
    [{ endpoint: "http://h:1" }, { AWS_ENDPOINT_URL_DYNAMODB: "http://h:2" }, "gazetteer-series at http://h:1"],
  ])("%j with %j is %s", ([target, variables, name]) => {
    expect(nameOf(target, variables)).toContain(name);
  });

  test.for<[Record<string, string>, string]>([
    [{}, "Say which portal: --env dev, staging or prod, or --endpoint"],
    [{ env: "production" }, 'There is no environment "production", only dev, staging, prod.'],
    [{ endpoint: "localhost:8000" }, "--endpoint has to be an http or https URL"],
    [{ endpoint: "nonsense" }, "--endpoint has to be an http or https URL"],
    [{ endpoint: "http://h:1", tables: "a/b" }, "--tables has to be letters"],
  ])("%j: %s", ([target, message]) => {
    expect(() => nameOf(target)).toThrow(UsageError);
    expect(() => nameOf(target)).toThrow(message);
  });
});

test("the help names every command, option and exit code", () => {
  const words = ["publish", "validate", "releases", "revert", "status", "--endpoint", "--env", "--tables", "--dry-run"];
  words.push("keys create", "keys list", "keys rotate", "keys revoke", "--plan", "--scopes", "--expires", "--overlap");
  for (const word of [...words, "--last", "--json", "--help"]) expect(usage).toContain(word);
  for (const code of Object.values(EXIT)) expect(usage).toMatch(new RegExp(`^  ${code}  \\w`, "m"));
});
