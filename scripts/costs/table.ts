import type { Environment } from "../../infra/environments.ts";
import { quantitiesOf, type Template } from "./deployed.ts";
import { billOf, type Line } from "./lines.ts";
import { costIn } from "./prices.ts";

/** An environment with the templates that were synthesized for it. */
export interface Synthesized {
  readonly environment: Environment;
  readonly templates: readonly Template[];
}

/** What each environment costs, as a Markdown table in USD, formatted as Biome formats tables. */
export function costTable(environments: readonly Synthesized[]): string {
  const bills = environments.map(({ environment, templates }) =>
    billOf(quantitiesOf(environment, templates), costIn(environment.region)),
  );
  const [first = []] = bills;
  const head = ["USD", ...environments.map(({ environment }) => environment.name)];
  const rows = first.map((line, i) => [nameOf(line), ...bills.map((bill) => amount(bill[i] as Line))]);
  const widths = head.map((_, column) => Math.max(4, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [head.map(pad), rule, ...rows.map((row) => row.map(pad))]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function nameOf({ name, sum }: Line): string {
  return sum ? `**${name}**` : name;
}

function amount({ usd, sum }: Line): string {
  const text = usd === 0 ? "–" : usd < 0.005 ? "< 0.01" : usd.toFixed(2);
  return sum ? `**${text}**` : text;
}
