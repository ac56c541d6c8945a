/** The order and the names of mailboxes on the screen. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Mailbox } from '@smartmail/jmap/types.ts';
import { language, t } from './language.svelte.ts';
import { allMailboxes } from './records.svelte.ts';

/** In the order that people are used to; planned mail stands below the drafts (`sections.ts`). */
const ROLES = ['inbox', 'sent', 'drafts', 'memos', 'archive', 'junk', 'trash'] as const;
/** Planned mail and mail that comes back have screens of their own. */
const APART: readonly (string | null)[] = ['scheduled', 'snoozed'];

export interface Branch {
  mailbox: Mailbox;
  depth: number;
  children: Branch[];
}

export function nameOf(mailbox: Mailbox): string {
  const key = roleKey(mailbox);
  return key ? t(key) : mailbox.name;
}

/** The word for a standard mailbox; others have names of their own. */
export function roleKey(mailbox: Mailbox): MessageKey | null {
  const role = ROLES.find((each) => each === mailbox.role);
  return role ? (`mailbox.${role}` satisfies MessageKey) : null;
}

export function standardMailboxes(all = allMailboxes()): Mailbox[] {
  return ROLES.flatMap((role) => all.filter((mailbox) => mailbox.role === role));
}

/** Own mailboxes as a tree; one whose parent is not ours to see stands at the top. */
export function ownTree(all = allMailboxes()): Branch[] {
  const own = all.filter((mailbox) => !APART.includes(mailbox.role) && !ROLES.some((role) => role === mailbox.role));
  const ids = new Set(own.map((mailbox) => mailbox.id));
  const grow = (parent: string | null, depth: number): Branch[] =>
    own
      .filter(
        (mailbox) => (mailbox.parentId !== null && ids.has(mailbox.parentId) ? mailbox.parentId : null) === parent,
      )
      .sort((one, other) => one.sortOrder - other.sortOrder || one.name.localeCompare(other.name, language()))
      .map((mailbox) => ({ mailbox, depth, children: grow(mailbox.id, depth + 1) }));
  return grow(null, 0);
}

export function flatten(branches: Branch[]): Branch[] {
  return branches.flatMap((branch) => [branch, ...flatten(branch.children)]);
}
