/**
 * Finding an option by its first letters. A list takes no text, so an input method has nothing to compose there: its keys
 * arrive as single jamo, or as the Latin letters of the same keys. Both are compared by the keys that would write the word.
 */
import { latinKey } from './keys.ts';

const SYLLABLES = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
const FIRST = ['r', 'R', 's', 'e', 'E', 'f', 'a', 'q', 'Q', 't', 'T', 'd', 'w', 'W', 'c', 'z', 'x', 'v', 'g'];
const MIDDLE = 'k o i O j p u P h hk ho hl y n nj np nl b m ml l'.split(' ');
const LAST = ' r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g'.split(' ');
/** From ㄱ (U+3131) to ㅣ, as the two-set keyboard writes them. */
const JAMO =
  'r R rt s sw sg e E f fr fa fq ft fx fv fg a q Q qt t T d w W c z x v g k o i O j p u P h hk ho hl y n nj np nl b m ml l'.split(
    ' ',
  );

/** The keys that write a text, and those of its initial consonants alone. */
function keysOf(text: string): [whole: string, initials: string] {
  let whole = '';
  let initials = '';
  for (const sign of text.normalize('NFC')) {
    const code = sign.charCodeAt(0);
    const at = code - SYLLABLES;
    if (code >= SYLLABLES && code <= LAST_SYLLABLE) {
      const first = FIRST[Math.floor(at / 588)] ?? '';
      whole += first + (MIDDLE[Math.floor((at % 588) / 28)] ?? '') + (LAST[at % 28] ?? '');
      initials += first;
    } else {
      const keys = JAMO[code - 0x3131] ?? sign;
      whole += keys;
      initials += keys;
    }
  }
  return [whole.toLowerCase(), initials.toLowerCase()];
}

/** The letter of a key press that belongs to a search, '' for a key that does not. */
export function letterOf(event: KeyboardEvent): string {
  if (event.ctrlKey || event.metaKey || event.altKey) return '';
  if (event.key.length === 1) return event.key;
  const key = event.key === 'Process' || event.keyCode === 229 ? latinKey({ ...pressOf(event), key: 'Process' }) : '';
  return key.length === 1 ? key : '';
}

function pressOf({ key, code, shiftKey }: KeyboardEvent): { key: string; code: string; shiftKey: boolean } {
  return { key, code, shiftKey };
}

/** What is typed into one list: letters that follow each other soon belong to one word. */
export class TypedLetters {
  static readonly soonMs = 800;
  #typed = '';
  #at = 0;

  forget(): void {
    this.#typed = '';
  }

  /** Whether a key at this time goes on with a word: the space bar is then a letter, and presses nothing. */
  goesOn(time: number): boolean {
    return this.#typed !== '' && time - this.#at < TypedLetters.soonMs;
  }

  /** The label that one letter more leads to from `from`; -1 for none. */
  next(labels: readonly string[], letter: string, time: number, from: number): number {
    this.#typed = this.goesOn(time) ? this.#typed + letter : letter;
    this.#at = time;
    return foundByLetters(labels, this.#typed, from);
  }
}

/** The next of `labels` after `from` that begins with what was typed; -1 for none. The same letter again goes on. */
export function foundByLetters(labels: readonly string[], typed: string, from: number): number {
  const same = typed.length > 1 && [...typed].every((sign) => sign === typed[0]);
  const wanted = keysOf(same ? typed.slice(0, 1) : typed)[0];
  const start = typed.length === 1 || same ? from + 1 : Math.max(0, from);
  for (let step = 0; step < labels.length; step += 1) {
    const at = (start + step) % labels.length;
    const label = labels[at] ?? '';
    if (label.toLowerCase().startsWith(typed.toLowerCase()) || keysOf(label).some((keys) => keys.startsWith(wanted)))
      return at;
  }
  return -1;
}
