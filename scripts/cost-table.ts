import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { environmentNamed, environments } from "../infra/environments.ts";
import { addPortal } from "../infra/portal.ts";
import { withTable } from "./costs/docs.ts";
import { costTable, type Synthesized } from "./costs/table.ts";

/**
 * `npm run costs`: what each environment costs, computed from its templates, from what the benches measured
 * (bench/measured.json) and from public prices (scripts/prices.csv). `-- --write` puts it into docs/operations.md.
 */
const ROOT = join(import.meta.dirname, "..");
const OPERATIONS = join(ROOT, "docs/operations.md");

const table = costTable(Object.keys(environments).map(synthesize));
console.log(table);
if (process.argv.includes("--write")) writeFileSync(OPERATIONS, withTable(readFileSync(OPERATIONS, "utf8"), table));

function synthesize(name: string): Synthesized {
  const environment = environmentNamed(name);
  const outdir = mkdtempSync(join(tmpdir(), "gazetteer-costs-"));
  try {
    const { context } = JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8"));
    const unbundled = { "aws:cdk:bundling-stacks": [] };
    const app = new App({ outdir, analyticsReporting: false, context: { ...context, ...unbundled } });
    addPortal(app, environment);
    return { environment, templates: app.synth().stacks.map(({ template }) => template) };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
