import { expect, test } from 'vitest';
import { formatAddress, isAddress, parseAddresses } from '../src/addresses.ts';
import { linesForEditing, linesForSending, textToHtml } from '../src/compose.ts';
import { emailOf } from '../src/demo/corpus.ts';
import { quoteText, replyRecipients, replySubject, threadHeaders } from '../src/reply.ts';
import { fillTemplate } from '../src/template.ts';
import type { Email } from '../src/types.ts';

const at = (email: string, name: string | null = null): { name: string | null; email: string } => ({ name, email });
const mail = (part: Partial<Email>): Email => ({
  ...emailOf({ id: 'e', seed: 1, receivedAt: 0, keywords: {}, mailboxIds: {} }),
  cc: [],
  ...part,
});

test.each([
  ['a@b.kr', [at('a@b.kr')]],
  ['김민지 책임 <minji@x.kr>; a@b.kr', [at('minji@x.kr', '김민지 책임'), at('a@b.kr')]],
  ['"Kim, Minji" <m@x.kr>, c@d.kr', [at('m@x.kr', 'Kim, Minji'), at('c@d.kr')]],
  ['  \n , ;', []],
  ['한글', [at('한글')]],
])('typed recipients %j', (text, expected) => {
  expect(parseAddresses(text)).toEqual(expected);
});

test.each(['"Kim, Minji" <m@x.kr>', '김민지 <m@x.kr>', 'm@x.kr'])('formatting and parsing %j agree', (text) => {
  expect(parseAddresses(text).map(formatAddress)).toEqual([text]);
});

test.each([
  ['a@b.kr', true],
  ['홍길동@한국.kr', true],
  ['a@b', false],
  ['a b@c.kr', false],
  ['@b.kr', false],
  ['a@-b.kr', false],
  [`${'a'.repeat(250)}@b.kr`, false],
])('address %j: %j', (text, good) => {
  expect(isAddress(text)).toBe(good);
});

test.each([
  ['예산', 'Re: 예산'],
  ['RE: 회신: 예산', 'Re: 예산'],
  ['Re[2]: 예산', 'Re: 예산'],
  ['답장: 返信: 예산', 'Re: 예산'],
  ['Fwd: 예산', 'Re: Fwd: 예산'],
  [null, 'Re: '],
])('the subject of an answer to %j', (subject, expected) => {
  expect(replySubject(subject, 'reply')).toBe(expected);
});

test('an answer to all leaves oneself out and doubles nobody', () => {
  const email = mail({
    from: [at('a@x.kr')],
    to: [at('me@x.kr'), at('b@x.kr')],
    cc: [at('B@x.kr'), at('c@x.kr')],
    replyTo: null,
  });
  expect(replyRecipients(email, 'replyAll', [at('ME@x.kr')])).toEqual({
    to: [at('a@x.kr')],
    cc: [at('b@x.kr'), at('c@x.kr')],
  });
});

test('Reply-To wins, and an answer to oneself goes on to the others', () => {
  const list = mail({ from: [at('a@x.kr')], replyTo: [at('list@x.kr')] });
  expect(replyRecipients(list, 'reply', [])).toEqual({ to: [at('list@x.kr')], cc: [] });
  const own = mail({ from: [at('me@x.kr')], to: [at('b@x.kr')] });
  expect(replyRecipients(own, 'reply', [at('me@x.kr')]).to).toEqual([at('b@x.kr')]);
});

test('references grow by the answered id and stay bounded', () => {
  const references = Array.from({ length: 80 }, (_, i) => `${i}@x`);
  const headers = threadHeaders(mail({ references, messageId: ['last@x'] }), 'reply');
  expect(headers.inReplyTo).toEqual(['last@x']);
  expect([headers.references.length, headers.references[0], headers.references.at(-1)]).toEqual([50, '0@x', 'last@x']);
});

test('a quotation nests and markup in text is only text', () => {
  expect(quoteText('가\n\n> 나\n')).toBe('> 가\n>\n>> 나');
  expect(textToHtml('<b>&\n')).toBe('<p>&lt;b&gt;&amp;</p><p></p>');
});

test('address templates of the session are filled and encoded', () => {
  expect(
    fillTemplate('/d/{accountId}/{blobId}/{name}?accept={type}', {
      accountId: 'a',
      blobId: 'b',
      name: '예산 1.pdf',
      type: 'a/b',
    }),
  ).toBe('/d/a/b/%EC%98%88%EC%82%B0%201.pdf?accept=a%2Fb');
});

test('empty lines and line spacing survive sending and going on writing', () => {
  const sent = linesForSending('<p>가</p><p></p><p>나</p>');
  expect(sent).toBe('<p style="margin:0">가</p><p style="margin:0"><br></p><p style="margin:0">나</p>');
  expect(linesForEditing(sent)).toBe('<p>가</p><p></p><p>나</p>');
  expect(linesForEditing(sent.replaceAll('margin:0', 'margin-top: 0px; margin-bottom: 0px'))).toBe(
    '<p>가</p><p></p><p>나</p>',
  );
});
