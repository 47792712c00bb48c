/** Something to measure: one call of it. */
export type Work = () => unknown;

/** Rounds in which code and connections get warm; they are not counted. */
const WARM_UP_ROUNDS = 5;

/**
 * Microseconds of CPU that this process spends on a call, for each of several works: their rounds alternate, so that
 * whatever else the machine does meets all of them, and the median round counts.
 */
export async function cpuPerCall<Name extends string>(
  works: Readonly<Record<Name, Work>>,
  { rounds = 25, calls }: { readonly rounds?: number; readonly calls: number },
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const name of names) {
      const cpu = await cpuOf(works[name], calls);
      if (round >= 0) measured[name].push(cpu);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(measured[name])])) as Record<Name, number>;
}

async function cpuOf(work: Work, calls: number): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** Milliseconds on the clock for a call, the median of several. */
export async function timePerCall(work: Work, calls: number): Promise<number> {
  const times: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    const before = performance.now();
    await work();
    times.push(performance.now() - before);
  }
  return median(times);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
