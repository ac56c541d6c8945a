/** Mailboxes made, renamed, moved and removed; whom they are shared with. What the server refuses is thrown as MethodFailure. */
import type { Account } from './account.ts';
import { MethodFailure } from './errors.ts';
import type { PatchObject, SetError, SetResult } from './methods.ts';
import { patched } from './patch.ts';
import type { Id, Mailbox } from './types.ts';

/** RFC 8621 §2 and draft-ietf-jmap-mail-sharing: what a person may do with a mailbox. */
export type ShareRights = Record<string, boolean>;
export type ShareRole = 'view' | 'file' | 'delete' | 'manage';

/** Words for sets of rights, the same as the server's. */
export const SHARE_ROLES: Record<ShareRole, readonly string[]> = {
  view: ['mayReadItems', 'maySetSeen'],
  file: ['mayReadItems', 'maySetSeen', 'maySetKeywords', 'mayAddItems'],
  delete: ['mayReadItems', 'maySetSeen', 'maySetKeywords', 'mayAddItems', 'mayRemoveItems'],
  manage: [
    'mayReadItems',
    'maySetSeen',
    'maySetKeywords',
    'mayAddItems',
    'mayRemoveItems',
    'mayCreateChild',
    'mayRename',
    'mayDelete',
    'mayShare',
  ],
};

export function rightsOf(role: ShareRole): ShareRights {
  return Object.fromEntries(SHARE_ROLES[role].map((name) => [name, true]));
}

/** Null for a set that has no word. */
export function roleOf(rights: ShareRights): ShareRole | null {
  const held = Object.keys(rights).filter((name) => rights[name] === true && name !== 'maySubmit');
  const found = Object.entries(SHARE_ROLES).find(
    ([, names]) => names.length === held.length && names.every((name) => held.includes(name)),
  );
  return (found?.[0] as ShareRole | undefined) ?? null;
}

/** Who shares: a person, a group, a department … (RFC 9670). */
export interface Principal {
  id: Id;
  type: 'individual' | 'group' | 'resource' | 'location' | 'other';
  name: string;
  email: string | null;
  department?: string | null;
  title?: string | null;
  /** Where a photograph lies. */
  photo?: string | null;
}

export async function makeMailbox(account: Account, wish: { name: string; parentId: Id | null }): Promise<Id> {
  const result = await set(account, { create: { new: { ...wish, isSubscribed: true } } });
  const made = result.created?.new;
  if (!made) throw refusal(result.notCreated?.new);
  const { id, ...more } = made;
  account.mailboxes.put([
    { role: null, sortOrder: 0, totalEmails: 0, unreadEmails: 0, ...wish, ...more, id } as Mailbox,
  ]);
  return id;
}

/** On the screen at once, taken back when refused. */
export async function changeMailbox(account: Account, id: Id, patch: PatchObject): Promise<void> {
  const overlay = account.mailboxes.overlay(new Map([[id, (mailbox: Mailbox) => patched(mailbox, patch)]]));
  try {
    const result = await set(account, { update: { [id]: patch } });
    const refused = result.notUpdated?.[id];
    if (refused) throw refusal(refused);
    overlay.keep();
  } catch (error) {
    overlay.drop();
    throw error;
  }
}

/** The places of some among their siblings, in one step. */
export async function orderMailboxes(account: Account, places: ReadonlyMap<Id, PatchObject>): Promise<void> {
  const overlay = account.mailboxes.overlay(
    new Map([...places].map(([id, patch]) => [id, (mailbox: Mailbox) => patched(mailbox, patch)])),
  );
  try {
    const result = await set(account, { update: Object.fromEntries(places) });
    const refused = Object.values(result.notUpdated ?? {})[0];
    if (refused) throw refusal(refused);
    overlay.keep();
  } catch (error) {
    overlay.drop();
    throw error;
  }
}

/** With `withMail` its messages go too (to the vault, as all deleted mail does). */
export async function removeMailbox(account: Account, id: Id, withMail: boolean): Promise<void> {
  const result = await set(account, { destroy: [id], onDestroyRemoveEmails: withMail });
  const refused = result.notDestroyed?.[id];
  if (refused) throw refusal(refused);
  account.mailboxes.remove([id]);
}

/** Null: the person may not know. */
export async function sharesOf(account: Account, ids: readonly Id[]): Promise<Map<Id, Record<Id, ShareRights>>> {
  const args = { ids, properties: ['id', 'shareWith'] };
  const answer = account.pipeline.send<{ list: { id: Id; shareWith: Record<Id, ShareRights> | null }[] }>(
    'Mailbox/get',
    args,
  );
  return new Map((await answer.result).list.map((one) => [one.id, one.shareWith ?? {}]));
}

/** When what is shared of a mailbox ends by itself, of those shares that do. */
export async function shareEndsOf(account: Account, id: Id): Promise<Record<Id, string>> {
  const args = { ids: [id], properties: ['id', 'shareEnds'] };
  const answer = account.pipeline.send<{ list: { shareEnds: Record<Id, string> | null }[] }>('Mailbox/get', args);
  return (await answer.result).list[0]?.shareEnds ?? {};
}

/** `ends`: when it ends by itself, null for never; without it what was said before stays. */
export async function share(
  account: Account,
  changes: ReadonlyMap<Id, Record<Id, ShareRights | null>>,
  ends?: string | null,
): Promise<void> {
  const patch = ([principal, rights]: [Id, ShareRights | null]): [string, unknown][] => [
    [`shareWith/${principal}`, rights],
    ...(ends === undefined ? [] : [[`shareEnds/${principal}`, ends] as [string, unknown]]),
  ];
  const update = Object.fromEntries(
    [...changes].map(([id, given]) => [id, Object.fromEntries(Object.entries(given).flatMap(patch))]),
  );
  const result = await set(account, { update });
  const refused = Object.values(result.notUpdated ?? {})[0];
  if (refused) throw refusal(refused);
}

export async function principals(account: Account, text: string, most = 8): Promise<Principal[]> {
  const { pipeline } = account;
  const got = pipeline.group(() => {
    const found = pipeline.send('Principal/query', { filter: { text }, limit: most });
    return pipeline.send<{ list: Principal[] }>('Principal/get', { '#ids': found.ref('/ids') });
  });
  return (await got.result).list;
}

export async function principalsById(account: Account, ids: readonly Id[]): Promise<Principal[]> {
  if (ids.length === 0) return [];
  return (await account.pipeline.send<{ list: Principal[] }>('Principal/get', { ids }).result).list;
}

function set(account: Account, args: object): Promise<SetResult> {
  return account.pipeline.send<SetResult>('Mailbox/set', args).result;
}

function refusal(error: SetError | undefined): MethodFailure {
  return new MethodFailure(error?.type ?? 'serverFail', error?.description ?? '');
}
