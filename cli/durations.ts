import { UsageError } from "./usage-error.ts";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_MS = 3_660 * 86_400_000;

/**
 * `30m`, `24h`, `7d` in milliseconds, up to ten years.
 * @throws UsageError that names the option.
 */
export function durationMs(option: string, text: string): number {
  const [, number, unit = ""] = /^([1-9]\d{0,6})([mhd])$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (ms <= MAX_MS) return ms;
  throw new UsageError(`${option} has to be like 30m, 24h or 7d, and at most ten years, not "${text}".`);
}
