import { expect, test } from 'vitest';
import { deviceName, isPhone } from '../src/device-name.ts';

const WHALE =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Whale/4.29 Safari/537.36';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';

test('a browser is called as its user knows it', () => {
  expect(deviceName(WHALE)).toBe('Whale · Windows');
  expect(deviceName(IPHONE)).toBe('Safari · iPhone');
  expect([isPhone(WHALE), isPhone(IPHONE)]).toEqual([false, true]);
});

test('what is no browser keeps its own name', () => {
  expect(deviceName('ERP 발송기 2')).toBe('ERP 발송기 2');
});
