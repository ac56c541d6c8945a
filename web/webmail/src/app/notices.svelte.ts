/** Short notices at the foot of the screen, most of them with a way back. */

export interface Notice {
  id: number;
  text: string;
  tone: 'plain' | 'bad';
  undo: (() => void) | undefined;
}

const STAYS_MS = 8000;

class Notices {
  list = $state.raw<Notice[]>([]);
  /** For screen readers: new mail, what an act did. */
  spoken = $state('');
  #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #last = 0;

  show(text: string, options: { undo?: () => void; tone?: Notice['tone']; stays?: boolean } = {}): number {
    const id = (this.#last += 1);
    const notice = { id, text, tone: options.tone ?? 'plain', undo: options.undo };
    // One line at a time: the newest act is the one that a person wants to take back.
    for (const old of this.list) if (old.tone === 'plain') this.close(old.id);
    this.list = [...this.list.slice(-2), notice];
    this.spoken = text;
    if (!options.stays)
      this.#timers.set(
        id,
        setTimeout(() => this.close(id), STAYS_MS),
      );
    return id;
  }

  change(id: number, text: string): void {
    this.list = this.list.map((notice) => (notice.id === id ? { ...notice, text } : notice));
  }

  close(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** Takes the last act back, if its notice is still there. */
  undoLast(): boolean {
    const notice = this.list.findLast((each) => each.undo !== undefined);
    if (!notice?.undo) return false;
    this.close(notice.id);
    notice.undo();
    return true;
  }
}

export const notices = new Notices();
