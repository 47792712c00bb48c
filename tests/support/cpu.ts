/** How often work is done again before it counts as too dear. */
const MOST_RUNS = 20;

/**
 * What work takes of the process's CPU at its least, in milliseconds. Whatever else runs can only add to that, so that
 * the work is done `runs` times, and again while it still took `mostMs` or more.
 *
 * @param prepare what has to be there before the work begins, which is not counted.
 */
export async function leastCpuMs<Given>(
  prepare: (run: number) => Given,
  work: (given: Given) => Promise<unknown>,
  { mostMs, runs = 1 }: { readonly mostMs: number; readonly runs?: number },
): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < MOST_RUNS && (run < runs || least >= mostMs); run += 1) {
    const given = prepare(run);
    const began = process.cpuUsage();
    await work(given);
    const { user, system } = process.cpuUsage(began);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
