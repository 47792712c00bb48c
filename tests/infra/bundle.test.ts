import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { bundle } from "../../infra/constructs/bundle.ts";
import { environmentNamed } from "../../infra/environments.ts";
import { functionIn, resourcesOf, synthesize } from "./synthesized.ts";

/** AWS Lambda, "Quotas": a zip uploaded from S3 may have 250 MB unpacked; 50 MB packed is what we hold ourselves to. */
const MOST_UNPACKED = 250 * 1024 ** 2;
const MOST_PACKED = 50 * 1024 ** 2;

/** All code of the GraphQL function, minified, whether it is loaded for a start or later. */
const MOST_CODE = 900_000;

const { stacks, directory } = synthesize(environmentNamed("staging"), { bundled: true });
const [, graphql] = functionIn(stacks.api, "graphql");
const assetHash = String((graphql.Properties.Code as { S3Key: string }).S3Key).replace(".zip", "");
const asset = join(directory, `asset.${assetHash}`);

describe("what is in the bundle of the GraphQL function", () => {
  const folder = mkdtempSync(join(tmpdir(), "gazetteer-bundle-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { inputs, outputs } = bundle("functions/graphql/handler.ts", folder);

  test.for([
    ["graphql", /\.mjs$/],
    ["@apollo/server", /\/dist\/esm\//],
    ["lru-cache", /\/dist\/esm\//],
    ["@aws-sdk/client-dynamodb", /\/dist-es\/|package\.json$/],
  ] as const)("%s is in it once, as ES modules", ([name, form]) => {
    const files = Object.keys(inputs).filter((path) => packageOf(path).endsWith(`node_modules/${name}`));
    expect(new Set(files.map(packageOf))).toEqual(new Set([`node_modules/${name}`]));
    expect(files.filter((path) => !form.test(path))).toEqual([]);
  });

  test("loads little for a start, and the rest when it is needed", () => {
    const loaded = loadedWith(outputs, "functions/graphql/handler.ts", "functions/graphql/late.ts");
    const bytes = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + (outputs[name]?.bytes ?? 0), 0);
    const code = Object.keys(outputs).filter((name) => name.endsWith(".mjs"));
    console.log(`GraphQL function: ${kb(bytes(loaded))} for a start, ${kb(bytes(code))} in all`);
    expect(bytes(code)).toBeLessThan(MOST_CODE);
    expect(bytes(loaded)).toBeLessThan(0.9 * bytes(code));
    const inputsLoaded = [...loaded].flatMap((name) => Object.keys(outputs[name]?.inputs ?? {}));
    expect(inputsLoaded).toContain("schema/generated/outline.ts");
    expect(inputsLoaded).not.toContain("schema/generated/sdl.ts");
  });

  test("nothing is in it of what Apollo offers and the function turns down, nor what stands in for a package", () => {
    const names = new Set(Object.keys(inputs).map((path) => packageOf(path).replace(/^.*node_modules\//, "")));
    for (const name of ["@graphql-tools/schema", "@apollo/usage-reporting-protobuf", "sha.js", "bowser"]) {
      expect(names).not.toContain(name);
    }
  });

  test("nothing of the tests, of the CDK or of the local portal is in it", () => {
    const ours = Object.keys(inputs).filter((path) => !path.startsWith("node_modules/"));
    expect([...new Set(ours.map(packageOf))].sort()).toEqual(["functions", "portal", "schema"]);
  });

  test("the asset of the stack is this bundle: same names, same bytes", () => {
    expect(readdirSync(asset).sort()).toEqual(readdirSync(folder).sort());
    for (const file of readdirSync(folder)) {
      expect(readFileSync(join(asset, file)).equals(readFileSync(join(folder, file))), file).toBe(true);
    }
  });

  test("it is far from what Lambda takes", () => {
    const files = readdirSync(asset).map((file) => readFileSync(join(asset, file)));
    const unpacked = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const packed = files.reduce((sum, bytes) => sum + deflateSync(bytes).byteLength, 0);
    console.log(`GraphQL function: ${kb(packed)} packed, ${kb(unpacked)} unpacked; ${heaviest(outputs)}`);
    expect(unpacked).toBeLessThan(MOST_UNPACKED / 10);
    expect(packed).toBeLessThan(MOST_PACKED / 10);
  });
});

describe("every function is far from what Lambda takes", () => {
  const found = Object.values(stacks).flatMap((stack) => resourcesOf(stack, "AWS::Lambda::Function"));

  test.for(found.map(([, { Properties }]) => Properties))("$FunctionName", ({ FunctionName, Code }) => {
    const folder = join(directory, `asset.${(Code as { S3Key: string }).S3Key.replace(".zip", "")}`);
    const sizes = readdirSync(folder).map((file) => statSync(join(folder, file)).size);
    const unpacked = sizes.reduce((sum, size) => sum + size, 0);
    console.log(
      `${FunctionName}: ${kb(unpacked)} unpacked, ${((100 * unpacked) / MOST_UNPACKED).toFixed(1)} % of the most`,
    );
    expect(unpacked).toBeLessThan(MOST_UNPACKED / 10);
  });
});

/** The files that come with these entry points: what they import, and what that imports, but not what is imported late. */
function loadedWith(outputs: Metafile["outputs"], ...entryPoints: readonly string[]): Set<string> {
  const isEntry = ([, { entryPoint = "" }]: [string, { entryPoint?: string }]) => entryPoints.includes(entryPoint);
  const found = new Set(
    Object.entries(outputs)
      .filter(isEntry)
      .map(([name]) => name),
  );
  expect(found.size).toBe(entryPoints.length);
  // A set that grows while it is gone through is gone through to its end.
  for (const name of found) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind === "import-statement" && path in outputs) found.add(path);
    }
  }
  return found;
}

/** The folder of the package that a file belongs to; the first folder of the path for a file of ours. */
function packageOf(path: string): string {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path.split("/")[0] ?? "";
}

/** The packages that the bundle spends most on. */
function heaviest(outputs: Metafile["outputs"]): string {
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageOf(path).replace(/^.*node_modules\//, "");
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  const sorted = [...bytes].sort(([, a], [, b]) => b - a).slice(0, 6);
  return sorted.map(([name, size]) => `${name} ${kb(size)}`).join(", ");
}

function kb(bytes: number): string {
  return `${Math.round(bytes / 1000)} KB`;
}
