/**
 * How far a bar folds what it shows so that nothing runs off its end: a language, a count, a narrow window may make words
 * longer than the place. It begins unfolded and folds step by step until everything fits, before the frame is painted.
 */
export class Folding {
  level = $state(0);

  /** `bar` clips what is too long for it; `reasons` reads whatever makes it longer or shorter. */
  constructor(most: number, bar: () => HTMLElement | undefined, reasons: () => unknown) {
    $effect(() => {
      reasons();
      this.level = 0;
    });
    const fold = (): void => {
      const element = bar();
      if (element && this.level < most && element.scrollWidth > element.clientWidth) this.level += 1;
    };
    $effect(() => {
      reasons();
      fold();
    });
    // Words of another face, or that came late, are longer than those that were measured.
    $effect(() => {
      const parts = new ResizeObserver(fold);
      for (const part of this.level >= 0 ? (bar()?.children ?? []) : []) parts.observe(part);
      return () => parts.disconnect();
    });
  }
}
