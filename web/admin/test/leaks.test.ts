/** Leak rules: a condition comes out of the form as it went in, and is told in words that an officer reads. */
import { describe, expect, it, test } from 'vitest';
import { faults } from '../src/app/forms.ts';
import { FACTS, flat, leafOf, newPart, type Tree, treeOf, valuesOf } from '../src/screens/leaks/condition.ts';
import { partFields } from '../src/screens/leaks/part-fields.ts';
import { ACTIONS, againOf, doingFields, ruleOf } from '../src/screens/leaks/rule.ts';
import { actionWords, conditionLines, placeWords, toldWords } from '../src/screens/leaks/words.ts';

const RRN = { fact: 'finding', in: ['kr.rrn', 'kr.frn'], least: 10, confidence: 'medium', distinct: true };
const FREE = { fact: 'recipient', in: ['free'] };
const TREES: Tree[] = [
  RRN,
  { all: [RRN, FREE] },
  { any: [{ not: FREE }, { fact: 'uninspectable', is: true }] },
  { all: [{ fact: 'words', in: ['대외비', '극비'], least: 3, weights: { 극비: 3 } }, { fact: 'outside', least: 2 }] },
  { fact: 'pattern', in: ['PRJ-\\d{2,4}', 'a, b'], least: 1 },
  { fact: 'score', weights: { 'kr.rrn': 5, card: 3 }, least: 10, confidence: 'high' },
  { fact: 'time', from: '18:00', to: '09:00', days: ['sat', 'sun'], zone: '+09:00' },
  { all: [{ fact: 'octets', least: 5_242_880 }, { fact: 'extension', in: ['dwg', 'hwp'] }, { fact: 'label', in: ['secret'] }] },
]; // prettier-ignore
const ROW = {
  id: '7', name: '주민번호', scope: 'organization:1', direction: 'out', exits: ['web'], condition: { all: [RRN, FREE] },
  actions: ['approve:두 사람', 'copy:audit@a.example'], priority: 10, stage: 'log', message: '', locked: true, authority: null,
  validFrom: null, validUntil: null,
}; // prettier-ignore

describe('a condition', () => {
  it.each(TREES)('comes out of the form as it went in (%#)', (tree) => {
    const parts = flat(tree);
    expect(parts).not.toBeNull();
    expect(parts && treeOf(parts)).toEqual(tree);
  });

  it('that is deeper, or has what a form does not know, is none for a form', () => {
    expect(flat({ all: [{ any: [RRN, FREE] }] })).toBeNull();
    expect(flat({ fact: 'moon', is: true })).toBeNull();
    expect(flat({ not: { all: [RRN] } })).toBeNull();
  });

  it.each(FACTS)('begins with fields for %s, and its values are those of the fields', (fact) => {
    const fields = partFields(fact, { detectors: ['kr.rrn'], labels: [] });
    expect(fields.length).toBeGreaterThan(0);
    const known = new Set([...fields.map((one) => one.name), 'zone']);
    expect(Object.keys(newPart(fact).values).filter((one) => !known.has(one))).toEqual([]);
    expect(valuesOf(leafOf(fact, newPart(fact).values))).toEqual(newPart(fact).values);
  });

  it('without what it looks for is not taken', () => {
    const missing = (fact: string): string[] =>
      Object.keys(faults(partFields(fact, { detectors: ['kr.rrn'], labels: [] }), newPart(fact).values));
    expect(missing('finding')).toEqual(['in']);
    expect(missing('words')).toEqual(['in']);
    expect(missing('outside')).toEqual([]);
  });
});

test('a rule that is changed keeps what the form does not ask for', () => {
  const values = { name: 'n', direction: 'out', actions: ['approve', 'copy'], line: '두 사람', copy: 'audit@a.example', priority: '10', stage: 'log', exits: ['web'], locked: true, message: '' }; // prettier-ignore
  expect(ruleOf(ROW, values, ROW.condition)).toEqual({ ...againOf(ROW, 'log'), name: 'n' });
  expect(ruleOf(null, { ...values, scope: 'system', actions: ['delay'], minutes: '5' }, RRN)).toMatchObject({
    scope: 'system',
    actions: ['delay:5'],
  });
});

test('only fields of the chosen actions are asked for', () => {
  const names = (actions: string[]): string[] => doingFields(null, { actions }, []).map((one) => one.name);
  expect(names(['block'])).toEqual(['actions', 'message']);
  expect(names(['delay', 'copy'])).toEqual(['actions', 'minutes', 'copy', 'message']);
  expect(names([...ACTIONS])).toEqual(['actions', 'line', 'reviewLine', 'minutes', 'copy', 'message']);
  // A line that has ended stays the one that is chosen.
  expect(doingFields(ROW, { actions: ['approve'] }, ['부서장'])[1]?.options).toEqual(['', '부서장', '두 사람']);
});

test('rules are told in words', () => {
  expect(conditionLines({ all: [RRN, FREE] })).toEqual([
    '모두 만족할 때',
    '· 서로 다른 주민등록번호, 외국인등록번호 10건 이상',
    '· 받는 사람의 구분: 회사 밖의 프리메일',
  ]);
  expect(conditionLines({ fact: 'file_octets', least: 5_242_880 })).toEqual(['첨부 하나의 크기 5 MB 이상']);
  expect(conditionLines({ fact: 'label', in: ['secret'] }, [{ id: 'secret', name: '대외비' }])).toEqual([
    '보안등급: 대외비',
  ]);
  expect(conditionLines({ any: [{ all: [FREE, { fact: 'holiday', is: true }] }] })).toEqual([
    '(받는 사람의 구분: 회사 밖의 프리메일 그리고 휴일: 예)',
  ]);
  expect(toldWords(JSON.stringify(RRN))).toBe('서로 다른 주민등록번호, 외국인등록번호 10건 이상');
  expect(toldWords('{broken')).toBe('{broken');
  expect([actionWords('block'), actionWords('approve'), actionWords('delay:5')]).toEqual([
    '차단',
    '승인 후 발송',
    '5분 지연 발송',
  ]);
  expect([placeWords('body'), placeWords('file:명단.xlsx')]).toEqual(['본문', '첨부: 명단.xlsx']);
});
