/** The arithmetic of a virtual list with rows of one height. Pure. */

export interface Range {
  /** First row to draw. */
  first: number;
  /** Last row to draw; −1 when there is none. */
  last: number;
}

/** Never more row nodes than this, whatever an unstyled or broken viewport measures. */
export const MOST_ROWS = 100;

/** Browsers cap the height of an element; the lowest cap (Firefox) is a little under 18 million px. */
export const TALLEST = 17_800_000;

export function visibleRange(
  scrollTop: number,
  viewport: number,
  rowHeight: number,
  total: number,
  spare: number,
): Range {
  if (total <= 0 || rowHeight <= 0) return { first: 0, last: -1 };
  const shown = Math.ceil(Math.max(0, viewport) / rowHeight) + 1;
  const top = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const first = Math.max(0, Math.min(top - spare, total - 1));
  const last = Math.min(total - 1, top + shown + spare, first + MOST_ROWS - 1);
  return { first, last: Math.max(first, last) };
}

/** Where to scroll so that a row is in sight; the same place when it is already. */
export function scrollToShow(index: number, scrollTop: number, viewport: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  const bottom = top + rowHeight;
  return bottom > scrollTop + viewport ? bottom - viewport : scrollTop;
}

/** After rows were added above: the reader keeps looking at the same row, unless at the very top. */
export function keepPlace(scrollTop: number, shift: number, rowHeight: number): number {
  return scrollTop < rowHeight ? scrollTop : Math.max(0, scrollTop + shift * rowHeight);
}
