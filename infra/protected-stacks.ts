import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** What is read of `cdk.out/manifest.json`. */
export interface Manifest {
  readonly artifacts: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  /** `aws://<account>/<region>`. */
  readonly environment?: string;
  readonly properties?: { readonly terminationProtection?: boolean };
}

/** The stacks that refuse to be deleted, each as its region and its name with a space between. */
export function protectedStacks({ artifacts }: Manifest): string[] {
  return Object.entries(artifacts)
    .filter(([, { type, properties }]) => type === "aws:cloudformation:stack" && properties?.terminationProtection)
    .map(([name, { environment }]) => `${environment?.split("/").at(-1)} ${name}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const stack of protectedStacks(JSON.parse(readFileSync("cdk.out/manifest.json", "utf8")))) console.log(stack);
}
