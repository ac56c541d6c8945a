/** Which letters are shown once more before they go. */
import { describe, expect, it } from 'vitest';
import { LOOKS_AGAIN } from '../src/app/preferences.ts';
import { isLookedAt, stricter } from '../src/writing/before-sending.ts';

describe('the wish of a person and the rule of their company', () => {
  it('takes the stricter of both, whichever it is', () => {
    for (const [at, house] of LOOKS_AGAIN.entries())
      for (const [beside, own] of LOOKS_AGAIN.entries())
        expect(stricter(house, own)).toBe(LOOKS_AGAIN[Math.max(at, beside)]);
  });
});

describe('a letter that is about to go', () => {
  it('goes at once where nobody wants another look', () => {
    expect(isLookedAt('none', 3, 3)).toBe(false);
  });

  it('is looked at for one recipient outside among many inside', () => {
    expect(isLookedAt('outside', 20, 1)).toBe(true);
    expect(isLookedAt('outside', 20, 0)).toBe(false);
  });

  it('is always looked at where that is wanted, unless nobody gets it', () => {
    expect(isLookedAt('always', 1, 0)).toBe(true);
    expect(isLookedAt('always', 0, 0)).toBe(false);
  });
});
