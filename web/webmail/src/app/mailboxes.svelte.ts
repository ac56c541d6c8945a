/** The order and the names of mailboxes on the screen. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Mailbox } from '@smartmail/jmap/types.ts';
import { t } from './language.svelte.ts';
import { allMailboxes } from './records.svelte.ts';

const ROLES = ['inbox', 'sent', 'drafts', 'archive', 'junk', 'trash'] as const;

export interface Branch {
  mailbox: Mailbox;
  depth: number;
  children: Branch[];
}

export function nameOf(mailbox: Mailbox): string {
  const role = ROLES.find((each) => each === mailbox.role);
  return role ? t(`mailbox.${role}` satisfies MessageKey) : mailbox.name;
}

export function standardMailboxes(): Mailbox[] {
  const all = allMailboxes();
  return ROLES.flatMap((role) => all.filter((mailbox) => mailbox.role === role));
}

/** Own mailboxes as a tree; one whose parent is not ours to see stands at the top. */
export function ownTree(): Branch[] {
  const own = allMailboxes().filter((mailbox) => !ROLES.some((role) => role === mailbox.role));
  const ids = new Set(own.map((mailbox) => mailbox.id));
  const grow = (parent: string | null, depth: number): Branch[] =>
    own
      .filter(
        (mailbox) => (mailbox.parentId !== null && ids.has(mailbox.parentId) ? mailbox.parentId : null) === parent,
      )
      .sort((one, other) => one.sortOrder - other.sortOrder || one.name.localeCompare(other.name, 'ko'))
      .map((mailbox) => ({ mailbox, depth, children: grow(mailbox.id, depth + 1) }));
  return grow(null, 0);
}

export function flatten(branches: Branch[]): Branch[] {
  return branches.flatMap((branch) => [branch, ...flatten(branch.children)]);
}
