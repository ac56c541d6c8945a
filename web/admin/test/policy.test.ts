import { describe, expect, test } from 'vitest';
import type { Knob, PolicyPreset, PolicyRule } from '../src/api/types.ts';
import { basket } from '../src/app/basket.svelte.ts';
import { presetChanges } from '../src/app/preset-changes.ts';
import { shadowsOf } from '../src/app/shadows.ts';
import { valueWords } from '../src/app/values.ts';

const NOW = Date.parse('2026-12-02T00:00:00Z');
const knob = (more: Partial<Knob>): Knob => ({
  name: 'trash.days',
  title: '휴지통 보관기간',
  default: 0,
  levels: ['system', 'organization'],
  help: '',
  kind: 'count',
  choices: [],
  least: 1,
  most: 3650,
  zeroIsNone: true,
  unit: 'days',
  zero: 'kept',
  ...more,
});
const rule = (scope: string, value: unknown, more: Partial<PolicyRule> = {}): PolicyRule => ({
  knob: 'trash.days',
  scope,
  value,
  locked: false,
  authority: null,
  validFrom: null,
  validUntil: null,
  ...more,
});
const told = (one: PolicyRule, rules: PolicyRule[]): string[] =>
  shadowsOf(one, [one, ...rules], NOW).map(({ by, how }) => `${how} ${by.scope}`);

describe('a value in words', () => {
  test('numbers say what they count, and what 0 means', () => {
    expect(valueWords('trash.days', 30, knob({}))).toBe('30일');
    expect(valueWords('trash.days', 0, knob({}))).toBe('삭제하지 않음');
    const size = knob({ name: 'message.max-octets', unit: 'octets', zero: 'unlimited' });
    expect(valueWords(size.name, 25 * 2 ** 20, size)).toBe('25 MB');
    expect(valueWords(size.name, 0, size)).toBe('제한 없음');
  });

  test('choices have the words of their item before those that are shared', () => {
    const concurrent = knob({ name: 'session.concurrent', kind: 'choice', unit: null, zero: null });
    expect(valueWords(concurrent.name, 'deny', concurrent)).toBe('새 로그인 거부');
    expect(valueWords(concurrent.name, 'replace', concurrent)).toBe('이전 로그인 종료');
    const hours = knob({ name: 'digest.hours', kind: 'names', unit: 'oclock', zero: null });
    expect(valueWords(hours.name, ['09', '17'], hours)).toBe('9시, 17시');
    const home = knob({ name: 'country.home', kind: 'countries', unit: null, zero: null });
    expect(valueWords(home.name, ['KR'], home)).toBe('대한민국');
  });

  test('texts are told by how many languages there are and how they begin', () => {
    const text = knob({ name: 'footer.text', kind: 'text', unit: null, zero: null });
    expect(valueWords(text.name, ['[ko]', '안내', '[en]', 'Notice'], text)).toBe('2개 언어: 안내 Notice');
  });
});

describe('what shadows a rule', () => {
  test('a narrower one that says otherwise, never one that says the same', () => {
    const company = rule('organization:1', 30);
    expect(told(company, [rule('department:1:Sales', 90)])).toEqual(['narrower department:1:Sales']);
    expect(told(company, [rule('department:1:Sales', 30)])).toEqual([]);
    expect(told(rule('department:1:Sales', 90), [company])).toEqual([]);
  });

  test('a lock above it, wholly, whatever it says', () => {
    const sales = rule('department:1:Sales', 90);
    const lock = rule('organization:1', 30, { locked: true });
    expect(told(sales, [lock])).toEqual(['lock organization:1']);
    expect(told(lock, [sales])).toEqual([]);
  });

  test('an exception in force of its own place, not one of another company or time', () => {
    const company = rule('organization:1', 30);
    const until = { validUntil: '2026-12-09T00:00:00Z' };
    expect(told(company, [rule('organization:1', 7, until)])).toEqual(['exception organization:1']);
    expect(told(company, [rule('organization:1', 7, { validUntil: '2026-12-01T00:00:00Z' })])).toEqual([]);
    expect(told(company, [rule('department:2:Sales', 90)])).toEqual([]);
  });

  test('what has another authority outlives a lock below it', () => {
    const granted = rule('account:7', 90, { authority: 'system', validUntil: '2026-12-09T00:00:00Z' });
    expect(told(granted, [rule('organization:1', 30, { locked: true })])).toEqual([]);
  });
});

describe('what a preset changes', () => {
  const knobs = [
    knob({}),
    knob({ name: 'junk.days' }),
    knob({ name: 'sent.days' }),
    knob({ name: 'inbox.days', default: 5 }),
  ];
  const preset = { name: 'general', title: '', reasons: {}, values: { 'trash.days': 30, 'junk.days': 30 } };
  const changes = (scope: string, rules: PolicyRule[]): unknown =>
    presetChanges(preset as PolicyPreset, scope, rules, knobs);

  test('now and then of each item that changes; those that stay by name', () => {
    const rules = [rule('organization:1', 7), rule('system', 30, { knob: 'junk.days' })];
    expect(changes('organization:1', rules)).toEqual({
      changed: [{ knob: 'trash.days', before: 7, after: 30 }],
      same: ['junk.days'],
    });
  });

  test('what the preset does not name goes back to the installation or the default', () => {
    const rules = [
      rule('organization:1', 30),
      rule('organization:1', 30, { knob: 'junk.days' }),
      rule('organization:1', 99, { knob: 'inbox.days' }),
      rule('organization:1', 99, { knob: 'sent.days' }),
      rule('system', 60, { knob: 'sent.days' }),
    ];
    expect(changes('organization:1', rules)).toMatchObject({
      changed: [
        { knob: 'sent.days', before: 99, after: 60 },
        { knob: 'inbox.days', before: 99, after: 5 },
      ],
    });
  });

  test('what the installation locks does not change', () => {
    expect(changes('organization:1', [rule('system', 9, { locked: true })])).toMatchObject({
      changed: [{ knob: 'junk.days' }],
      same: ['trash.days'],
    });
  });
});

test('an entry of the basket is changed where it stands', () => {
  basket.put({ knob: 'trash.days', scope: 'organization:1', value: 7 }, '2026-12-07T09:00');
  basket.put({ knob: 'junk.days', scope: 'organization:1', value: 7 });
  const [first] = basket.rules;
  if (!first) throw new Error('nothing is in the basket');
  basket.change(first, { ...first, value: 9 }, '');
  expect(basket.rules.map((one) => [one.knob, one.value])).toEqual([
    ['trash.days', 9],
    ['junk.days', 7],
  ]);
  expect(basket.from).toBe('');
  const [changed, other] = basket.rules;
  if (!changed || !other) throw new Error('an entry is gone');
  basket.change(changed, { ...other, value: 1 }, '');
  expect(basket.rules).toEqual([{ ...other, value: 1 }]);
  basket.clear();
});
