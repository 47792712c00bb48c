import fc from "fast-check";

/** The same cases in every run; `SEED=$RANDOM npx vitest run …` looks at others, and a failure prints its seed. */
const seed = Number(process.env.SEED ?? 20_141_122);

/** Asserts that a property holds for `runs` arbitrary cases. */
export function holds<Values>(property: fc.IProperty<Values>, runs = 200): void {
  fc.assert(property, { seed, numRuns: runs });
}

/** The same for properties that wait for something. */
export function holdsEventually<Values>(property: fc.IAsyncProperty<Values>, runs = 20): Promise<void> {
  return fc.assert(property, { seed, numRuns: runs });
}
