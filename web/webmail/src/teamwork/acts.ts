/** Giving work and taking it: each act is there at once, says what it did, and has a way back. */
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import type { RecordAct, Records } from '@smartmail/jmap/records.ts';
import type { Email, Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { listing } from '../app/listing.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { type Assignment, team } from './team.svelte.ts';

export interface Candidate {
  id: Id;
  name: string;
  email: string;
  department: string;
  title: string;
}

const records = (): Records<Assignment> | undefined => connection.mail?.records<Assignment>('Assignment');

/** To whom the conversation may be given: who may read it. */
export async function candidates(emailId: Id): Promise<Candidate[]> {
  const call = connection.mail?.pipeline.send<{ list: Candidate[] }>('Assignment/candidates', { emailId });
  const found = (await call?.result)?.list ?? [];
  team.called(found);
  return found;
}

function failed(error: unknown): void {
  connection.failed(error);
  const unreadable = error instanceof MethodFailure && error.type === 'invalidProperties';
  notices.show(t(unreadable ? 'team.cannotRead' : 'error.takenBack'), { tone: 'bad' });
}

/** A list that is narrowed to who takes care is another one now. */
function looked(): void {
  if (place.filter === 'mine' || place.filter === 'unassigned' || place.filter === 'done') listing.refresh();
}

async function settle(done: Promise<unknown>, text: string, undo: () => Promise<unknown>): Promise<void> {
  const back = (): void => {
    undo().then(looked, failed);
    notices.show(t('notice.undone'));
  };
  const notice = notices.show(text, { undo: back });
  try {
    await done;
    looked();
  } catch (error) {
    notices.forget(notice);
    failed(error);
  }
}

/** Null: nobody takes care of it any more. */
export async function assign(email: Email, assigneeId: Id | null): Promise<void> {
  const every = records();
  if (!every) return;
  const before = every.get(email.threadId);
  if (assigneeId === null) {
    if (before) await settle(every.destroy(before.id).done, t('team.unassigned'), () => give(every, before));
    return;
  }
  const text = team.isSelf(assigneeId) ? t('team.taken') : t('team.given', { name: team.nameOf(assigneeId) });
  const wish = { emailId: email.id, assigneeId, state: 'open' as const };
  const undo = (): Promise<unknown> => (before ? give(every, before) : every.destroy(email.threadId).done);
  await settle(give(every, wish), text, undo);
}

const give = (
  every: Records<Assignment>,
  one: Pick<Assignment, 'emailId' | 'assigneeId' | 'state'>,
): Promise<Assignment> => every.create({ emailId: one.emailId, assigneeId: one.assigneeId, state: one.state });

export async function setState(one: Assignment, state: Assignment['state']): Promise<void> {
  const act: RecordAct<unknown> | undefined = records()?.update(one.id, { state });
  if (act) await settle(act.done, t(state === 'done' ? 'team.isDone' : 'team.isOpen'), () => act.undo().done);
}
