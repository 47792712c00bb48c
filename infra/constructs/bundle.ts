import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { type BuildOptions, buildSync, type Metafile } from "esbuild";

export const ROOT = join(import.meta.dirname, "../..");

/** The file that Lambda loads, and the export in it. */
export const HANDLER = "handler.handler";

const APOLLO_OFFERS = ["cacheControl", "inlineTrace", "landingPage/default", "schemaReporting", "usageReporting"];

/**
 * How every function is bundled. The AWS SDK goes in: what runs is then what was tested, and one minified file loads
 * faster than the runtime's own copy, which changes when AWS likes.
 */
const OPTIONS: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  minify: true,
  // What is loaded late, if ever, stays in files of its own: credential providers for laptops, Apollo's reporting.
  splitting: true,
  // The ESM builds of packages first: they can be shaken, and graphql is then in the bundle once.
  mainFields: ["module", "main"],
  define: { "process.env.NODE_ENV": '"production"' },
  // Parts of packages that cost more than they do here; each says why.
  alias: {
    "node:http": "./functions/bundled/node-http.ts",
    "node:process": "./functions/bundled/node-process.ts",
    "node:util": "./functions/bundled/node-util.ts",
    "node:crypto": "./functions/bundled/node-crypto.ts",
    graphql: "./functions/bundled/graphql.mjs",
    "@apollo/utils.createhash": "./functions/bundled/create-hash.ts",
    "@aws-sdk/credential-provider-node": "./functions/bundled/credentials.ts",
    "@aws-sdk/middleware-endpoint-discovery": "./functions/bundled/endpoint-discovery.ts",
    "@graphql-tools/schema": "./functions/bundled/schema-tools.ts",
    // CommonJS that wants it would bring a copy of its own.
    "lru-cache": "./node_modules/lru-cache/dist/esm/node/index.min.js",
  },
  // Never loaded: Apollo's offers that the GraphQL function turns down [function.ts], and what the SDK has for browsers.
  external: [...APOLLO_OFFERS.map((name) => `./plugin/${name}/index.js`), "bowser"],
  // CommonJS packages in an ES module call `require` for Node's own modules.
  banner: {
    js: 'const require=process.getBuiltinModule("node:module").createRequire(import.meta.url);',
  },
  // For the stacks in the log [functions/stack.ts]. Sources stay at home.
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
};

/**
 * Writes the bundle of a function into a folder; says what went into which file. Source maps name sources by their
 * way from the output folder, so esbuild is given one that is never made: the same sources make the same bytes and
 * thereby the same version of the function, wherever they are built.
 */
export function bundle(entry: string, folder: string): Metafile {
  const options: BuildOptions = { ...OPTIONS, entryPoints: { handler: entry }, outdir: "bundle" };
  const { metafile, outputFiles } = buildSync({ ...options, metafile: true, write: false });
  for (const { path, contents } of outputFiles) writeFileSync(join(folder, basename(path)), contents);
  return metafile;
}

/** The code of a function, bundled here: no container, no network. */
export function bundledCode(entry: string): Code {
  return Code.fromAsset(join(ROOT, entry, ".."), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Asked for by the type; local bundling never fails over to it, it throws.
      image: DockerImage.fromRegistry("none"),
      local: {
        tryBundle: (outputDirectory) => {
          bundle(entry, outputDirectory);
          return true;
        },
      },
    },
  });
}
