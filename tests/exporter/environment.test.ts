import { expect, test } from "vitest";
import { dumpShelf, publishedBy } from "../../functions/dumps/environment.ts";
import { exporterSettings } from "../../functions/exporter/environment.ts";

test("a function without a bucket of dumps offers none; the exporter does not start without", () => {
  expect(dumpShelf({})).toEqual({});
  expect(Object.keys(dumpShelf({ DUMP_BUCKET: "dumps" }))).toEqual(["dumps"]);
  expect(() => exporterSettings({})).toThrow("DUMP_BUCKET");
});

test("who publishes is said whole or not at all", () => {
  const said = {
    PUBLISHER_NAME: "Statistics of Zedland",
    PUBLISHER_URL: "https://example.org/statistics",
    LICENCE_URL: "https://creativecommons.org/licenses/by/4.0/",
    CATALOGUE_TITLE: "Data of Zedland",
  };
  expect(publishedBy({})).toEqual({});
  expect(publishedBy({ ...said, PORTAL_URL: "https://data.example.org/" }).publishedBy).toEqual({
    url: "https://data.example.org",
    title: said.CATALOGUE_TITLE,
    publisher: { name: said.PUBLISHER_NAME, url: said.PUBLISHER_URL },
    licence: said.LICENCE_URL,
  });
  for (const missing of ["PUBLISHER_URL", "LICENCE_URL", "CATALOGUE_TITLE"]) {
    expect(() => publishedBy({ ...said, [missing]: undefined })).toThrow(missing);
  }
});
