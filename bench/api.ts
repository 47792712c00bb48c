import { coldStartTable } from "./api-cold.ts";
import { warmTable } from "./api-warm.ts";
import { startEngine } from "./engine.ts";

/**
 * What the GraphQL function costs: its bundle, a cold start beside two bundles that people write, and warm requests
 * beside what they could cost at least. All sides in turns in one run. Prints Markdown; nothing here fails.
 * Argument: how many fresh processes of each bundle, 15 unless said otherwise.
 */
const processes = Number(process.argv[2] ?? 15);
const engine = await startEngine();
console.log("## Cold start\n");
console.log(await coldStartTable(engine, processes));
console.log("\n## Warm\n");
console.log(await warmTable(engine));
await engine.close();
