/** As much of the toolkit as the tests use; it brings no types. Cells are what the document holds. */
declare module "jsonstat-toolkit" {
  export interface Cell {
    readonly value: unknown;
    readonly status: unknown;
  }

  export interface Dimension {
    readonly id: readonly string[];
    Category(index: number): { readonly label: string; readonly unit: unknown };
  }

  export interface Dataset {
    readonly n: number;
    readonly size: readonly number[];
    readonly role: unknown;
    readonly updated: string;
    Dimension(id: string): Dimension;
    Data(cell: number | Readonly<Record<string, string>>): Cell;
    Data(): readonly Cell[] | null;
  }

  export default function JSONstat(document: unknown): Dataset;
}
