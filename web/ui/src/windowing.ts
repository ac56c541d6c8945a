/**
 * The arithmetic of a virtual list: rows of one height, with heads between them. Pure.
 *
 * Of a list of 100,000 rows only windows are known, so nobody knows all heads either. A head counts from the moment
 * when its row and the one before it are known; until then its place is a few pixels that nobody misses, because rows
 * stand where the known heads put them: the scroll bar is that of the whole list, row 50,000 is at 50,000 row heights
 * and a little more. Heads that come to be known above the reader (rows were fetched while they scrolled up) move
 * everything below: `keepRow` says by how much the list must be scrolled so that the first row in sight stays where it is.
 */

export interface Range {
  /** First row to draw. */
  first: number;
  /** Last row to draw; −1 when there is none. */
  last: number;
}

export interface Layout {
  row: number;
  head: number;
  /** Rows that a head stands before, ascending. */
  heads: readonly number[];
}

/** Never more row nodes than this, whatever an unstyled or broken viewport measures. */
export const MOST_ROWS = 100;

/** Browsers cap the height of an element; the lowest cap (Firefox) is a little under 18 million px. */
export const TALLEST = 17_800_000;

/** How many heads stand before rows 0…index. */
function headsUpTo(index: number, heads: readonly number[]): number {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((heads[middle] ?? 0) <= index) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where a row begins, below its head. */
export function topOf(index: number, { row, head, heads }: Layout): number {
  return index * row + headsUpTo(index, heads) * head;
}

export function hasHead(index: number, heads: readonly number[]): boolean {
  return heads[headsUpTo(index, heads) - 1] === index;
}

export function heightOf(total: number, { row, head, heads }: Layout): number {
  return total * row + headsUpTo(total - 1, heads) * head;
}

/** The row at a place; a head belongs to the row below it. May lie beyond the end of the list. */
export function rowAt(place: number, { row, head, heads }: Layout): number {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((heads[middle] ?? 0) * row + middle * head <= place) low = middle + 1;
    else high = middle;
  }
  const from = heads[low - 1];
  const index = Math.floor((place - low * head) / row);
  return Math.max(0, from ?? 0, index);
}

export function visibleRange(scrollTop: number, viewport: number, layout: Layout, total: number, spare: number): Range {
  if (total <= 0 || layout.row <= 0) return { first: 0, last: -1 };
  const shown = Math.ceil(Math.max(0, viewport) / layout.row) + 1;
  const top = rowAt(Math.max(0, scrollTop), layout);
  const first = Math.max(0, Math.min(top - spare, total - 1));
  const last = Math.min(total - 1, top + shown + spare, first + MOST_ROWS - 1);
  return { first, last: Math.max(first, last) };
}

/** Where to scroll so that a row is in sight, with its head; the same place when it is already. */
export function scrollToShow(index: number, scrollTop: number, viewport: number, layout: Layout): number {
  const row = topOf(index, layout);
  const top = hasHead(index, layout.heads) ? row - layout.head : row;
  if (top < scrollTop) return top;
  const bottom = row + layout.row;
  return bottom > scrollTop + viewport ? bottom - viewport : scrollTop;
}

/** After rows were added above: the reader keeps looking at the same row, unless at the very top. */
export function keepPlace(scrollTop: number, shift: number, rowHeight: number): number {
  return scrollTop < rowHeight ? scrollTop : Math.max(0, scrollTop + shift * rowHeight);
}

/** After heads came or went, or rows changed their height: the first row in sight keeps its place, unless at the very top. */
export function keepRow(scrollTop: number, before: Layout, now: Layout): number {
  if (scrollTop < before.row) return scrollTop;
  const index = rowAt(scrollTop, before);
  return Math.max(0, scrollTop + topOf(index, now) - topOf(index, before));
}

/**
 * The heads of a list as far as they can be known: corrected for rows first…last, of which `groupAt` says in which group
 * each one stands (undefined while the row is on its way), and else as they were. The same array when nothing changed.
 */
export function learnHeads(
  known: readonly number[],
  { first, last }: Range,
  groupAt: (index: number) => string | undefined,
): readonly number[] {
  const learned = known.filter((index) => index < first);
  for (let index = first; index <= last; index += 1) {
    const group = groupAt(index);
    const before = index === 0 ? '' : groupAt(index - 1);
    const unknown = group === undefined || before === undefined;
    if (unknown ? hasHead(index, known) : group !== before) learned.push(index);
  }
  learned.push(...known.filter((index) => index > last && index >= first));
  return learned.length === known.length && learned.every((index, at) => index === known[at]) ? known : learned;
}

/** The same heads after rows were put in (or taken out) above. */
export function shiftHeads(heads: readonly number[], rows: number): readonly number[] {
  return heads.map((index) => index + rows).filter((index) => index >= 0);
}
