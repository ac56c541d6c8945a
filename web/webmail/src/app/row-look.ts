/** How a row of the list looks in the room that it has, and how high it is. Pure. */
import type { Density } from './preferences.ts';

/** One line with columns; three short lines beside an open message; three on a phone, for fingers. */
export type RowLook = 'line' | 'pane' | 'phone';

/** Below this a line of columns cuts every subject to some letters. */
const LINE_FROM = 520;

const HEIGHTS: Record<Exclude<RowLook, 'phone'>, Record<Density, number>> = {
  line: { compact: 30, normal: 36, roomy: 44 },
  pane: { compact: 54, normal: 72, roomy: 88 },
};

/** `width`: of the list; 0 while it is not known, before the first frame. */
export function rowLook(screen: { phone: boolean; beside: boolean }, width: number): RowLook {
  if (screen.phone) return 'phone';
  return (width > 0 ? width < LINE_FROM : screen.beside) ? 'pane' : 'line';
}

export function rowHeightOf(look: RowLook, density: Density): number {
  return look === 'phone' ? 82 : HEIGHTS[look][density];
}
