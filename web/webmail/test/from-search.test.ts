import { expect, test } from 'vitest';
import { testsOf } from '../src/rules/from-search.ts';

test('operators become conditions, and what is kept out stays kept out', () => {
  expect(testsOf('from:"김 민지" -제목:광고 has:attachment larger:5M').tests).toEqual([
    { field: 'from', op: 'contains', value: '김 민지' },
    { field: 'subject', op: 'lacks', value: '광고' },
    { field: 'attachment', op: 'has', value: '' },
    { field: 'size', op: 'over', value: '5120' },
  ]);
});

test('a word is looked for in the subject or the text, and kept out of both', () => {
  expect(testsOf('"연차 사용" -회의').tests).toEqual([
    {
      match: 'any',
      conditions: [
        { field: 'subject', op: 'contains', value: '연차 사용' },
        { field: 'body', op: 'contains', value: '연차 사용' },
      ],
    },
    {
      match: 'all',
      conditions: [
        { field: 'subject', op: 'lacks', value: '회의' },
        { field: 'body', op: 'lacks', value: '회의' },
      ],
    },
  ]);
});

test('what a rule cannot ask is named', () => {
  expect(testsOf('is:unread in:휴지통 newer_than:7d from:kim larger:뭐')).toEqual({
    tests: [{ field: 'from', op: 'contains', value: 'kim' }],
    left: ['is:unread', 'in:휴지통', 'newer_than:7d', 'larger:뭐'],
  });
});

test.each(['from:kim OR from:lee', '(a b)', 'NOT a'])('%s becomes no rule: it would mean something else', (line) => {
  expect(testsOf(line)).toEqual({ tests: [], left: [line] });
});
