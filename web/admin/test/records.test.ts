/** Records in words: what heads a panel and what a line says holds no code of the server. */
import { expect, test } from 'vitest';
import { actionWords, idsOf, objectWords, sentence } from '../src/resources/record-words.ts';

test('what heads the details of a look at mail is a noun', () => {
  expect(actionWords('access.profile')).toBe('사용자 정보 조회');
  expect(actionWords('access.read')).toBe('메일 열람');
});

test("a person's data are not counted as mail; mail is", () => {
  const object = 'account:7 count:1';
  expect(objectWords({ action: 'access.profile', object })).not.toContain('통');
  expect(objectWords({ action: 'access.read', object: 'account:7 count:3 ids:1,2,3' })).toContain('메일 3통');
});

test('a login says who came, through what, or why not; the number of the password stands apart', () => {
  const object = 'door:web credential:12';
  const actor = 'account:7';
  expect(sentence({ action: 'login.ok', object, actor })).toMatch(/님이 로그인했습니다 \(웹메일\)$/);
  expect(sentence({ action: 'login.wrong_secret', object, actor })).toContain('비밀번호 틀림 (웹메일)');
  expect(sentence({ action: 'login.nobody', object: 'door:smtp', actor: '' })).toBe(
    '알 수 없는 아이디의 로그인을 거부했습니다: 없는 이름 (SMTP)',
  );
  expect(objectWords({ action: 'login.ok', object })).toBe('웹메일');
  expect(idsOf(object)).toBe('비밀번호 12');
});

test('an alarm is told by its name', () => {
  expect(objectWords({ action: 'alarm.begin', object: 'alarm:access.break-glass' })).toBe(
    '비상 접속이 쓰이고 있는 관리자',
  );
  expect(objectWords({ action: 'alarm.begin', object: 'alarm:disk.free volume-2' })).toContain('volume-2');
});
