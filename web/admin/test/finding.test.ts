import { describe, expect, it } from 'vitest';
import type { PageOf } from '../src/app/pages.ts';
import { isMeant } from '../src/app/synonyms.ts';
import { indexed, pagesFor, shapesFor, tasksFor } from '../src/search/finding.ts';

const page = (id: string): PageOf => ({
  id,
  path: id,
  icon: null as never,
  load: () => Promise.reject(new Error()),
});
const ko = {
  'page.queue': '큐', 'queue.text': '보내는 중인 메일입니다', 'queue.sender': '보낸사람', 'queue.senderHint': '전체 주소를 적습니다',
  'page.people': '사용자', 'group.flow': '메일 흐름', 'chart.queue': '발송 대기열',
}; // prettier-ignore
const en = { 'page.queue': 'Queue', 'queue.sender': 'Sender', 'page.people': 'People' };
const words = (key: string): string => (ko as Record<string, string>)[key] ?? key;
const index = indexed([page('queue'), page('people')], [ko, en]);
const find = (typed: string): string[] => pagesFor(typed, index, words).map((one) => `${one.kind} ${one.title}`);

describe('pages', () => {
  it('are found by their names in any language', () => {
    for (const typed of ['큐', 'queue', 'QUEUE', 'ｑｕｅｕｅ']) expect(find(typed)[0]).toBe('page 큐');
  });
  it('are found by the words of what they are for', () => {
    expect(find('보내는 중인')).toEqual(['page 큐']);
  });
  it('have fields, found by name and by the help beside them', () => {
    for (const typed of ['보낸사람', 'sender', '전체 주소']) expect(find(typed)).toEqual(['field 보낸사람']);
  });
  it('that are not offered are not found', () => {
    expect(pagesFor('큐', indexed([page('people')], [ko, en]), words)).toEqual([]);
  });
  it('nothing finds nothing', () => {
    expect(find('  ')).toEqual([]);
  });
});

describe('shapes', () => {
  const everything = (): boolean => true;
  const links = (typed: string, may = everything): string[] => shapesFor(typed, may, words).map((one) => one.href);
  it('an address leads to its mail', () => {
    expect(links('kim@a.example')).toContain('/trace?sender=kim%40a.example');
    expect(links('kim@a.example')).toContain('/queue?recipient=kim%40a.example');
  });
  it('a Message-ID leads to its story', () => {
    expect(links('<x.1@far.example>')).toEqual(['/trace?messageId=x.1%40far.example']);
  });
  it('a network address leads to logins, bans and mail', () => {
    for (const typed of ['192.0.2.1', '2001:db8::1']) {
      expect(links(typed).map((one) => one.split('?')[0])).toEqual(['/records', '/bans', '/trace']);
    }
  });
  it('leads nowhere where one may not look', () => {
    for (const typed of ['kim@a.example', '<x@far.example>', '192.0.2.1'])
      expect(links(typed, () => false)).toEqual([]);
  });
});

describe('tasks', () => {
  const pages = ['policy', 'people', 'leavers', 'senders'].map(page);
  const found = (typed: string): string[] => tasksFor(typed, pages, (key) => key).map((one) => one.href);
  it('are found by what people call them, in five languages', () => {
    for (const typed of ['OTP', '2단계 인증', '二段階', '双因素', 'MFA'])
      expect(found(typed)).toContain('/policy?find=second-factor');
    for (const typed of ['퇴사', 'offboarding', '退職', '离职', '離職']) expect(found(typed)).toEqual(['/leavers']);
    expect(found('비밀번호 초기화')).toContain('/people');
    expect(found('용량')).toEqual(['/policy?find=quota']);
    expect(found('스팸 허용')).toEqual(['/senders']);
  });
  it('are not offered where their page is not, nor for a single letter', () => {
    expect(found('인증서 갱신')).toEqual([]);
    expect(found('o')).toEqual([]);
  });
  it('lead the search of the policy to items that are called otherwise', () => {
    expect(isMeant('retention.notice-days', '보관기간')).toBe(true);
    expect(isMeant('trash.days', '보관기간')).toBe(true);
    expect(isMeant('trash.days', 'otp')).toBe(false);
  });
});
