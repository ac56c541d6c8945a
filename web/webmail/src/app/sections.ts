/**
 * The places of the webmail beyond mail: `#/settings/look`, `#/contacts` … An area adds one line; the rail, the command
 * palette and the address follow from it. Where its screen is fetched from stands in `screens/section-screens.ts`.
 */
import AlarmClock from '@lucide/svelte/icons/alarm-clock';
import Files from '@lucide/svelte/icons/files';
import HardDriveUpload from '@lucide/svelte/icons/hard-drive-upload';
import Stamp from '@lucide/svelte/icons/stamp';
import ShieldX from '@lucide/svelte/icons/shield-x';
import Contact from '@lucide/svelte/icons/contact';
import Network from '@lucide/svelte/icons/network';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import Megaphone from '@lucide/svelte/icons/megaphone';
import MailCheck from '@lucide/svelte/icons/mail-check';
import SettingsIcon from '@lucide/svelte/icons/settings';
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Component } from 'svelte';
import { approvalCounts } from './approvals.svelte.ts';
import { hasContacts, hasDirectory } from './address-books.ts';

export type SectionId =
  | 'contacts'
  | 'organization'
  | 'bulletins'
  | 'attachments'
  | 'big-files'
  | 'quarantine'
  | 'approvals'
  | 'snoozed'
  | 'scheduled'
  | 'receipts'
  | 'settings';

export interface Section {
  /** First part of the address. */
  id: SectionId;
  label: MessageKey;
  icon: Component;
  /** Shown in the rail; what is false is reached by menus and the palette. */
  rail: boolean;
  /** Role of the mailbox that it stands under in the rail; at the foot of it without. */
  under?: string;
  /** It is a tab of that mailbox, and has no line of its own while that is there. */
  tab?: boolean;
  /** Folded away with others behind ⋯. */
  seldom?: boolean;
  /** What waits there; without, the mail of the mailbox that has its name. */
  count?(): number;
  /** False hides it, where policy or the server says so. */
  offered?(): boolean;
}

export const SECTIONS: readonly Section[] = [
  {
    id: 'contacts',
    label: 'contacts.title',
    icon: Contact,
    rail: true,
    offered: hasContacts,
  },
  {
    id: 'organization',
    label: 'directory.title',
    icon: Network,
    rail: true,
    offered: hasDirectory,
  },
  {
    id: 'bulletins',
    label: 'bulletin.title',
    icon: Megaphone,
    rail: true,
    seldom: true,
  },
  {
    id: 'attachments',
    label: 'drawer.title',
    icon: Files,
    rail: true,
    seldom: true,
  },
  {
    id: 'big-files',
    label: 'big.title',
    icon: HardDriveUpload,
    rail: true,
    seldom: true,
  },
  {
    id: 'quarantine',
    label: 'quarantine.title',
    icon: ShieldX,
    rail: true,
    under: 'junk',
    tab: true,
  },
  {
    id: 'snoozed',
    label: 'snooze.list',
    icon: AlarmClock,
    rail: true,
    under: 'inbox',
  },
  {
    id: 'approvals',
    label: 'approval.inbox',
    icon: Stamp,
    // Only for whom it concerns; a link in a notice leads there in any case.
    get rail(): boolean {
      return approvalCounts.concerns;
    },
    under: 'inbox',
    count: () => approvalCounts.toDecide,
  },
  {
    id: 'scheduled',
    label: 'scheduled.title',
    icon: CalendarClock,
    rail: true,
    under: 'drafts',
  },
  {
    id: 'receipts',
    label: 'receipt.title',
    icon: MailCheck,
    rail: true,
    under: 'sent',
  },
  {
    id: 'settings',
    label: 'settings.title',
    icon: SettingsIcon,
    rail: false,
  },
];

export function offeredSections(): Section[] {
  return SECTIONS.filter((section) => section.offered?.() ?? true);
}
