import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";

/**
 * Public prices of AWS in USD, on demand, before free tiers, discounts and taxes, as of November 2026. `basis` says
 * where a price comes from: `page`, a stored copy of the price page or of AWS's documentation; `quoted`, other pages
 * that quote it; `memory`, not looked up.
 */
const FILE = new URL("../prices.csv", import.meta.url);

/** The region whose prices stand in for those that a region has no line for. */
export const REFERENCE_REGION = "us-east-1";

export interface PriceLine {
  readonly region: string;
  readonly price: string;
  /** For `per` units. */
  readonly usd: string;
  readonly per: string;
  readonly unit: string;
  readonly page: string;
  readonly basis: "page" | "quoted" | "memory";
}

export const PRICES: readonly PriceLine[] = parse(readFileSync(FILE), { columns: true });

/** What so many units cost in a region, in USD. @throws Error for a price that is in the file under no region. */
export type Cost = (price: string, units: number) => number;

export function costIn(region: string): Cost {
  return (price, units) => {
    const lines = PRICES.filter((line) => line.price === price);
    const line = lines.find((each) => each.region === region) ?? lines.find((each) => each.region === REFERENCE_REGION);
    if (!line) throw new Error(`scripts/prices.csv has no price ${price}`);
    return (units * Number(line.usd)) / Number(line.per);
  };
}
