/** What of a message becomes a rule, and what the rule is called. */
import type { Email } from '@smartmail/jmap/types.ts';
import { expect, test } from 'vitest';
import { basesOf, listOf, subjectWords } from '../src/rules/from-mail.ts';

const mail = (name: string | null, email: string, subject: string): Email =>
  ({ from: [{ name, email }], subject }) as Email;

test('a sender is meant by the address, a list by its id', () => {
  const { bases, names } = basesOf([mail('서지안 과장', 'Jian.Seo@saegyeol.example', 'Re: [견적 회신] 스핀들')]);
  expect(bases.map(({ id }) => id)).toEqual(['sender', 'subject']);
  expect(bases[0]?.tests).toEqual([{ field: 'from', op: 'is', value: 'Jian.Seo@saegyeol.example' }]);
  expect(bases[1]?.tests).toEqual([{ field: 'subject', op: 'contains', value: '견적 회신' }]);
  expect(names['jian.seo@saegyeol.example']).toBe('서지안 과장');
  const listed = basesOf([mail(null, 'a@x.test', 'Hi')], '"사내 소식" <news.ondam.example>');
  expect(listed.bases[0]?.tests).toEqual([
    { field: 'header', header: 'List-Id', op: 'contains', value: 'news.ondam.example' },
  ]);
  expect(listed.names['news.ondam.example']).toBe('사내 소식');
});

test('of several messages any sender counts, each once, and no list', () => {
  const mails = [mail('Kim', 'kim@x.test', 'One'), mail('Kim', 'KIM@x.test', 'Two'), mail(null, 'lee@x.test', '')];
  const { bases } = basesOf(mails, '<list.x.test>');
  expect(bases.map(({ id }) => id)).toEqual(['sender', 'subject']);
  const [sender] = bases;
  expect(sender?.tests).toHaveLength(1);
  expect(sender?.tests[0]).toMatchObject({
    match: 'any',
    conditions: [{ value: 'KIM@x.test' }, { value: 'lee@x.test' }],
  });
});

test.each([
  ['Re: Fwd: 납품 일정', '납품 일정'],
  ['[공지] 건강검진', '공지'],
  ['회신: [A] 한 글자는 아무것도 아니다', '[A] 한 글자는 아무것도 아니다'],
  [null, ''],
])('%s', (subject, words) => expect(subjectWords(subject)).toBe(words));

test.each([
  ['<news.example>', { id: 'news.example', name: 'news.example' }],
  ['no list', null],
  [null, null],
])('%s', (header, list) => expect(listOf(header)).toEqual(list));
