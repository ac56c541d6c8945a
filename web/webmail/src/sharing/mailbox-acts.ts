/** What a person does with mailboxes themselves: each act with its notice, most with a way back. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import { changeMailbox, makeMailbox, orderMailboxes, removeMailbox } from '@smartmail/jmap/mailbox-acts.ts';
import type { PatchObject } from '@smartmail/jmap/methods.ts';
import type { Id, Mailbox } from '@smartmail/jmap/types.ts';
import { confirm } from '../app/confirm.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { failureKey } from '../app/failure-text.ts';
import { t } from '../app/language.svelte.ts';
import { type Branch, flatten, nameOf, ownTree } from '../app/mailboxes.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import { colourOf } from './mailbox-marks.ts';

const CAUSES: Record<string, MessageKey> = {
  alreadyExists: 'folder.exists',
  invalidProperties: 'folder.badName',
  forbidden: 'folder.forbidden',
};

/** Any failure of an act comes through here. */
function failed(error: unknown): void {
  connection.failed(error);
  const key = error instanceof MethodFailure ? (CAUSES[error.type] ?? 'error.refused') : failureKey(error);
  notices.show(t(key), { tone: 'bad' });
}

function paint(id: Id, colour: string | null): void {
  const others = Object.entries(settings.of('mailboxColours') ?? {}).filter(([other]) => other !== id);
  settings.choose({ mailboxColours: Object.fromEntries(colour ? [...others, [id, colour]] : others) });
}

export async function makeFolder(wish: { name: string; parentId: Id | null; colour: string | null }): Promise<void> {
  const { account } = connection;
  if (!account) return;
  try {
    const id = await makeMailbox(account, { name: wish.name, parentId: wish.parentId });
    if (wish.colour) paint(id, wish.colour);
    notices.show(t('folder.made', { name: wish.name }));
  } catch (error) {
    failed(error);
  }
}

export async function changeFolder(
  mailbox: Mailbox,
  wish: { name: string; parentId: Id | null; colour: string | null },
): Promise<void> {
  if ((colourOf(mailbox.id) ?? null) !== wish.colour) paint(mailbox.id, wish.colour);
  const patch: PatchObject = {};
  if (wish.name !== mailbox.name) patch.name = wish.name;
  if (wish.parentId !== mailbox.parentId) patch.parentId = wish.parentId;
  if (Object.keys(patch).length === 0) return;
  await change(mailbox, patch, { name: mailbox.name, parentId: mailbox.parentId });
}

async function change(mailbox: Mailbox, patch: PatchObject, before: PatchObject): Promise<void> {
  const { account } = connection;
  if (!account) return;
  try {
    await changeMailbox(account, mailbox.id, patch);
    const name = typeof patch.name === 'string' ? patch.name : nameOf(mailbox);
    notices.show(t('folder.changed', { name }), {
      undo: () => void changeMailbox(account, mailbox.id, before).catch(failed),
    });
  } catch (error) {
    failed(error);
  }
}

/** Into another one; null: to the top. Never into itself or what lies in it. */
export async function moveFolder(id: Id, parentId: Id | null): Promise<void> {
  const mailbox = connection.account?.mailboxes.get(id);
  if (!mailbox || mailbox.parentId === parentId || familyOf(id).has(parentId ?? '')) return;
  await change(mailbox, { parentId }, { parentId: mailbox.parentId });
}

/** The mailbox and everything in it. */
export function familyOf(id: Id): Set<Id> {
  const branch = flatten(ownTree()).find((each) => each.mailbox.id === id);
  return new Set(branch ? flatten([branch]).map((each) => each.mailbox.id) : [id]);
}

export function siblingsOf(id: Id): Branch[] {
  const every = flatten(ownTree());
  const holder = every.find((each) => each.children.some((child) => child.mailbox.id === id));
  return holder ? holder.children : ownTree();
}

/** One place up or down among its siblings: the keyboard's way of dragging. */
export async function stepFolder(id: Id, step: -1 | 1): Promise<void> {
  const ids = siblingsOf(id).map((each) => each.mailbox.id);
  const from = ids.indexOf(id);
  const to = from + step;
  if (from < 0 || to < 0 || to >= ids.length) return;
  ids.splice(from, 1);
  ids.splice(to, 0, id);
  await arrange(ids);
}

/** Before or behind a sibling of another place: dragged between two rows. */
export async function placeFolder(id: Id, beside: Mailbox, after: boolean): Promise<void> {
  if (id === beside.id || familyOf(id).has(beside.id)) return;
  const ids = siblingsOf(beside.id)
    .map((each) => each.mailbox.id)
    .filter((each) => each !== id);
  ids.splice(ids.indexOf(beside.id) + (after ? 1 : 0), 0, id);
  await arrange(ids, { id, parentId: beside.parentId });
}

async function arrange(ids: Id[], moved?: { id: Id; parentId: Id | null }): Promise<void> {
  const { account } = connection;
  if (!account) return;
  const patches = new Map<Id, PatchObject>(ids.map((id, index) => [id, { sortOrder: index + 1 }]));
  if (moved && account.mailboxes.get(moved.id)?.parentId !== moved.parentId)
    patches.set(moved.id, { ...patches.get(moved.id), parentId: moved.parentId });
  try {
    await orderMailboxes(account, patches);
  } catch (error) {
    failed(error);
  }
}

export async function removeFolder(mailbox: Mailbox): Promise<void> {
  const { account } = connection;
  const name = nameOf(mailbox);
  const count = mailbox.totalEmails;
  const text = count > 0 ? t('folder.removeWithMail', { count }) : t('folder.removeEmpty');
  if (!account || !(await confirm({ title: t('folder.removeTitle', { name }), text, verb: t('action.delete') })))
    return;
  try {
    // What lies in it goes first, the innermost before all: a mailbox with children is not removed.
    const branch = flatten(ownTree()).find((each) => each.mailbox.id === mailbox.id);
    for (const each of flatten(branch ? [branch] : []).reverse()) await removeMailbox(account, each.mailbox.id, true);
    if (place.mailboxId === mailbox.id) place.go({});
    notices.show(t('folder.removed', { name }));
  } catch (error) {
    failed(error);
  }
}
