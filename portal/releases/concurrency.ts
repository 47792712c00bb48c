/** Runs `work` for every value, at most `limit` at a time; results in the order of the values; the first error ends it. */
export async function mapConcurrently<T, R>(
  values: readonly T[],
  limit: number,
  work: (value: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(values.length);
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < values.length && !failed) {
      const at = next;
      next += 1;
      try {
        results[at] = await work(values[at] as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, values.length) }, worker));
  return results;
}
