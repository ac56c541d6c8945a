/** Which other readings of a search line the server is asked for. */
import { switchesFor } from '@smartmail/jmap/switches.ts';
import { expect, test } from 'vitest';

test.each([
  ['회의록', []],
  ['ㅎㅇㄹ', ['initials']],
  ['ghldml', ['keyboard']],
  ['會議 자료', ['hanja', 'variants']],
  // A name of an operator is nothing that was typed for.
  ['subject:회의', []],
])('%s is read where it could be meant so', (line, switches) => expect(switchesFor(line)).toEqual(switches));

test('a wish counts more than what the words look like', () => {
  expect(switchesFor('회의', { hanja: 'always' })).toEqual(['hanja']);
  expect(switchesFor('會議', { hanja: 'never' })).toEqual(['variants']);
  expect(switchesFor('ghldml', { keyboard: 'never', initials: 'always' })).toEqual(['initials']);
});
