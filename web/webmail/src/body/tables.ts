/**
 * An editor draws every place of a table, also those that a cell only claims: `colspan=99999999` of a hostile letter would
 * keep it drawing for ever. Cells span what there is; a table of more places than anybody edits becomes its lines.
 */

const MOST_COLUMNS = 100;
/** Of all tables of a letter together: a sheet of two hundred lines and a hundred columns. */
const MOST_PLACES = 20_000;

export function boundTables(tree: ParentNode): void {
  let left = MOST_PLACES;
  for (const column of tree.querySelectorAll<HTMLTableColElement>('col, colgroup')) span(column, 'span', column.span);
  for (const table of tree.querySelectorAll('table')) {
    const rows = [...table.rows];
    const places = rows.length * widthOf(rows);
    if (places > left) table.replaceWith(...rows.map(lineOf));
    else left -= places;
  }
}

/** How many columns the rows need, when their cells span no more than there is. */
function widthOf(rows: HTMLTableRowElement[]): number {
  // How many columns begin at a row, less those that end there: cells reach down into the rows below.
  const change = Array<number>(rows.length + 1).fill(0);
  for (const [at, row] of rows.entries())
    for (const cell of row.cells) {
      const wide = span(cell, 'colspan', cell.colSpan);
      const high = span(cell, 'rowspan', cell.rowSpan, rows.length - at);
      change[at] = (change[at] ?? 0) + wide;
      change[at + high] = (change[at + high] ?? 0) - wide;
    }
  let [width, most] = [0, 0];
  for (const more of change) most = Math.max(most, (width += more));
  return most;
}

/** `said` is as browsers understand it: a whole number, whatever was written. */
function span(element: Element, name: string, said: number, most = MOST_COLUMNS): number {
  const kept = Math.max(1, Math.min(said, most));
  if (element.hasAttribute(name)) element.setAttribute(name, String(kept));
  return kept;
}

function lineOf(row: HTMLTableRowElement): HTMLElement {
  const line = row.ownerDocument.createElement('p');
  line.textContent = [...row.cells].map((cell) => cell.textContent.trim()).join(' ');
  return line;
}
