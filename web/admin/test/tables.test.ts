/** Tables of a directory: errors told once for each cause, lines as people write them, columns by the names a reader knows. */
import { describe, expect, it } from 'vitest';
import { known } from '../src/app/language.svelte.ts';
import {
  causes,
  changeRows,
  columnName,
  errorRows,
  FIELDS,
  fileName,
  KINDS,
  ranges,
  sample,
  things,
} from '../src/screens/imports/tables.ts';

const error = (line: number, value: string, column = '부서') => ({
  line,
  column,
  value,
  code: 'no-such-department',
  text: `부서가 없습니다: ${value}`,
});

describe('errors of a table', () => {
  it('are told once for each cause, the most frequent first, with all their lines', () => {
    const found = causes([error(2, '구매팀'), error(3, '영업9팀'), error(4, '영업9팀'), error(9, '영업9팀')]);
    expect(found.map((one) => [one.value, one.lines])).toEqual([
      ['영업9팀', [3, 4, 9]],
      ['구매팀', [2]],
    ]);
  });

  it('keep causes of other columns apart', () => {
    expect(causes([error(2, '팀'), error(3, '팀', '겸직')])).toHaveLength(2);
  });

  it('name their lines in runs and count what is beyond', () => {
    expect(ranges([2, 3, 4, 9], 12)).toEqual({ text: '2–4, 9', rest: 0 });
    expect(ranges([2, 4, 6, 7, 8], 2)).toEqual({ text: '2, 4', rest: 3 });
  });

  it('name a column as the file does, and one that is not there in words', () => {
    expect(columnName('부서이름', ['부서이름'])).toBe('부서이름');
    expect(columnName('name', ['name'])).toBe('name');
    expect(columnName('name', ['성명'])).toBe(known('importField.name'));
    const missing = { line: 1, column: 'login', value: 'login', code: 'column-missing', text: 'login' };
    expect(String(errorRows([missing], [])[0]?.[3])).toContain(known('importField.login'));
  });
});

describe('an empty table', () => {
  it('has the words of the page, never the names of the API', () => {
    for (const kind of KINDS) {
      const header = sample(kind).replace('\ufeff', '').trimEnd().split(',');
      expect(header).toEqual(FIELDS[kind].map((field) => `"${known(`importField.${field}`)}"`));
    }
    expect(sample('people')).not.toContain('employee_number');
  });

  it('is a file whose name every system takes', () => {
    expect(fileName('구성원', '양식')).toBe('구성원 양식.csv');
    expect(fileName('a/b:c')).toBe('abc.csv');
  });
});

describe('changes of a table', () => {
  const change = (line: number, field: string, old = '', made = '', what = 'change') => ({
    line,
    field,
    old,
    what,
    new: made,
    key: `p${String(line)}@hanbit.example`,
    name: '김민지',
  });

  it('stand with whom they change', () => {
    const found = things([change(2, 'name', '김민지', '최도진'), change(2, 'mobile'), change(3, '', '', '', 'close')]);
    expect(found.map((one) => [one.line, one.name, one.changes.map((each) => each.field)])).toEqual([
      [2, '김민지', ['name', 'mobile']],
      [3, '김민지', ['']],
    ]);
  });

  it('are a file in the words of the page', () => {
    expect(changeRows([change(2, 'position', '책임', '과장'), change(3, '', '', '', 'close')])).toEqual([
      [2, 'p2@hanbit.example', '김민지', known('importAct.change'), known('importField.position'), '책임', '과장'],
      [3, 'p3@hanbit.example', '김민지', known('importAct.close'), '', '', ''],
    ]);
  });
});
