/** The platforms of a province, and a bar for each province's value of a metric: node province.ts <address> 52 <metric> */
import { GazetteerError, Portal } from "../src/index.ts";

const [url = "", province = "52", metric = "digital-economy-share"] = process.argv.slice(2);
const portal = new Portal({ url, ...(process.env.GAZETTEER_KEY ? { apiKey: process.env.GAZETTEER_KEY } : {}) });

try {
  const region = await portal.region(province);
  if (region === null) throw new Error(`There is no region ${province}.`);
  console.log(`Platforms in ${region.names[0]?.text}:`);
  for await (const { names, kind, url: address } of portal.platforms({ within: region.id })) {
    console.log(`  ${names[0]?.text} (${kind}) ${address ?? ""}`.trimEnd());
  }

  const panel = await portal.panel({ metric, of: { regions: { within: "CN", level: "PROVINCE" } }, last: 1 });
  if (panel === null) throw new Error(`There is no metric ${metric}.`);
  console.log(`\n${panel.metric.name}, ${panel.unit}, ${panel.timePeriods.at(-1)} (release ${panel.release}):`);
  const most = Math.max(...panel.rows.map(({ value }) => value ?? 0));
  for (const { name, value, exact, status } of panel.rows) {
    const bar = "#".repeat(Math.round((20 * (value ?? 0)) / most));
    if (status !== null) console.log(`  ${name.padEnd(16)} ${bar} ${exact ?? status}`);
  }
} catch (error) {
  const request = error instanceof GazetteerError ? ` (${error.code}, request ${error.requestId})` : "";
  console.error(`${error instanceof Error ? error.message : error}${request}`);
  process.exitCode = 1;
}
