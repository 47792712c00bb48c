/**
 * What a piece of work cost at the store. Counts are exact and repeatable, so that tests can pin them: an N+1 shows
 * as a changed number, not as a slow page.
 */
export class Meter {
  calls = 0;
  readUnits = 0;
  writeUnits = 0;
  /** The names of the calls, in the order in which they were answered. */
  readonly operations: string[] = [];

  record(operation: string, kind: "read" | "write", units: number): void {
    this.calls += 1;
    this.operations.push(operation);
    if (kind === "read") this.readUnits += units;
    else this.writeUnits += units;
  }
}
