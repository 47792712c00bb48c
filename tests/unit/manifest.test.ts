import { describe, expect, test } from "vitest";
import { readManifest } from "../../portal/releases/files/manifest.ts";
import { ProblemReport } from "../../portal/releases/problems.ts";
import { releaseOf } from "../support/releases.ts";

async function read(manifest: string | Uint8Array | null) {
  const report = new ProblemReport();
  const files = releaseOf(manifest === null ? {} : { "release.json": manifest });
  return { manifest: await readManifest(files, report, NOW), problems: report.problems };
}

const NOW = Date.UTC(2024, 4, 23, 12);
const good = { title: "Spring", publisher: "Gazetteer", publishedOn: "2024-05-24" };

describe("release.json", () => {
  test("gives title, publisher and day", async () => {
    expect(await read(JSON.stringify(good))).toEqual({ manifest: good, problems: [] });
  });

  test("may begin with a byte order mark", async () => {
    expect((await read(`\ufeff${JSON.stringify(good)}`)).manifest).toEqual(good);
  });

  test.for<[string, string | null, string]>([
    ["is missing", null, ""],
    ["is dated later than tomorrow", JSON.stringify({ ...good, publishedOn: "2024-05-25" }), "publishedOn"],
    ["is empty", "", ""],
    ["is no JSON", "{title: 1}", ""],
    ["is a list", "[]", ""],
    ["is null", "null", ""],
    ["is far too large", `{"title": "${"x".repeat(70_000)}"}`, ""],
    ["lacks its day", JSON.stringify({ ...good, publishedOn: undefined }), "publishedOn"],
    ["has a day that there never was", JSON.stringify({ ...good, publishedOn: "2023-02-29" }), "publishedOn"],
    ["has only a month", JSON.stringify({ ...good, publishedOn: "2023-02" }), "publishedOn"],
    ["has a title that is no text", JSON.stringify({ ...good, title: 5 }), "title"],
    ["has a blank publisher", JSON.stringify({ ...good, publisher: " " }), "publisher"],
    ["has a title that is too long", JSON.stringify({ ...good, title: "x".repeat(301) }), "title"],
    ["has an unknown field", JSON.stringify({ ...good, date: "2024-05-24" }), "date"],
  ])("that %s is reported with its field", async ([, text, column]) => {
    const { manifest, problems } = await read(text);
    expect(manifest).toBeUndefined();
    expect(problems).toEqual([expect.objectContaining({ file: "release.json", column, code: "MANIFEST_INVALID" })]);
  });

  test("reports everything that is wrong with it", async () => {
    expect((await read("{}")).problems.map(({ column }) => column)).toEqual(["title", "publisher", "publishedOn"]);
  });
});
