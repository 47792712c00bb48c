import { expect, test, vi } from "vitest";
import type { DeployedPortal } from "../../support/deployed.ts";

/** What a start of the functions that somebody waits for may load, in bytes of minified code. */
const MOST_LOADED: Readonly<Record<string, number>> = {
  "gazetteer-staging-graphql": 950_000,
  "gazetteer-staging-partner": 500_000,
};

export function describeStart(portal: () => DeployedPortal): void {
  test("starts from its bundle with the variables of the template, and writes no error", () => {
    const names = portal().functions.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["gazetteer-staging-graphql", "gazetteer-staging-importer"]));
    for (const { name, log } of portal().functions) expect(log, name).toBe("");
  });

  test("loads what it needs and leaves the rest", () => {
    for (const { name, start } of portal().functions) {
      const { bytesLoaded, initMs } = start;
      console.log(`${name}: ${Math.round(bytesLoaded / 1000)} KB loaded in ${Math.round(initMs)} ms on this machine`);
      expect(bytesLoaded, name).toBeLessThan(MOST_LOADED[name] ?? 1_000_000);
    }
  });

  test("looks for HEAD when it starts, where somebody will wait for it", async () => {
    const said = () =>
      portal()
        .acts.filter(({ action }) => action.startsWith("dynamodb:"))
        .map((act) => `${act.function} ${act.action} ${act.resource.split("/").at(-1)}`)
        .sort();
    // They do not wait for the answer, nor is the start over only when it is there.
    await vi.waitFor(() => expect(said()).toHaveLength(2));
    expect(said()).toEqual(
      ["graphql", "partner"].map((name) => `gazetteer-staging-${name} dynamodb:GetItem gazetteer-staging-catalogue`),
    );
  });

  test("reads each of its secrets once, when it starts", () => {
    const read = portal().acts.filter(({ action }) => action === "secretsmanager:GetSecretValue");
    const distinct = new Set(read.map((act) => `${act.function} ${act.resource}`));
    expect(distinct.size).toBe(read.length);
    expect(read.map((act) => act.function)).toContain("gazetteer-staging-graphql");
  });
}
