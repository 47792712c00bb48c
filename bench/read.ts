import { compressionTable } from "./compression.ts";
import { startEngine } from "./engine.ts";
import { growthTable } from "./growth.ts";
import { createObservationTable } from "./observation-items.ts";
import { panelTable } from "./panels.ts";
import { seriesTable } from "./series.ts";

/**
 * What reading costs, beside one item per observation, the design that tutorials teach: same client library, same
 * engine, same run, both sides in turns. The engine runs in a process of its own, so that CPU is the client's alone.
 * Prints Markdown. Nothing here fails: numbers are for people to judge.
 */
console.log("## One series\n");
const engine = await startEngine();
await createObservationTable(engine.client);
console.log(await seriesTable(engine));
console.log("\n## Panels\n");
console.log(await panelTable(engine));
await engine.close();
console.log("\n## Growth: the same query in larger tables (goal: the same cost)\n");
console.log(await growthTable());
console.log("\n## Compression\n");
console.log(compressionTable());
