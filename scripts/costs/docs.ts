/** Between these lines of docs/operations.md stands the table of `npm run costs`. */
const BEGIN = "<!-- npm run costs -- --write -->";
const END = "<!-- end of the costs -->";

/** The page with a table in the place of the one that it has. @throws Error for a page without a place for it. */
export function withTable(page: string, table: string): string {
  const [before, rest, ...more] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined || more.length > 0) throw new Error("no place for the cost table");
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
}
