/** The mailboxes of the demo, the person's own and those that a team shares. */
import type { Id } from '../types.ts';

export const STANDARD: [id: Id, role: string | null, name: string][] = [
  ['inbox', 'inbox', 'Inbox'],
  ['sent', 'sent', 'Sent'],
  ['drafts', 'drafts', 'Drafts'],
  ['junk', 'junk', 'Junk'],
  ['trash', 'trash', 'Trash'],
  ['scheduled', 'scheduled', 'Scheduled'],
  ['snoozed', 'snoozed', 'Snoozed'],
];
/** What the demo's team shares: its mailboxes have no roles. */
export const TEAM = 'team';
export const TEAM_MAILBOXES: [id: Id, parent: Id | null, name: string][] = [
  ['q1', null, '고객 문의'],
  ['q2', null, '견적 요청'],
];
export const TEAM_RIGHTS = {
  mayReadItems: true,
  maySetSeen: true,
  maySetKeywords: true,
  mayAddItems: true,
  mayRemoveItems: true,
};
export const OWN: [id: Id, parent: Id | null, name: string][] = [
  ['p1', null, '프로젝트'],
  ['p1a', 'p1', '메일 서버 이전'],
  ['p1b', 'p1', '2027 예산'],
  ['p2', null, '거래처'],
  ['p3', null, '뉴스레터'],
];
