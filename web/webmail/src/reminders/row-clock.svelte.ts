/** The clock that a row shows to a pointer: which letter it was pressed for, and where. */
import type { Id } from '@smartmail/jmap/types.ts';

interface Pressed {
  id: Id;
  at: Element;
}

class RowClock {
  /** Of the last press; each is another one, the same clock twice too. */
  pressed = $state.raw<Pressed | null>(null);

  press(id: Id, at: Element): void {
    this.pressed = { id, at };
  }
}

export const rowClock = new RowClock();
