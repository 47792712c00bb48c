/** Time periods once more, slowly and by way of `Date`, to hold the portal's arithmetic against. */

const DAY = 86_400_000;

/** The first day of a period, as milliseconds since 1970. */
export function startOf(period: string): number {
  const year = Number(period.slice(0, 4));
  const part = Number(period.slice(6));
  switch (period[5]) {
    case undefined:
      return Date.UTC(year, 0, 1);
    case "S":
      return Date.UTC(year, (part - 1) * 6, 1);
    case "Q":
      return Date.UTC(year, (part - 1) * 3, 1);
    case "W":
      return firstMonday(year) + (part - 1) * 7 * DAY;
    default:
      return Date.parse(period.length === 7 ? `${period}-01` : period);
  }
}

/** The first day after a period. */
export function endOf(period: string): number {
  return startOf(next(period));
}

/** The period after this one, of the same frequency. */
export function next(period: string): string {
  const year = Number(period.slice(0, 4));
  if (period.length === 4) return String(year + 1);
  const mark = period[5] as string;
  if (mark === "W") return weekOf(startOf(period) + 7 * DAY);
  if (mark === "S" || mark === "Q") {
    const last = mark === "S" ? 2 : 4;
    const part = Number(period.slice(6));
    return part === last ? `${year + 1}-${mark}1` : `${year}-${mark}${part + 1}`;
  }
  if (period.length === 10) return new Date(startOf(period) + DAY).toISOString().slice(0, 10);
  return new Date(Date.UTC(year, Number(period.slice(5)), 1)).toISOString().slice(0, 7);
}

/** ISO 8601: the week with the year's first Thursday, which is the one with 4 January, is the first. */
function firstMonday(year: number): number {
  const fourth = Date.UTC(year, 0, 4);
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY;
}

function weekOf(monday: number): string {
  const year = new Date(monday + 3 * DAY).getUTCFullYear();
  const week = (monday - firstMonday(year)) / (7 * DAY) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}
