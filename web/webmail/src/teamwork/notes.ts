/** What colleagues say to each other about a message. It lies sealed beside the mail and never leaves with it. */
import type { GetResult } from '@smartmail/jmap/methods.ts';
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import type { SetResult } from '@smartmail/jmap/methods.ts';
import type { Account } from '@smartmail/jmap/account.ts';
import type { Id } from '@smartmail/jmap/types.ts';

export interface Note {
  id: Id;
  threadId: Id;
  emailId: Id;
  authorId: Id;
  authorName: string;
  createdAt: string;
  editedAt: string | null;
  text: string;
}

/** Characters of a note (service.sharing.work): what needs more is a message. */
export const MOST_CHARACTERS = 20_000;
const MOST_SHOWN = 200;

/** Those on a conversation, the oldest first. */
export async function notesOn(account: Account, threadId: Id): Promise<Note[]> {
  const { pipeline } = account;
  const got = pipeline.group(() => {
    const found = pipeline.send('Note/query', { filter: { threadIds: [threadId] }, limit: MOST_SHOWN });
    return pipeline.send<GetResult<Note>>('Note/get', { '#ids': found.ref('/ids') });
  });
  return (await got.result).list.toSorted((one, other) => one.createdAt.localeCompare(other.createdAt));
}

export async function writeNote(account: Account, emailId: Id, text: string): Promise<void> {
  const result = await account.pipeline.send<SetResult>('Note/set', { create: { new: { emailId, text } } }).result;
  raise(result.notCreated);
}

export async function changeNote(account: Account, id: Id, text: string): Promise<void> {
  raise((await account.pipeline.send<SetResult>('Note/set', { update: { [id]: { text } } }).result).notUpdated);
}

export async function removeNote(account: Account, id: Id): Promise<void> {
  raise((await account.pipeline.send<SetResult>('Note/set', { destroy: [id] }).result).notDestroyed);
}

function raise(refused: SetResult['notCreated']): void {
  const error = Object.values(refused ?? {})[0];
  if (error) throw new MethodFailure(error.type, error.description ?? '');
}
