/** The way of a mail as a drawing: what is solid, what is dashed, and what no map has. */
import type { Hop } from '@smartmail/jmap/types.ts';
import { expect, test } from 'vitest';
import { bow, numbersText, wayMap } from '../src/reading/way-map.ts';
import { HEIGHT, LAND, MIDDLES, WIDTH } from '../src/reading/world.ts';

function hop(country: string | null, more: Partial<Hop> = {}): Hop {
  const nothing = { name: null, address: null, by: null, protocol: null, tls: null, at: null, asn: null };
  return { ...nothing, verified: false, delay: null, country, isInside: false, ...more };
}

const legs = (map: ReturnType<typeof wayMap>): string[] =>
  (map?.legs ?? []).map(({ from, to, verified }) => `${from.country}${verified ? '→' : '⇢'}${to.country}`);

test('what our servers saw is verified, what a mail only tells is not', () => {
  const map = wayMap([hop('NG'), hop('US', { delay: 940 }), hop('JP', { verified: true })], 'KR');
  expect(legs(map)).toEqual(['NG⇢US', 'US⇢JP', 'JP→KR']);
  expect(map?.legs.map(({ delay }) => delay)).toEqual([0, 940, 0]);
  expect(map?.stops.map(({ country, numbers, isEnd }) => [country, numbers, isEnd])).toEqual([
    ['NG', [1], false],
    ['US', [2], false],
    ['JP', [3], false],
    ['KR', [], true],
  ]);
});

test('a line over hops that no map has is verified only when all of them are', () => {
  const inside = hop(null, { isInside: true, verified: false });
  const map = wayMap([hop('US', { verified: true }), inside, hop('KR', { verified: true })], 'KR');
  expect(legs(map)).toEqual(['US⇢KR']);
  expect(map?.missing).toEqual([{ number: 2, isInside: true }]);
  expect(legs(wayMap([hop('US', { verified: true }), hop('ZZ', { verified: true })], 'KR'))).toEqual(['US→KR']);
});

test('several hops of one country are one stop, and there and back are two lines', () => {
  const map = wayMap([hop('KR'), hop('KR'), hop('US'), hop('US', { verified: true })], 'KR');
  expect(map?.stops.map(({ country, numbers }) => [country, numbers])).toEqual([
    ['KR', [1, 2]],
    ['US', [3, 4]],
  ]);
  expect(legs(map)).toEqual(['KR⇢US', 'US→KR']);
  const [there, back] = (map?.legs ?? []).map(({ from, to }) => bow(from.badge, to.badge).top);
  expect(Math.hypot((there?.x ?? 0) - (back?.x ?? 0), (there?.y ?? 0) - (back?.y ?? 0))).toBeGreaterThan(10);
});

test('without a country that a map has there is no map', () => {
  expect(wayMap([hop(null, { isInside: true }), hop('ZZ')], 'KR')).toBeNull();
  expect(wayMap([], 'KR')).toBeNull();
  expect(legs(wayMap([hop('DE')], null))).toEqual([]);
});

test('all stops lie within the view, apart from one another and on the sheet', () => {
  const near = ['NL', 'BE', 'LU', 'DE', 'SG', 'HK', 'MO', 'CN', 'FJ', 'NZ', 'BR', 'IS'].map((code) => hop(code));
  for (const way of [near, near.slice(0, 2), near.slice(5, 7), [hop('KR')]]) {
    const map = wayMap(way, 'KR');
    if (!map) throw new Error('no map');
    const { x, y, width, height } = map.view;
    expect(x).toBeGreaterThanOrEqual(-1);
    expect(x + width).toBeLessThanOrEqual(WIDTH + 1);
    for (const { badge } of map.stops) {
      expect(badge.x).toBeGreaterThan(x);
      expect(badge.x).toBeLessThan(x + width);
      expect(badge.y).toBeGreaterThan(y);
      expect(badge.y).toBeLessThan(y + height);
    }
    for (const [at, one] of map.stops.entries())
      for (const other of map.stops.slice(at + 1))
        expect(Math.hypot(one.badge.x - other.badge.x, one.badge.y - other.badge.y)).toBeGreaterThan(20 * map.unit);
  }
});

test('the sheet is small, and knows the countries that mail comes from', () => {
  const known = new Set(MIDDLES.split('|').map((row) => row.slice(0, 2)));
  for (const code of 'KR KP JP CN TW HK MO SG VN TH ID MY PH IN US CA MX BR AR GB IE FR DE NL RU UA NG ZA EG AU NZ'.split(
    ' ',
  ))
    expect(known.has(code), code).toBe(true);
  expect(known.size).toBeGreaterThan(225);
  expect(LAND.length + MIDDLES.length).toBeLessThan(30_000);
  for (const row of MIDDLES.split('|')) {
    const [, x, y] = row.split(' ').map(Number);
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(WIDTH);
    expect(y).toBeLessThanOrEqual(HEIGHT);
  }
});

test('numbers of hops are short', () => {
  expect([[1], [1, 2, 3], [1, 4], [1, 2, 5, 6, 9]].map(numbersText)).toEqual(['1', '1–3', '1·4', '1–2·5–6·9']);
});
