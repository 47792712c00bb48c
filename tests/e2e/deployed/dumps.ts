import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { DeployedPortal } from "../../support/deployed.ts";
import { functionNamed, issueKey } from "./uploading.ts";

interface Dumps {
  readonly release: number;
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly files: readonly { readonly format: string; readonly path: string; readonly url: string }[];
  }[];
}

export function describeDumps(portal: () => DeployedPortal): void {
  let key = "";
  const ask = (path: string, init: RequestInit = {}) =>
    portal().request(path, { ...init, headers: { "x-api-key": key } });

  test("are not there before the schedule first rang, and nobody is told why", async () => {
    key = await issueKey(portal());
    const { status, headers } = await ask("/v1/dumps");
    expect([status, headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  });

  test("are written when it rings, once", async () => {
    const written = (await portal().ring("exporter")) as { status: string; release: number };
    expect(written.status).toBe("WRITTEN");
    expect(await portal().ring("exporter")).toEqual({ status: "CURRENT", release: written.release });
  });

  test("are linked to for partners, by links that work without a key and for this file alone", async () => {
    // An instance looks for a new dump every half minute.
    functionNamed(portal(), "partner").setClockAhead(60_000);
    const { tables } = (await (await ask("/v1/dumps")).json()) as Dumps;
    const regions = tables.find(({ name }) => name === "regions");
    const file = regions?.files.find(({ format }) => format === "csv");
    const response = await fetch(file?.url ?? "");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-disposition")).toMatch(/filename="gazetteer-\d+-regions\.csv\.gz"/);
    const [head, ...rows] = String(gunzipSync(await response.arrayBuffer()))
      .trim()
      .split("\n");
    expect(head).toContain("code,");
    expect(rows).toHaveLength(regions?.rows ?? 0);
  });

  test("have addresses that stay and lead to such a link", async () => {
    const { status, headers } = await ask("/v1/dumps/latest/regions.csv.gz", { redirect: "manual" });
    expect(status).toBe(302);
    expect((await fetch(headers.get("location") ?? "")).status).toBe(200);
    expect((await ask("/v1/dumps/latest/nothing.csv.gz")).status).toBe(404);
  });
}
