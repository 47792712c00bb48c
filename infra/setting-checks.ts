/**
 * What is wrong with a value, as clauses that begin with the path of the setting; nothing when it is right.
 * `path` is how a person would write the setting: `functions.graphql.memoryMb`.
 */
export type Check = (value: unknown, path: string) => Iterable<string>;

const mustBe = (path: string, expected: string, value: unknown) => [
  value === undefined
    ? `the setting ${path} is missing; it must be ${expected}`
    : `the setting ${path} must be ${expected}, but it is ${JSON.stringify(value)}`,
];

export const flag: Check = (value, path) => (typeof value === "boolean" ? [] : mustBe(path, "true or false", value));

export function text(pattern: RegExp, expected: string): Check {
  return (value, path) => (typeof value === "string" && pattern.test(value) ? [] : mustBe(path, expected, value));
}

export function integer(least: number, most: number): Check {
  const fits = (value: unknown) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  return (value, path) => (fits(value) ? [] : mustBe(path, `a whole number from ${least} to ${most}`, value));
}

export function oneOf(...allowed: readonly (string | number)[]): Check {
  return (value, path) =>
    allowed.some((candidate) => candidate === value) ? [] : mustBe(path, `one of ${allowed.join(", ")}`, value);
}

export function orNull(check: Check): Check {
  return (value, path) => (value === null ? [] : check(value, path));
}

export function listOf(check: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((entry, index) => [...check(entry, `${path}[${index}]`)])
      : mustBe(path, "a list", value);
}

/** An object with exactly these settings. */
export function record(checks: Readonly<Record<string, Check>>): Check {
  return (value, path) => entriesOf(checks, value, path);
}

/** An object with none but these settings. */
export function partOf(checks: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    const given = Object.keys(Object(value));
    const asked = Object.fromEntries(Object.entries(checks).filter(([name]) => given.includes(name)));
    return entriesOf(asked, value, path);
  };
}

export function* entriesOf(checks: Readonly<Record<string, Check>>, value: unknown, path: string): Generator<string> {
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  if (typeof value !== "object" || value === null) {
    yield* mustBe(path === "" ? "object" : path, `an object with ${Object.keys(checks).join(", ")}`, value);
    return;
  }
  const settings = new Map(Object.entries(value));
  for (const [name, check] of Object.entries(checks)) yield* check(settings.get(name), at(name));
  for (const name of settings.keys()) if (!Object.hasOwn(checks, name)) yield `the setting ${at(name)} is not known`;
}
