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
    $effect(() => {
      reasons();
      const element = bar();
      if (element && this.level < most && element.scrollWidth > element.clientWidth) this.level += 1;
    });
  }
}
