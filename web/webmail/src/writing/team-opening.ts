/** A draft of a team opens where a colleague left it. */
import type { Account } from '@smartmail/jmap/account.ts';
import type { GetResult } from '@smartmail/jmap/methods.ts';
import type { Email, Id } from '@smartmail/jmap/types.ts';
import { copiedFiles } from '../app/copied-files.ts';
import { storedStart } from './answering.ts';
import { composing } from './composing.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { TeamDraft } from './team-draft.svelte.ts';

export async function continueTeamDraft(accountId: Id, id: Id): Promise<void> {
  const open = composing.drafts.find(({ team }) => team?.accountId === accountId && team.id === id);
  if (open) return void (open.size = 'docked');
  const theirs = connection.other(accountId);
  // As whom the person may write is not known in the first moment of a page.
  if (connection.identities.length === 0) connection.identities = (await connection.account?.identities()) ?? [];
  const start = theirs && (await storedStart(theirs, id));
  const email = theirs?.emails.get(id);
  if (!theirs || !start || !email) return;
  const [attachments, answers] = await Promise.all([
    copiedFiles(accountId, start.attachments ?? []),
    answeredBy(theirs, email).catch(() => null),
  ]);
  // Files that go as links are their writer's: nobody else can give them.
  const draft = composing.open({ ...start, attachments, answers, links: null });
  const messageId = email.messageId?.[0];
  draft.team = new TeamDraft(draft, {
    accountId,
    id,
    from: email.from?.[0] ?? null,
    ...(messageId === undefined ? {} : { messageId }),
  });
}

/** A letter that a page has left behind belongs to the team's drafts again. */
export function belongsAgain(draft: Draft, mark: ConstructorParameters<typeof TeamDraft>[1]): void {
  if (connection.other(mark.accountId)) draft.team = new TeamDraft(draft, mark);
}

/** The message of the conversation that the draft answers: it is marked when the answer has gone. */
async function answeredBy(theirs: Account, email: Email): Promise<Draft['answers']> {
  const wanted = email.inReplyTo?.[0];
  if (wanted === undefined) return null;
  const get = theirs.pipeline.group(() => {
    const thread = theirs.pipeline.call('Thread/get', { ids: [email.threadId] });
    const asked = { '#ids': thread.ref('/list/*/emailIds'), properties: ['id', 'messageId'] };
    return theirs.pipeline.send<GetResult<{ id: Id; messageId: string[] | null }>>('Email/get', asked);
  });
  const found = (await get.result).list.find(({ messageId }) => messageId?.includes(wanted));
  return found ? { id: found.id, keyword: '$answered', accountId: theirs.id } : null;
}
