/**
 * One cold start: `node api-cold-process.mjs <handler file> <event as JSON>` loads a bundle and lets it answer. Prints,
 * as its last line, milliseconds on the clock and of CPU, and what was answered. JavaScript, so that nothing has been
 * loaded before but Node.
 */
const [, , file, event] = process.argv;
const context = { awsRequestId: "cold", getRemainingTimeInMillis: () => 15_000 };

const cpu = process.cpuUsage();
const start = performance.now();
const { handler } = await import(`file://${file}`);
const { body } = await handler(JSON.parse(event), context);
const clock = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);

process.stdout.write(`\n${JSON.stringify({ clock, cpu: (user + system) / 1000, body })}`);
process.exit();
