/** Refusals of the server in the reader's language: never its English in a page of another. */
import { afterEach, expect, test } from 'vitest';
import { ApiError } from '../src/api/client.ts';
import type { ImportOperation, Task } from '../src/api/types.ts';
import { failureText, lineFailure, workFailure } from '../src/app/failure.ts';
import { has, useLanguage } from '../src/app/language.svelte.ts';

const TITLE = '값이 올바르지 않습니다.';
const refused = (reasons: string[], facts: Record<string, string | number> = {}): ApiError =>
  new ApiError('invalid', 400, TITLE, 'said in English', [], reasons, facts);

// The page whose language it is has one attribute of ours.
Object.assign(globalThis, { document: { documentElement: { lang: '' } } });

afterEach(() => useLanguage('ko'));

test('a known reason is told with its facts', async () => {
  expect(failureText(refused(['password.short'], { least: 12 }))).toBe('비밀번호는 12자 이상이어야 합니다.');
  await useLanguage('en');
  expect(failureText(refused(['password.short'], { least: 12 }))).toBe('The password needs at least 12 characters.');
});

test('all reasons are told', () => {
  const told = failureText(refused(['password.short', 'password.common'], { least: 12 }));
  expect(told).toContain('12자');
  expect(told).toContain('널리 알려진');
});

test('without words the title stands alone, and English goes to English readers', async () => {
  expect(failureText(refused([]))).toBe(TITLE);
  expect(failureText(refused(['password.short', 'no.such'], { least: 12 }))).toBe(TITLE);
  for (const language of ['ja', 'zh-Hans', 'zh-Hant'] as const) {
    await useLanguage(language);
    expect(failureText(refused(['no.such']))).toBe(TITLE);
  }
  await useLanguage('en');
  expect(failureText(refused(['no.such']))).toBe(`${TITLE} said in English`);
});

test('a field is told by its label, never by its name in the API', async () => {
  const long = refused(['field.long'], { field: 'label', most: 9 });
  expect(failureText(long, { label: 'people.name' })).toBe('이름: 9자까지 입력할 수 있습니다.');
  expect(failureText(long)).toBe('입력한 값: 9자까지 입력할 수 있습니다.');
  await useLanguage('en');
  expect(failureText(long)).toBe('One value: at most 9 characters.');
});

test('work that failed tells its reason in words, its English to English readers alone', async () => {
  const failed = (more: Partial<Task>): Task =>
    ({ error: 'unavailable', detail: 'said in English', reasons: [], facts: {}, ...more }) as Task;
  expect(workFailure(failed({ error: '' }))).toBe('');
  expect(workFailure(failed({ reasons: ['backup.room'], facts: { needed: 9, free: 3 } }))).toContain('9MB');
  expect(workFailure(failed({}))).toBe('백업 장소가 응답하지 않거나 열 수 없습니다.');
  await useLanguage('en');
  expect(workFailure(failed({}))).toContain('said in English');
});

test('a line of an import tells why it was not done in words', async () => {
  const line = (more: Partial<ImportOperation>): ImportOperation =>
    ({ detail: 'said in English', reasons: [], facts: {}, ...more }) as ImportOperation;
  expect(lineFailure(line({ detail: '' }))).toBe('');
  expect(lineFailure(line({ reasons: ['login.taken'], facts: { login: 'kim@a.example' } }))).toContain('kim@a.example');
  expect(lineFailure(line({ detail: 'in-use' }))).toBe('쓰고 있어 그대로 두었습니다.');
  expect(lineFailure(line({ detail: 'not_found' }))).not.toContain('not_found');
  expect(lineFailure(line({}))).toBe('적용하지 못한 내용이 있습니다.');
  await useLanguage('en');
  expect(lineFailure(line({}))).toContain('said in English');
});

test('every code by which work can fail has words', () => {
  const codes = ['already_exists', 'auth_failed', 'forbidden', 'internal', 'invalid', 'not_found', 'over_quota'];
  const more = [
    'policy_rejected',
    'proof_needed',
    'rate_limited',
    'state_mismatch',
    'storage_full',
    'too_large',
    'unavailable',
  ];
  expect([...codes, ...more].filter((one) => !has(`jobError.${one}`))).toEqual([]);
});

test('what somebody else changed and what does not answer have words of their own', () => {
  expect(failureText(new ApiError('state_mismatch', 412, 'x', 'english'))).toContain('다른 사람');
  expect(failureText(new ApiError('unreachable', 0, ''))).toContain('연결');
});
