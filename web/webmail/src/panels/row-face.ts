/**
 * The face of a row: round for one of us, square for somebody of another company, a sign for a machine. A letter, no
 * photograph: what a list knows of a mail is what it claims (`book.faceOf` shows one beside what is proved). Worked out once
 * for each sender: rows are made by the hundred while a list is scrolled.
 */
import { displayName } from '@smartmail/jmap/addresses.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import { hueOf, initialOf } from '@smartmail/ui/initials.ts';

export interface RowFace {
  shape: 'round' | 'square' | 'sign';
  letter: string;
  hue: number;
}

/** Local parts that nobody reads or writes at. */
const MACHINE =
  /^(?:postmaster|mailer-daemon|(?:do-?not|no)-?reply|notifications?|notices?|alerts?|bounces?)(?:[+.@-]|$)/;
const MOST_KEPT = 2_000;
const kept = new Map<string, RowFace>();

export function rowFace(who: EmailAddress | undefined, inside: boolean): RowFace {
  const name = who ? displayName(who) : '';
  const key = `${inside ? 1 : 0}${who?.email ?? ''} ${name}`;
  let face = kept.get(key);
  if (!face) {
    if (kept.size > MOST_KEPT) kept.clear();
    kept.set(key, (face = made(name, who?.email.toLowerCase() ?? '', inside)));
  }
  return face;
}

/** Letter and hue are those of the avatar that an open message has. */
function made(name: string, email: string, inside: boolean): RowFace {
  const shape = MACHINE.test(email) ? 'sign' : inside ? 'round' : 'square';
  return { shape, letter: initialOf(name), hue: hueOf(email) };
}
