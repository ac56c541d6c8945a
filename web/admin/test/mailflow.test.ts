/** Limits of destinations, looks along a way, log files, schedules of keys, standings of investigations: what the screens show. */
import { describe, expect, it } from 'vitest';
import { daysOf, KNOB } from '../src/details/rotation.ts';
import { newestFirst } from '../src/resources/agreements.ts';
import { standing } from '../src/resources/investigations.ts';
import { limitBody, limitsOf } from '../src/screens/flow/limits.ts';
import { outcomeTone, probeBody } from '../src/screens/flow/probe.ts';
import { logFile } from '../src/screens/operations/log.ts';
import type { PolicyRule } from '../src/api/types.ts';

describe('limits of destinations', () => {
  const one = { connections: 5, perMinute: 0, source: '' };

  it('stand by name, the one for everybody last', () => {
    const rules = {
      pausedAll: false,
      paused: [],
      sources: {},
      destinations: { '*': one, 'b.test': one, 'a.test': one },
    };
    expect(limitsOf(rules).map((each) => each.domain)).toEqual(['a.test', 'b.test', '*']);
  });

  it('go out as numbers', () => {
    expect(limitBody({ connections: '7', perMinute: '120', source: '' })).toEqual({
      connections: 7,
      perMinute: 120,
      source: '',
    });
  });
});

describe('a look along a way', () => {
  const asked = { to: 'lee@far.test', what: 'look', way: '', host: 'mx.far.test', port: '2525' };

  it('names a host only where that was chosen', () => {
    expect(probeBody(asked)).toEqual({ to: 'lee@far.test', send: false });
    const named = { to: 'lee@far.test', send: true, host: 'mx.far.test', port: 2525 };
    expect(probeBody({ ...asked, what: 'send', way: 'named' })).toEqual(named);
    expect(probeBody({ ...asked, way: 'named', host: '' })).toEqual({ to: 'lee@far.test', send: false });
  });

  it('is well, not yet, or bad', () => {
    expect(['accepted', 'later', 'insecure'].map(outcomeTone)).toEqual(['ok', 'warn', 'bad']);
  });
});

it('a log file has the oldest line first, one object a line', () => {
  const line = (at: string, event: string) => ({ at, level: 'info', event, process: 'p', fields: { n: '1' } });
  const text = logFile([line('2', 'later'), line('1', 'earlier')]);
  const read = text
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each) as { event: string; n: string });
  expect(read.map((each) => [each.event, each.n])).toEqual([
    ['earlier', '1'],
    ['later', '1'],
  ]);
});

it('the schedule of keys is the narrowest rule, off without one', () => {
  const rule = (scope: string, value: number, knob = KNOB): PolicyRule => ({
    knob,
    scope,
    value,
    locked: false,
    authority: null,
    validFrom: null,
    validUntil: null,
  });
  const rules = [
    rule('system', 365),
    rule('organization:1', 180),
    rule('domain:a.test', 90),
    rule('domain:b.test', 30, 'other'),
  ];
  expect([daysOf(rules, 'a.test'), daysOf(rules, 'b.test'), daysOf([], 'a.test')]).toEqual([90, 180, 0]);
});

it('an investigation waits, runs, and is over', () => {
  const row = { confirmedAt: null, until: '2026-11-27T00:00:00Z' };
  const at = (time: string): number => Date.parse(time);
  expect(standing(row, at('2026-11-26T00:00:00Z'))).toBe('waits');
  expect(standing({ ...row, confirmedAt: '2026-11-25T00:00:00Z' }, at('2026-11-26T00:00:00Z'))).toBe('runs');
  expect(standing(row, at('2026-11-27T00:00:00Z'))).toBe('over');
});

it('the newest version of a text comes first', () => {
  const text = (name: string, version: number, language: string) => ({ name, version, language, text: '', at: '' });
  const rows = newestFirst([text('b', 1, 'ko'), text('a', 1, 'ko'), text('a', 2, 'ko'), text('a', 2, 'en')]);
  expect(rows.map((each) => `${each.name}${String(each.version)}${each.language}`)).toEqual([
    'a2en',
    'a2ko',
    'a1ko',
    'b1ko',
  ]);
});
