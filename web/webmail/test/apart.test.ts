import type { Letter } from '@smartmail/jmap/compose.ts';
import { expect, test } from 'vitest';
import type { Draft } from '../src/writing/draft.svelte.ts';
import { apart, goesApart, onceEach } from '../src/writing/apart.ts';
import { fieldsOf } from '../src/writing/merging.ts';

const LEE = { name: '이서준', email: 'lee@partner.kr' };
const PARK = { name: null, email: 'Park@partner.kr' };
const BOSS = { name: null, email: 'boss@partner.kr' };

const letter: Letter = {
  from: { name: null, email: 'kim@hanbit.kr' },
  to: [LEE, PARK],
  cc: [BOSS],
  bcc: [],
  subject: '도면, {{이름}}',
  text: '도면입니다.',
  html: null,
  attachments: [],
  inReplyTo: [],
  references: ['before@hanbit.kr'],
};

function draft(individually: boolean, each: boolean): Draft {
  const recipients = [LEE, PARK, BOSS];
  return { recipients, options: { individually }, linked: { each }, letter: () => letter } as unknown as Draft;
}

test('a letter goes apart when its recipients shall not see each other, or have links of their own', () => {
  expect([goesApart(draft(false, false)), goesApart(draft(true, false)), goesApart(draft(false, true))]).toEqual([
    false,
    true,
    true,
  ]);
  const alone = { ...draft(true, true), recipients: [LEE] } as unknown as Draft;
  expect(goesApart(alone)).toBe(false);
});

test('with links of their own all stay named, and all letters are one conversation', () => {
  const first = apart(draft(false, true), LEE, fieldsOf(LEE), null);
  const second = apart(draft(false, true), PARK, fieldsOf(PARK), first.messageId);
  for (const one of [first, second]) expect([one.to, one.cc]).toEqual([[LEE, PARK], [BOSS]]);
  expect(first.messageId).not.toBe(second.messageId);
  expect(first.messageId).toMatch(/@hanbit\.kr$/);
  expect([first.references, second.references]).toEqual([['before@hanbit.kr'], ['before@hanbit.kr', first.messageId]]);
});

test('who is written to individually sees nobody else, and their own name', () => {
  const one = apart(draft(true, true), LEE, fieldsOf(LEE), 'first@hanbit.kr');
  expect([one.to, one.cc, one.subject, one.references]).toEqual([[LEE], [], '도면, 이서준', ['before@hanbit.kr']]);
});

test('nobody gets two', () => {
  expect(onceEach([LEE, PARK, { name: '박', email: 'park@PARTNER.kr' }]).map(({ email }) => email)).toEqual([
    'lee@partner.kr',
    'Park@partner.kr',
  ]);
});
