/** What the server is told of a letter that is about to go. */
import { describe, expect, it } from 'vitest';
import { cautionsOf } from '@smartmail/jmap/demo/misdelivery.ts';
import type { Draft } from '../src/writing/draft.svelte.ts';
import { checkedLetter } from '../src/writing/checked-letter.ts';

const letter = {
  to: [{ name: '임준호', email: 'junho.lim@daehan-parts.example' }],
  cc: [],
  bcc: [{ name: null, email: 'a@b.example' }],
  subject: '견적',
  own: '박 부장님,\n자료입니다.',
  attachments: [
    { name: '견적서.xlsx', cid: null },
    { name: 'logo.png', cid: 'x' },
  ],
  linked: { files: [{ name: '도면.zip' }] },
  answers: { id: 'e7', keyword: '$answered' },
  isForward: false,
} as unknown as Draft;

describe('a letter that is checked', () => {
  it('goes with its people, own words and names of files, pictures in the text apart', () => {
    expect(checkedLetter(letter)).toEqual({
      to: [{ name: '임준호', email: 'junho.lim@daehan-parts.example' }],
      cc: [],
      bcc: [{ name: null, email: 'a@b.example' }],
      subject: '견적',
      text: '박 부장님,\n자료입니다.',
      files: ['견적서.xlsx', '도면.zip'],
      answersId: 'e7',
    });
  });

  it('answers nobody when it passes a message on', () => {
    expect(checkedLetter({ ...letter, isForward: true } as Draft).answersId).toBeNull();
  });

  it('is bounded as the server bounds it', () => {
    const long = { ...letter, own: 'a'.repeat(50_000), subject: 'b'.repeat(5_000) } as Draft;
    const { text, subject } = checkedLetter(long) as { text: string; subject: string };
    expect([text.length, subject.length]).toEqual([20_000, 2_000]);
  });

  it('is doubted by the invented company where a name has two addresses', () => {
    const kinds = cautionsOf(checkedLetter(letter)).map(({ kind }) => kind);
    expect(kinds).toEqual(['homonym', 'salutation']);
  });
});
