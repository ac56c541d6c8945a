/** Rules and the scripts that they stand in: nothing of others is lost, and what people typed is never a command. */
import { describe, expect, test } from 'vitest';
import { complete, type Op, type Rule, sieveOf } from '../src/rules/rule.ts';
import { readScript, scriptOf, writeScript } from '../src/rules/script.ts';

const rule = (more: Partial<Rule> = {}): Rule => ({
  id: 'r1',
  name: '견적',
  on: true,
  match: 'all',
  tests: [{ field: 'subject', op: 'contains', value: '견적' }],
  actions: [{ kind: 'move', mailboxId: 'm7', mailbox: '견적함' }],
  stop: true,
  ...more,
});

const FOREIGN = [
  '',
  'keep;',
  'require "fileinto";\r\n# mine\r\nif header :is "x" "y" { fileinto "z"; }\r\n',
  'require ["vacation"];\n\n/* 휴가 */ vacation text:\n# smartmail:rules begin\nhello\n.\n;\n',
  '# smartmail:rules end\n# smartmail:rules begin\nkeep;\n',
  '\uFEFF# byte order\r\nkeep;',
];

describe('a script that somebody wrote by hand', () => {
  test.each(FOREIGN)('comes back as it was: %j', (text) => {
    expect(writeScript(readScript(text))).toBe(text);
  });

  test.each(FOREIGN)('is all there around our rules, and without them again: %j', (text) => {
    const with_ = writeScript({ ...readScript(text), pieces: [{ rule: rule() }] });
    const again = readScript(with_);
    expect(again.pieces).toEqual([{ rule: rule() }]);
    expect(writeScript(again)).toBe(with_);
    const gone = writeScript({ ...again, pieces: [] });
    expect(gone).toBe(text === '' || text.endsWith('\n') ? text : `${text}\r\n`);
  });
});

test('what was changed by hand within our part is kept, and is no rule any more', () => {
  const text = writeScript({
    head: '',
    tail: 'keep;\n',
    required: [],
    pieces: [{ rule: rule() }, { rule: rule({ id: 'r2' }) }],
  });
  const changed = text.replace('stop;', 'keep; /* 손으로 */');
  const script = readScript(changed);
  expect(script.pieces.map((piece) => 'rule' in piece)).toEqual([false, true]);
  expect(writeScript(script)).toBe(changed);
  // Also when another rule is taken out: what the changed one needs stays required.
  const without = writeScript({ ...script, pieces: script.pieces.slice(0, 1) });
  expect(without).toContain('require ["fileinto", "mailboxid"]');
  expect(without).toContain('/* 손으로 */');
});

test('a rule that is off stands there and does nothing', () => {
  const text = writeScript({ ...readScript(''), pieces: [{ rule: rule({ on: false }) }] });
  expect(text).not.toMatch(/^if /m);
  expect(text).not.toContain('require');
  expect(readScript(text).pieces).toEqual([{ rule: rule({ on: false }) }]);
});

test('conditions, groups and actions read as Sieve', () => {
  const made = sieveOf(
    rule({
      tests: [
        { field: 'from', op: 'is', value: 'lee@a.example' },
        {
          match: 'any',
          conditions: [
            { field: 'subject', op: 'begins', value: '[공지]*' },
            { field: 'body', op: 'lacks', value: '광고' },
          ],
        },
        { field: 'size', op: 'over', value: '1024' },
        { field: 'attachment', op: 'has', value: '' },
      ],
      actions: [
        { kind: 'move', mailboxId: 'm1', mailbox: 'A' },
        { kind: 'star' },
        { kind: 'forward', address: 'x@b.example' },
      ],
    }),
  );
  expect(made.text.split('\r\n')).toEqual([
    String.raw`if allof(address :is "from" "lee@a.example", anyof(header :matches "subject" "[공지]\\**", not body :text :contains "광고"), size :over 1024K, header :mime :anychild :contains "content-disposition" "attachment") {`,
    String.raw`  addflag "\\Flagged";`,
    '  redirect :copy "x@b.example";',
    '  fileinto :mailboxid "m1" "A";',
    '  stop;',
    '}',
    '',
  ]);
  expect([...made.needs].sort()).toEqual(['body', 'copy', 'fileinto', 'imap4flags', 'mailboxid', 'mime']);
});

test('where a mail came from reads as our own tests', () => {
  const from = (field: 'country' | 'asn' | 'hops', op: Op, value: string): Rule =>
    rule({ tests: [{ field, op, value }], actions: [{ kind: 'star' }], stop: false });
  const first = (one: Rule): string | undefined => sieveOf(one).text.split('\r\n')[0];
  expect(first(from('country', 'isNot', 'kr'))).toBe('if not country "KR" {');
  expect(first(from('asn', 'is', 'AS4766'))).toBe('if asn "4766" {');
  expect(first(from('hops', 'more', '5'))).toBe('if hops :value "gt" "5" {');
  expect(first(from('hops', 'fewer', '2'))).toBe('if hops :value "lt" "2" {');
  expect(sieveOf(from('hops', 'more', '5')).needs).toContain('relational');
  expect(['AS4766', '4766', 'KT', ''].map((value) => complete(from('asn', 'is', value)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(['5', '-1', 'x'].map((value) => complete(from('hops', 'more', value)))).toEqual([true, false, false]);
});

test('what is typed stays a string', () => {
  const value = '"; discard; #\\';
  const { text } = sieveOf(rule({ tests: [{ field: 'subject', op: 'contains', value }] }));
  expect(text).toContain(String.raw`"\"; discard; #\\"`);
  const named = rule({ name: 'a\r\n# smartmail:rules end\r\ndiscard;' });
  expect(readScript(scriptOf(named)).pieces).toEqual([{ rule: named }]);
  expect(scriptOf(named)).not.toMatch(/^discard/m);
});

test('a rule is whole when every part of it is', () => {
  expect(complete(rule())).toBe(true);
  expect(complete(rule({ name: ' ' }))).toBe(false);
  expect(complete(rule({ tests: [{ field: 'subject', op: 'contains', value: '' }] }))).toBe(false);
  expect(complete(rule({ tests: [{ field: 'header', header: 'X Bad', op: 'contains', value: 'x' }] }))).toBe(false);
  expect(complete(rule({ actions: [{ kind: 'forward', address: 'nobody' }] }))).toBe(false);
  expect(complete(rule({ actions: [] }))).toBe(false);
});
