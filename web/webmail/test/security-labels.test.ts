/** 보안등급: what a header says, what may be chosen, what a letter carries. */
import { describe, expect, it } from 'vitest';
import {
  asOf,
  bracketed,
  carried,
  choosable,
  fieldOf,
  labelIn,
  labelOf,
  type SecurityLabel,
  unbracketed,
} from '../src/app/security-labels.ts';

const label = (id: string, rank: number, usual = false): SecurityLabel => ({
  id,
  name: id,
  rank,
  outside: 'allow',
  usual,
  term: 0,
  then: '',
});
const HOUSE = [label('general', 0, true), label('confidential', 10), label('top', 20)];

describe('a field', () => {
  it('says its label again', () => expect(labelIn(fieldOf('top'))).toBe('top'));

  it('is read as the server writes it', () => {
    const type = 'https://smartmail.example/ns/security-label';
    expect(labelIn(`marking*=UTF-8''%EB%8C%80; type="${type}"; label="confidential"`)).toBe('confidential');
    expect(labelIn(`type=${type};\r\n label=a-1`)).toBe('a-1');
  });

  it('of another house means nothing', () => {
    expect(labelIn('marking="TOP SECRET"; type=":ess"; label="top"')).toBe('');
    expect(labelIn('')).toBe('');
  });
});

describe('a label with a term', () => {
  const DAY = 86_400_000;
  const house = [
    label('general', 0),
    { ...label('brief', 5), term: 1 },
    { ...label('confidential', 10), term: 60, then: 'general' },
    { ...label('top', 20), term: 30, then: 'confidential' },
  ];
  // As tests/unit/policy/test_security_label_terms.py.
  it.each([
    ['top', 0, 'top', 30],
    ['top', 29.999, 'top', 30],
    ['top', 30, 'confidential', 90],
    ['top', 90, 'general', null],
    ['general', 4_000, 'general', null],
    ['brief', 1, undefined, null],
  ])('%s counts after %d days as %s', (id, days, counts, until) => {
    const found = asOf(house, house.find((one) => one.id === id) ?? null, 1000, 1000 + days * DAY);
    expect(found.label?.id).toBe(counts);
    expect(found.until).toBe(until === null ? null : 1000 + until * DAY);
  });
});

describe('a letter', () => {
  it('carries the most secret of its fields that the company knows', () => {
    expect(labelOf(HOUSE, [fieldOf('top'), fieldOf('general'), fieldOf('gone')])?.id).toBe('top');
    expect(labelOf(HOUSE, [fieldOf('gone')])).toBeNull();
  });

  it('carries what was chosen, never less than what it answers, else the usual one', () => {
    expect(carried(HOUSE, '', null)?.id).toBe('general');
    expect(carried(HOUSE, 'top', 'confidential')?.id).toBe('top');
    expect(carried(HOUSE, 'general', 'confidential')?.id).toBe('confidential');
    expect(carried(HOUSE, '', 'confidential')?.id).toBe('confidential');
    expect(carried(HOUSE.slice(1), '', 'gone')).toBeNull();
  });

  it('may be given no lower label than what it answers', () => {
    expect(choosable(HOUSE, 'confidential').map(({ id }) => id)).toEqual(['confidential', 'top']);
    expect(choosable(HOUSE, null)).toHaveLength(3);
  });
});

it('Message-IDs come back as they were written', () => {
  expect(unbracketed(bracketed(['1@a.example', '2@a.example']))).toEqual(['1@a.example', '2@a.example']);
  expect(unbracketed('')).toEqual([]);
});
