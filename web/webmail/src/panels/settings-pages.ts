/** The pages of the settings: `#/settings/look` … An area adds one line; each page is fetched when it is opened. */
import Ban from '@lucide/svelte/icons/ban';
import ArrowDownUp from '@lucide/svelte/icons/arrow-down-up';
import CloudDownload from '@lucide/svelte/icons/cloud-download';
import Eye from '@lucide/svelte/icons/eye';
import Forward from '@lucide/svelte/icons/forward';
import Funnel from '@lucide/svelte/icons/funnel';
import History from '@lucide/svelte/icons/history';
import KeyRound from '@lucide/svelte/icons/key-round';
import Monitor from '@lucide/svelte/icons/monitor';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import PenLine from '@lucide/svelte/icons/pen-line';
import Smartphone from '@lucide/svelte/icons/smartphone';
import TreePalm from '@lucide/svelte/icons/tree-palm';
import User from '@lucide/svelte/icons/user';
import UserCheck from '@lucide/svelte/icons/user-check';
import Users from '@lucide/svelte/icons/users';
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Component } from 'svelte';

export interface SettingsPage {
  /** Second part of the address. */
  id: string;
  label: MessageKey;
  icon: Component;
  load(): Promise<{ default: Component }>;
  offered?(): boolean;
}

/** The demo has no doors that somebody could come through. */
const onServer = (): boolean => !__DEMO__;

export const SETTINGS_PAGES: readonly SettingsPage[] = [
  { id: 'look', label: 'settings.look', icon: Monitor, load: () => import('../settings/LookPage.svelte') },
  {
    id: 'rules',
    label: 'rules.title',
    icon: Funnel,
    load: () => import('../rules/RulesPage.svelte'),
    offered: onServer,
  },
  {
    id: 'vacation',
    label: 'vacation.title',
    icon: TreePalm,
    load: () => import('../rules/VacationPage.svelte'),
    offered: onServer,
  },
  {
    id: 'forward',
    label: 'forward.title',
    icon: Forward,
    load: () => import('../rules/ForwardPage.svelte'),
    offered: onServer,
  },
  {
    id: 'senders',
    label: 'senders.title',
    icon: Ban,
    load: () => import('../rules/SendersPage.svelte'),
    offered: onServer,
  },
  { id: 'join', label: 'join.title', icon: Users, load: () => import('../sharing/JoinPage.svelte') },
  {
    id: 'delegates',
    label: 'delegates.title',
    icon: UserCheck,
    load: () => import('../sharing/DelegatesPage.svelte'),
    offered: onServer,
  },
  { id: 'account', label: 'account.title', icon: User, load: () => import('../settings/account/AccountPage.svelte') },
  {
    id: 'security',
    label: 'account.security',
    icon: ShieldCheck,
    load: () => import('../settings/account/SecurityPage.svelte'),
    offered: onServer,
  },
  {
    id: 'sessions',
    label: 'sessions.title',
    icon: History,
    load: () => import('../settings/account/SessionsPage.svelte'),
    offered: onServer,
  },
  {
    id: 'programs',
    label: 'programs.title',
    icon: KeyRound,
    load: () => import('../settings/account/ProgramsPage.svelte'),
    offered: onServer,
  },
  {
    id: 'looks',
    label: 'looks.title',
    icon: Eye,
    load: () => import('../settings/account/LooksPage.svelte'),
    offered: onServer,
  },
  {
    id: 'pulls',
    label: 'pulls.title',
    icon: CloudDownload,
    load: () => import('../pulls/PullsPage.svelte'),
    offered: onServer,
  },
  {
    id: 'parcels',
    label: 'parcels.title',
    icon: ArrowDownUp,
    load: () => import('../parcels/ParcelsPage.svelte'),
    offered: onServer,
  },
  { id: 'writing', label: 'writing.title', icon: PenLine, load: () => import('../writing/WritingPage.svelte') },
  { id: 'device', label: 'device.title', icon: Smartphone, load: () => import('../settings/DevicePage.svelte') },
];

export function offeredPages(): SettingsPage[] {
  return SETTINGS_PAGES.filter((page) => page.offered?.() ?? true);
}
