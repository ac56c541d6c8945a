/** Links as they are: what deceives is named with the place it leads to, what is honest opens at once. */
import { describe, expect, test } from 'vitest';
import { inUnicode, registered } from '../src/reading/hosts.ts';
import { doubtOf } from '../src/reading/links.ts';

/** What a browser makes of a link. */
const seen = (words: string, written: string): ReturnType<typeof doubtOf> =>
  doubtOf(words, URL.canParse(written) ? new URL(written).href : written, written);

const HONEST: [words: string, href: string][] = [
  ['자세히 보기', 'https://www.bank.example/notice'],
  ['www.bank.example', 'https://www.bank.example/notice?id=3'],
  ['https://bank.example', 'https://login.bank.example/'],
  ['login.bank.co.kr', 'https://cert.bank.co.kr/'],
  ['bank.example로 가기', 'https://other.example/'],
  ['한글.한국', 'https://xn--bj0bj06e.xn--3e0b707e/'],
  ['http://한글.한국/안내', 'https://www.한글.한국/'],
  ['https://한글.한국으로 오세요', 'https://한글.한국/'],
  ['회사 소개', 'https://한빛기술.한국/'],
  ['회사 소개', 'https://삼성sds.kr/'],
  ['会社案内', 'https://東京オフィスit.jp/'],
  ['公司简介', 'https://中文网.中国/'],
  ['Bücher', 'https://bücher.example/'],
  ['Русский сайт', 'https://россия.рф/'],
  ['привет', 'https://привет.example/'],
  ['계약서.pdf', 'https://files.example/get/1'],
  ['보고서_최종.hwp', 'https://files.example/get/2'],
  ['archive.zip', 'https://files.example/get/3'],
  ['kim@bank.example', 'https://mail.example/write'],
  ['그룹웨어', 'http://10.20.30.40:8080/gw'],
  ['그룹웨어', 'http://192.168.0.7/'],
  ['http://203.0.113.9/manual', 'http://203.0.113.9/manual'],
  ['메일 쓰기', 'mailto:kim@bank.example'],
  ['전화', 'tel:+82-2-123-4567'],
  ['아래로', '#m-part'],
  ['고장 난 링크', 'https://['],
  ['오늘 3.5% 할인, 1.2배', 'https://shop.example/'],
];

const DECEITFUL: [words: string, href: string, deceit: string, said: string, real: string][] = [
  ['www.bank.example', 'https://evil.example/x', 'words', 'www.bank.example', 'evil.example'],
  ['https://bank.example/login', 'https://bank.example.evil.test/', 'words', 'bank.example', 'bank.example.evil.test'],
  ['bank.co.kr', 'https://evil.co.kr/', 'words', 'bank.co.kr', 'evil.co.kr'],
  ['확인은 https://bank.example/a 에서 하세요', 'https://evil.example/', 'words', 'bank.example', 'evil.example'],
  ['한글.한국', 'https://한굴.한국/', 'words', '한글.한국', '한굴.한국'],
  ['정부24.한국', 'https://evil.example/', 'words', '정부24.한국', 'evil.example'],
  ['ｗｗｗ．ｂａｎｋ．ｅｘａｍｐｌｅ', 'https://evil.example/', 'words', 'www.bank.example', 'evil.example'],
  ['ba\u200bnk.exam\u00adple', 'https://evil.example/', 'words', 'bank.example', 'evil.example'],
  ['www.bank.example', 'http://203.0.113.9/', 'words', 'www.bank.example', '203.0.113.9'],
  ['http://10.0.1.10/', 'http://192.168.1.10/', 'words', '10.0.1.10', '192.168.1.10'],
  ['로그인', 'https://www.bank.example@evil.example/', 'user', 'www.bank.example', 'evil.example'],
  ['로그인', 'https://www.bank.example%2Flogin@evil.example/', 'user', 'www.bank.example/login', 'evil.example'],
  ['로그인', 'https://bank.example:443@evil.example/', 'user', 'bank.example', 'evil.example'],
  ['로그인', 'http://203.0.113.9/login', 'number', '', '203.0.113.9'],
  ['로그인', 'http://3405803785/login', 'number', '', '203.0.113.9'],
  ['로그인', 'http://0xcb.0x0.0x71.0x9/', 'number', '', '203.0.113.9'],
  ['로그인', 'http://0300.0250.0.7/', 'number', '', '192.168.0.7'],
  ['로그인', 'http://[2001:db8::9]/', 'number', '', '[2001:db8::9]'],
  ['로그인', 'https://аррӏе.com/', 'passes', 'apple.com', 'аррӏе.com'],
  ['로그인', 'https://xn--80ak6aa92e.com/', 'passes', 'apple.com', 'аррӏе.com'],
  ['로그인', 'https://раypal.example/', 'passes', 'paypal.example', 'раypal.example'],
  ['로그인', 'https://gооgle.한국/', 'passes', 'google.한국', 'gооgle.한국'],
  ['로그인', 'https://банкbank.example/', 'scripts', '', 'банкbank.example'],
  ['로그인', 'https://한글кот.example/', 'scripts', '', '한글кот.example'],
];

describe('an honest link opens at once', () => {
  test.each(HONEST)('%s → %s', (words, href) => expect(seen(words, href)).toBeNull());
});

describe('a deceitful link is shown for what it is', () => {
  test.each(DECEITFUL)('%s → %s', (words, href, deceit, said, real) =>
    expect(seen(words, href)).toMatchObject({ deceit, said, real }),
  );
});

test('the name that machines use is told where it differs from what is read', () => {
  expect(seen('로그인', 'https://аррӏе.com/')?.plain).toBe('xn--80ak6aa92e.com');
  expect(seen('www.bank.example', 'https://evil.example/')?.plain).toBe('');
});

test('labels come back from their A-form, and a forged one stays as it is', () => {
  expect(inUnicode('xn--bj0bj06e.xn--3e0b707e')).toBe('한글.한국');
  expect(inUnicode('xn--fiqs8s')).toBe('中国');
  expect(inUnicode('xn--bcher-kva.example')).toBe('bücher.example');
  for (const forged of ['xn--', 'xn--99999999999', 'xn--a-ecp.ru!', 'xn--!!!'])
    expect(inUnicode(forged)).toBeTypeOf('string');
});

test('what was registered', () => {
  expect(registered('mail.innotab.co.kr')).toBe('innotab.co.kr');
  expect(registered('co.kr')).toBe('co.kr');
  expect(registered('a.b.example')).toBe('b.example');
  expect(registered('localhost')).toBe('localhost');
});

test('long words are judged at once', () => {
  const start = performance.now();
  for (const words of ['a.'.repeat(50_000), 'www.'.repeat(20_000), `a.com/${')'.repeat(50_000)} x`, '.'.repeat(90_000)])
    seen(words, 'https://evil.example/');
  expect(performance.now() - start).toBeLessThan(1000);
});
