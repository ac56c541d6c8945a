/** The mailboxes of the demo, the person's own and those that a team shares. */
import type { PatchObject, SetError } from '../methods.ts';
import { patched } from '../patch.ts';
import type { Id } from '../types.ts';

export const QUOTA = { id: 'q', name: '', resourceType: 'octets', used: 6_871_947_673, hardLimit: 10_737_418_240 };

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

export type Place = (typeof OWN)[number];

/** Mailbox/set of a person's own: made, renamed and put elsewhere. What was made, by its creation id, and what is not. */
export function setPlaces(
  places: Place[],
  args: Record<string, unknown>,
): { created: Record<string, { id: Id }>; updated: Record<Id, null>; notCreated: Record<string, SetError> } {
  const made = { created: {}, updated: {}, notCreated: {} } as ReturnType<typeof setPlaces>;
  const taken = (name: string, parentId: Id | null): boolean =>
    places.some(([, parent, other]) => parent === parentId && other === name);
  for (const [key, wish] of Object.entries(
    (args.create ?? {}) as Record<string, { name: string; parentId: Id | null }>,
  )) {
    if (taken(wish.name, wish.parentId)) made.notCreated[key] = { type: 'alreadyExists' };
    else {
      const id = `p-${places.length}`;
      places.push([id, wish.parentId, wish.name]);
      made.created[key] = { id };
    }
  }
  for (const [id, patch] of Object.entries((args.update ?? {}) as Record<Id, PatchObject>)) {
    const at = places.findIndex(([own]) => own === id);
    const [, parentId = null, name = ''] = places[at] ?? [];
    const now = patched({ name, parentId }, patch);
    if (at >= 0) places[at] = [id, now.parentId, now.name];
    made.updated[id] = null;
  }
  return made;
}
