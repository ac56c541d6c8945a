/** Two keys one after the other, as hands know them from other mail programs: `g i` goes, `* a` chooses. */
import SquareCheck from '@lucide/svelte/icons/square-check';
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Email } from '@smartmail/jmap/types.ts';
import { listing } from '../app/listing.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { mailboxByRole } from '../app/records.svelte.ts';
import { offeredSections } from '../app/sections.ts';
import type { Action } from './action.ts';

function act(keys: string, label: MessageKey, enabled: () => boolean, run: () => void): Action {
  return { id: keys, label: () => label, icon: SquareCheck, keys: [keys], onlyKeys: true, enabled, run };
}

function mailbox(key: string, role: string): Action {
  const go = (): void => place.mailbox(mailboxByRole(role)?.id ?? null);
  return act(`g ${key}`, 'action.open', () => mailboxByRole(role) !== undefined, go);
}

function section(key: string, id: string): Action {
  const there = (): boolean => offeredSections().some((one) => one.id === id);
  return act(`g ${key}`, 'action.open', there, () => place.open(id));
}

const starred = { search: 'is:starred', accountId: null, tag: '', filter: 'all', emailId: null } as const;

/** Wherever one is. */
export const GOING: readonly Action[] = [
  mailbox('i', 'inbox'),
  mailbox('t', 'sent'),
  mailbox('d', 'drafts'),
  act(
    'g s',
    'action.open',
    () => true,
    () => place.go(starred),
  ),
  section('b', 'snoozed'),
  section('c', 'contacts'),
];

function choosing(key: string, fits: (email: Email) => boolean): Action {
  return act(
    `* ${key}`,
    'action.select',
    () => listing.total > 0,
    () => listing.checkLoaded(fits),
  );
}

export const CHOOSING: readonly Action[] = [
  choosing('a', () => true),
  choosing('r', (email) => email.keywords.$seen === true),
  choosing('u', (email) => email.keywords.$seen !== true),
  choosing('s', (email) => email.keywords.$flagged === true),
  choosing('t', (email) => email.keywords.$flagged !== true),
  act(
    '* n',
    'action.select',
    () => listing.checked.size > 0,
    () => listing.uncheck(),
  ),
];
