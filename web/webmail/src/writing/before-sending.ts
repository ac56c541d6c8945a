/** 발송 전 확인: whose letters are shown once more before they go. Pure. */
import { LOOKS_AGAIN, type LooksAgain } from '../app/preferences.ts';

/** A person may ask for more than policy does, never for less. */
export function stricter(house: LooksAgain, own: LooksAgain): LooksAgain {
  return LOOKS_AGAIN.indexOf(own) > LOOKS_AGAIN.indexOf(house) ? own : house;
}

/** `recipients`: of the letter; a note to oneself has none. */
export function isLookedAt(wish: LooksAgain, recipients: number, outside: number): boolean {
  return wish === 'always' ? recipients > 0 : wish === 'outside' && outside > 0;
}
