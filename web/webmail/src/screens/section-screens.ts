/** The screen of each place beyond mail, fetched when somebody goes there. */
import type { Component } from 'svelte';
import type { SectionId } from '../app/sections.ts';

export const SECTION_SCREENS: Record<SectionId, () => Promise<{ default: Component }>> = {
  contacts: () => import('../contacts/ContactsScreen.svelte'),
  organization: () => import('../organization/OrganizationScreen.svelte'),
  bulletins: () => import('../bulletins/BulletinsScreen.svelte'),
  attachments: () => import('../drawer/DrawerScreen.svelte'),
  'big-files': () => import('../bigfiles/BigFilesScreen.svelte'),
  approvals: () => import('../approvals/ApprovalsScreen.svelte'),
  quarantine: () => import('../reading/QuarantineScreen.svelte'),
  snoozed: () => import('../reminders/RemindersScreen.svelte'),
  scheduled: () => import('../writing/ScheduledScreen.svelte'),
  receipts: () => import('../writing/ReceiptsScreen.svelte'),
  settings: () => import('./SettingsScreen.svelte'),
};
