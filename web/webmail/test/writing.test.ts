import { expect, test } from 'vitest';
import { fieldsOf, merged } from '../src/writing/merging.ts';
import { outgoing, picturesIn } from '../src/writing/letter-markup.ts';
import { looksLike, warningsOf } from '../src/writing/warnings.ts';

const letter = {
  subject: '보고',
  text: '안녕하세요',
  files: 0,
  recipients: [{ name: null, email: 'kim@a.kr' }],
  outside: 0,
  mostOutside: 0,
  known: [],
};

test.each([
  '자료를 첨부드립니다',
  '계약서 붙임',
  '資料を添付いたします',
  '詳細は別添のとおりです',
  '请查收附件',
  '附上會議資料',
  'Please find attached the report',
])('a forgotten file is noticed: %s', (text) => {
  expect(warningsOf({ ...letter, text })).toEqual([{ kind: 'forgotten' }]);
  expect(warningsOf({ ...letter, text, files: 1 })).toEqual([]);
});

test.each(['첨부 없음', 'no attachment needed', '자료 첨부해 주세요', '안녕하세요'])('no file is meant: %s', (text) => {
  expect(warningsOf({ ...letter, text })).toEqual([]);
});

test('too many outside counts more than many', () => {
  const recipients = Array.from({ length: 40 }, (_one, at) => ({ name: null, email: `p${at}@b.kr` }));
  expect(warningsOf({ ...letter, recipients, outside: 40 })).toEqual([{ kind: 'many', count: 40 }]);
  expect(warningsOf({ ...letter, recipients, outside: 40, mostOutside: 30 })).toEqual([
    { kind: 'overLimit', count: 40, most: 30 },
  ]);
});

test('beyond the limit the letter waits for an approval where policy says so', () => {
  expect(warningsOf({ ...letter, outside: 40, mostOutside: 30, approves: true })).toEqual([
    { kind: 'overApproval', count: 40, most: 30 },
  ]);
});

test('one new address from elsewhere among colleagues is asked about', () => {
  const stranger = { name: null, email: 'lee@b.kr' };
  const recipients = [...letter.recipients, { name: null, email: 'park@a.kr' }, stranger];
  const unusual = [{ kind: 'unusual', address: 'lee@b.kr' }];
  expect(warningsOf({ ...letter, recipients, outside: 1, strangers: [stranger] })).toEqual(unusual);
  expect(warningsOf({ ...letter, recipients, outside: 1, strangers: [stranger], known: [stranger] })).toEqual([]);
  expect(warningsOf({ ...letter, recipients: [stranger], outside: 1, strangers: [stranger] })).toEqual([]);
  const two = [stranger, { name: null, email: 'choi@b.kr' }];
  expect(warningsOf({ ...letter, recipients: [...recipients, ...two], outside: 2, strangers: two })).toEqual([]);
});

test.each([
  ['kim@partner.kr', 'kim@partmer.kr', true],
  ['kim@partner.kr', 'kim@partner.kr', false],
  ['kim@partner.kr', 'lim@partner.kr', false],
  ['kim@naver.com', 'kim@naevr.com', true],
  ['kim@a.kr', 'kim@other.kr', false],
])('%s and %s', (one, other, expected) => {
  expect(looksLike(one, other)).toBe(expected);
});

test('marks of any of the five languages are filled, others stay, and nothing becomes markup', () => {
  const fields = fieldsOf({ name: null, email: 'a@b.kr' }, { name: '<김민지>', title: '책임', department: null });
  expect(merged('{{이름}} {{ title }}님 {{部署}}{{모름}}', fields)).toBe('<김민지> 책임님 {{모름}}');
  expect(merged('<p>{{名前}}</p>', fields, true)).toBe('<p>&lt;김민지&gt;</p>');
});

test('pictures go under their own names, lines as other programs draw them', () => {
  const html = '<p style="text-align: center;">가</p><img src="blob:x" data-cid="a@b" width="10"><p></p>';
  const sent = outgoing(html);
  expect(sent).toContain('<img src="cid:a@b" width="10">');
  expect(sent).toContain('<p style="margin:0;text-align: center;">');
  expect(picturesIn(sent)).toEqual(new Set(['a@b']));
});
