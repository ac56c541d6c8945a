/**
 * The places of the webmail beyond mail: `#/settings/look`, `#/contacts` … Each is a screen of its own that is fetched
 * when somebody goes there. An area adds one line; the rail, the command palette and the address follow from it.
 */
import AlarmClock from '@lucide/svelte/icons/alarm-clock';
import Files from '@lucide/svelte/icons/files';
import HardDriveUpload from '@lucide/svelte/icons/hard-drive-upload';
import ShieldX from '@lucide/svelte/icons/shield-x';
import Contact from '@lucide/svelte/icons/contact';
import Network from '@lucide/svelte/icons/network';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import Megaphone from '@lucide/svelte/icons/megaphone';
import MailCheck from '@lucide/svelte/icons/mail-check';
import SettingsIcon from '@lucide/svelte/icons/settings';
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Component } from 'svelte';
import { hasContacts, hasDirectory } from './address-books.ts';

export interface Section {
  /** First part of the address. */
  id: string;
  label: MessageKey;
  icon: Component;
  load(): Promise<{ default: Component }>;
  /** Shown in the rail; what is false is reached by menus and the palette. */
  rail: boolean;
  /** Role of the mailbox that it stands under in the rail; at the foot of it without. */
  under?: string;
  /** It is about the mail of that mailbox, and no mailbox beside it: it stands further in. */
  inner?: boolean;
  /** At the foot it is folded away with others. */
  seldom?: boolean;
  /** False hides it, where policy or the server says so. */
  offered?(): boolean;
}

export const SECTIONS: readonly Section[] = [
  {
    id: 'contacts',
    label: 'contacts.title',
    icon: Contact,
    load: () => import('../contacts/ContactsScreen.svelte'),
    rail: true,
    offered: hasContacts,
  },
  {
    id: 'organization',
    label: 'directory.title',
    icon: Network,
    load: () => import('../organization/OrganizationScreen.svelte'),
    rail: true,
    offered: hasDirectory,
  },
  {
    id: 'bulletins',
    label: 'bulletin.title',
    icon: Megaphone,
    load: () => import('../bulletins/BulletinsScreen.svelte'),
    rail: true,
    seldom: true,
  },
  {
    id: 'attachments',
    label: 'drawer.title',
    icon: Files,
    load: () => import('../drawer/DrawerScreen.svelte'),
    rail: true,
    seldom: true,
  },
  {
    id: 'big-files',
    label: 'big.title',
    icon: HardDriveUpload,
    load: () => import('../bigfiles/BigFilesScreen.svelte'),
    rail: true,
    seldom: true,
  },
  {
    id: 'quarantine',
    label: 'quarantine.title',
    icon: ShieldX,
    load: () => import('../reading/QuarantineScreen.svelte'),
    rail: true,
    under: 'junk',
    inner: true,
  },
  {
    id: 'snoozed',
    label: 'snooze.list',
    icon: AlarmClock,
    load: () => import('../reminders/RemindersScreen.svelte'),
    rail: true,
    under: 'inbox',
    inner: true,
  },
  {
    id: 'scheduled',
    label: 'scheduled.title',
    icon: CalendarClock,
    load: () => import('../writing/ScheduledScreen.svelte'),
    rail: true,
    under: 'drafts',
  },
  {
    id: 'receipts',
    label: 'receipt.title',
    icon: MailCheck,
    load: () => import('../writing/ReceiptsScreen.svelte'),
    rail: true,
    under: 'sent',
    inner: true,
  },
  {
    id: 'settings',
    label: 'settings.title',
    icon: SettingsIcon,
    load: () => import('../screens/SettingsScreen.svelte'),
    rail: false,
  },
];

export function offeredSections(): Section[] {
  return SECTIONS.filter((section) => section.offered?.() ?? true);
}
