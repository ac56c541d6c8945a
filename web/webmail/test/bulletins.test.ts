import { describe, expect, it } from 'vitest';
import { type Bulletin, pieces, popping, standing } from '../src/bulletins/words.ts';

const bulletin = (change: Partial<Bulletin>): Bulletin => ({
  id: 'b', title: '공지', body: '', placeLevel: 'organization', placeName: '한빛', shownFrom: '', shownUntil: '',
  isPinned: true, isPopup: false, mustRead: false, isPopped: false, isClosed: false, readAt: null, ...change,
}); // prettier-ignore
const ids = (list: Bulletin[]): string[] => list.map(({ id }) => id);

describe('words', () => {
  it('makes links of addresses, without the sign that ends the sentence', () => {
    expect(pieces('신청: https://a.example/신청?q=1. 끝')).toEqual([
      { text: '신청: ', href: '' },
      { text: 'https://a.example/신청?q=1', href: 'https://a.example/신청?q=1' },
      { text: '. 끝', href: '' },
    ]);
  });

  it('leaves everything else as it was written', () => {
    for (const text of ['', 'javascript:alert(1)', 'a\n\nb <b>c</b>', 'http://']) {
      const found = pieces(text);
      expect(found.map((one) => one.text).join('')).toBe(text);
      expect(found.every(({ href }) => href === '')).toBe(true);
    }
  });
});

describe('what stands above the list', () => {
  it('keeps what must be read until it is, first', () => {
    const list = [
      bulletin({ id: 'pinned' }),
      bulletin({ id: 'must', mustRead: true, isClosed: true, isPinned: false }),
      bulletin({ id: 'closed', isClosed: true }),
      bulletin({ id: 'read', readAt: '2026-11-26T00:00:00Z', mustRead: true }),
      bulletin({ id: 'quiet', isPinned: false }),
    ];
    expect(ids(standing(list))).toEqual(['must', 'pinned']);
  });
});

describe('what comes up by itself', () => {
  it('comes once', () => {
    expect(popping([bulletin({ isPopup: true, isPopped: true }), bulletin({ id: 'new', isPopup: true })])?.id).toBe(
      'new',
    );
    expect(popping([bulletin({}), bulletin({ isPopup: true, readAt: '2026-11-26T00:00:00Z' })])).toBeUndefined();
  });
});
