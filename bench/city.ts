import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatTimePeriod, parseTimePeriod } from "../portal/series/time-period.ts";

/** Months that every series has: from January 2008. */
const MONTHS = 200;
const AGENCIES = 54;
const SUBJECTS = 53;
const FIRST_MONTH = parseTimePeriod("2008-01")?.index ?? 0;

export interface City {
  readonly observations: number;
  readonly series: number;
}

/**
 * Writes a release of the size of what one city opened: monthly observations of metrics kept by 54 agencies for 53
 * districts, each agency a source. Deterministic: the same number makes the same bytes.
 * @param observations rounded up to whole series of 200 months.
 */
export async function writeCity(folder: string, observations: number): Promise<City> {
  await mkdir(folder, { recursive: true });
  const series = Math.ceil(observations / MONTHS);
  const metrics = Math.ceil(series / SUBJECTS);
  const manifest = { title: "What one city opened", publisher: "Generator", publishedOn: "2024-12-31" };
  await writeFile(join(folder, "release.json"), JSON.stringify(manifest));
  const sources = Array.from({ length: AGENCIES }, (_, i) => `agency-${i}-2024,Open data of agency ${i},2024-12-31\n`);
  await writeFile(join(folder, "sources.csv"), `id,title,published_on\n${sources.join("")}`);
  const districts = Array.from({ length: SUBJECTS }, (_, i) => `${100 + i},CN,PROVINCE,District ${i}\n`);
  const regions = `WORLD,,WORLD,World\nCN,WORLD,COUNTRY,China\n${districts.join("")}`;
  await writeFile(join(folder, "regions.csv"), `code,parent_code,level,name_en\n${regions}`);
  const names = Array.from({ length: metrics }, (_, i) => `metric-${i},Metric ${i},1,topic ${i % 20}\n`);
  await writeFile(join(folder, "metrics.csv"), `id,name_en,unit,topic\n${names.join("")}`);
  await writeObservations(join(folder, "observations.csv"), series);
  return { observations: series * MONTHS, series };
}

async function writeObservations(path: string, series: number): Promise<void> {
  const months = Array.from({ length: MONTHS }, (_, i) => formatTimePeriod({ frequency: "M", index: FIRST_MONTH + i }));
  const out = createWriteStream(path);
  out.write("metric_id,subject_type,subject_id,time_period,value,obs_status,source_id,published_on,note\n");
  let random = 42;
  for (let n = 0; n < series; n += 1) {
    const metric = Math.floor(n / SUBJECTS);
    const head = `metric-${metric},REGION,${100 + (n % SUBJECTS)},`;
    const tail = `,A,agency-${metric % AGENCIES}-2024,2024-12-31,\n`;
    let text = "";
    for (const month of months) {
      // A linear congruential generator (Numerical Recipes): values with two decimals below 100,000.
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      text += `${head}${month},${(random % 10_000_000) / 100}${tail}`;
    }
    if (!out.write(text)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}
