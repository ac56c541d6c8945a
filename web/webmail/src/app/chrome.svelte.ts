/** Which parts of the frame around the mail are open. */
class Chrome {
  /** The first rows have been painted: what they did not need may come now. */
  begun = $state(false);
  /** Mailboxes as a drawer, on narrow screens. */
  drawer = $state(false);
  help = $state(false);
  palette = $state(false);
  /** A menu that a key asked for is on its way. */
  opening = false;
  /** The search row of a phone. */
  searching = $state(false);
  /** Set by the search box while it is on the screen. */
  focusSearch: (() => void) | null = null;

  openSearch(): void {
    this.searching = true;
    queueMicrotask(() => this.focusSearch?.());
  }
}

export const chrome = new Chrome();
