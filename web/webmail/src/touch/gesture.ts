/**
 * What a finger on the list means, from its first move on: it scrolls (then it is the browser's), pushes a row aside,
 * or pulls the list down to have it anew. Only numbers: the screen follows in `ListTouch.svelte`.
 */

export type Way = 'left' | 'right';
/** `still`: nothing is decided; `lost`: it is no gesture of ours, and stays none until the finger is lifted. */
export type Step = 'still' | 'lost' | 'swipe' | 'pull';

export interface Ground {
  /** Width of the row in px. */
  width: number;
  /** Ways in which the row under the finger can be pushed. */
  ways: readonly Way[];
  /** The list is at its top, and can be had anew. */
  pullable: boolean;
}

/** Until here a finger may tremble. */
export const SLOP = 8;
/** The system's own gestures begin at the edges of the glass: "back" on most phones. */
const EDGE = 16;
/** A row acts from this share of its width on, but never so far that a thumb does not reach. */
const SHARE = 0.3;
const FAR = 120;
/** A pulled list comes more slowly than the finger, and not further than this. */
const DRAG = 0.5;
const DEEPEST = 96;
export const DEEP = 56;

export class Gesture {
  step: Step;
  /** How far the row is pushed (to the left below 0), or the list is pulled. */
  shift = 0;
  readonly #x: number;
  readonly #y: number;
  readonly #ground: Ground;

  constructor(x: number, y: number, ground: Ground, screenWidth: number) {
    this.#x = x;
    this.#y = y;
    this.#ground = ground;
    this.step = x < EDGE || x > screenWidth - EDGE ? 'lost' : 'still';
  }

  /** Whether lifting the finger now acts. */
  get armed(): boolean {
    if (this.step === 'pull') return this.shift >= DEEP;
    return this.step === 'swipe' && Math.abs(this.shift) >= Math.min(FAR, this.#ground.width * SHARE);
  }

  get way(): Way | null {
    return this.step === 'swipe' && this.shift !== 0 ? wayOf(this.shift) : null;
  }

  /** A second finger, a long press, a scroll of the browser: the gesture is over for good. */
  lose(): void {
    this.step = 'lost';
    this.shift = 0;
  }

  move(x: number, y: number): Step {
    const across = x - this.#x;
    const down = y - this.#y;
    if (this.step === 'still' && Math.hypot(across, down) >= SLOP) this.step = this.#decide(across, down);
    if (this.step === 'swipe') this.shift = this.#pushed(across);
    if (this.step === 'pull') this.shift = Math.min(DEEPEST, Math.max(0, down - SLOP) * DRAG);
    return this.step;
  }

  #decide(across: number, down: number): Step {
    // Slanted is a scroll: reading on is what a finger does most.
    if (Math.abs(across) > Math.abs(down) * 1.5) return this.#ground.ways.includes(wayOf(across)) ? 'swipe' : 'lost';
    return this.#ground.pullable && down > Math.abs(across) ? 'pull' : 'lost';
  }

  /** The row begins where it lies: what decided the gesture is not jumped over. */
  #pushed(across: number): number {
    const shift = Math.sign(across) * Math.max(0, Math.abs(across) - SLOP);
    if (shift === 0 || !this.#ground.ways.includes(wayOf(shift))) return 0;
    return Math.max(-this.#ground.width, Math.min(this.#ground.width, shift));
  }
}

const wayOf = (shift: number): Way => (shift < 0 ? 'left' : 'right');
