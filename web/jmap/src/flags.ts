/** Where messages lie and what they are marked with, of many that no screen has loaded: what an undo must lead back to. */
import type { Account } from './account.ts';
import type { GetResult } from './methods.ts';
import type { EmailRow, Id } from './types.ts';

export type Flags = Pick<EmailRow, 'keywords' | 'mailboxIds'>;

export async function flagsOf(account: Account, ids: readonly Id[]): Promise<Map<Id, Flags>> {
  const found = new Map<Id, Flags>();
  const most = account.pipeline.limits.maxObjectsInGet;
  for (let at = 0; at < ids.length; at += most) {
    const wish = { ids: ids.slice(at, at + most), properties: ['id', 'keywords', 'mailboxIds'] };
    const { list } = await account.pipeline.send<GetResult<Flags & { id: Id }>>('Email/get', wish).result;
    for (const { id, keywords, mailboxIds } of list) found.set(id, { keywords, mailboxIds });
  }
  return found;
}
