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
import Settings2 from '@lucide/svelte/icons/settings-2';
import Users from '@lucide/svelte/icons/users';
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Component } from 'svelte';

/** What a page is about; in the order of the screen. A page of none stands below them. */
export const GROUPS = ['screen', 'mail', 'security', 'connection'] as const;
export type SettingsGroup = (typeof GROUPS)[number];

export interface SettingsPage {
  /** Second part of the address. */
  id: string;
  group: SettingsGroup | null;
  label: MessageKey;
  icon: Component;
  load(): Promise<{ default: Component }>;
  offered?(): boolean;
  /** The settings on it, as they are called there; a search finds them, and what stands under them. */
  holds: readonly MessageKey[];
}

/** The demo has no doors that somebody could come through. */
const onServer = (): boolean => !__DEMO__;

export const SETTINGS_PAGES: readonly SettingsPage[] = [
  {
    id: 'look',
    group: 'screen',
    label: 'settings.look',
    icon: Monitor,
    load: () => import('../settings/LookPage.svelte'),
    holds: [
      'settings.theme',
      'settings.language',
      'settings.paper',
      'settings.density',
      'settings.pane',
      'settings.conversation',
      'settings.rowCountry',
      'swipe.right',
      'swipe.left',
      'pictures.trusted',
    ],
  },
  {
    id: 'device',
    group: 'screen',
    label: 'device.title',
    icon: Smartphone,
    load: () => import('../settings/DevicePage.svelte'),
    holds: ['push.title', 'push.mailboxes', 'push.quiet', 'push.quietDays', 'device.offline'],
  },
  {
    id: 'advanced',
    group: 'screen',
    label: 'settingPages.advanced',
    icon: Settings2,
    load: () => import('../settings/AdvancedPage.svelte'),
    holds: ['search.ways', 'search.by.initials', 'search.by.keyboard', 'search.by.hanja', 'search.by.variants'],
  },
  {
    id: 'writing',
    group: 'mail',
    label: 'writing.title',
    icon: PenLine,
    load: () => import('../writing/WritingPage.svelte'),
    holds: [
      'settings.writing',
      'writing.undo',
      'writing.confirm',
      'signature.title',
      'template.title',
      'writing.frequent',
    ],
  },
  {
    id: 'rules',
    group: 'mail',
    label: 'rules.title',
    icon: Funnel,
    load: () => import('../rules/RulesPage.svelte'),
    offered: onServer,
    holds: [],
  },
  {
    id: 'vacation',
    group: 'mail',
    label: 'vacation.title',
    icon: TreePalm,
    load: () => import('../rules/VacationPage.svelte'),
    offered: onServer,
    holds: ['vacation.on'],
  },
  {
    id: 'forward',
    group: 'mail',
    label: 'forward.title',
    icon: Forward,
    load: () => import('../rules/ForwardPage.svelte'),
    offered: onServer,
    holds: ['forward.on', 'forward.keep'],
  },
  {
    id: 'join',
    group: 'mail',
    label: 'join.title',
    icon: Users,
    load: () => import('../sharing/JoinPage.svelte'),
    holds: ['join.forYou', 'join.list'],
  },
  {
    id: 'delegates',
    group: 'mail',
    label: 'delegates.title',
    icon: UserCheck,
    load: () => import('../sharing/DelegatesPage.svelte'),
    offered: onServer,
    holds: ['delegates.list'],
  },
  {
    id: 'security',
    group: 'security',
    label: 'account.security',
    icon: ShieldCheck,
    load: () => import('../settings/account/SecurityPage.svelte'),
    offered: onServer,
    holds: ['account.password', 'account.factors', 'account.recovery', 'travel.title'],
  },
  {
    id: 'sessions',
    group: 'security',
    label: 'sessions.title',
    icon: History,
    load: () => import('../settings/account/SessionsPage.svelte'),
    offered: onServer,
    holds: ['sessions.now', 'attempts.title', 'devices.title'],
  },
  {
    id: 'looks',
    group: 'security',
    label: 'looks.title',
    icon: Eye,
    load: () => import('../settings/account/LooksPage.svelte'),
    offered: onServer,
    holds: [],
  },
  {
    id: 'senders',
    group: 'security',
    label: 'senders.title',
    icon: Ban,
    load: () => import('../rules/SendersPage.svelte'),
    offered: onServer,
    holds: [],
  },
  {
    id: 'programs',
    group: 'connection',
    label: 'programs.title',
    icon: KeyRound,
    load: () => import('../settings/account/ProgramsPage.svelte'),
    offered: onServer,
    holds: ['connect.title'],
  },
  {
    id: 'pulls',
    group: 'connection',
    label: 'pulls.title',
    icon: CloudDownload,
    load: () => import('../pulls/PullsPage.svelte'),
    offered: onServer,
    holds: ['pulls.list'],
  },
  {
    id: 'parcels',
    group: 'connection',
    label: 'parcels.title',
    icon: ArrowDownUp,
    load: () => import('../parcels/ParcelsPage.svelte'),
    offered: onServer,
    holds: ['parcels.out', 'parcels.in'],
  },
  {
    id: 'account',
    group: null,
    label: 'account.title',
    icon: User,
    load: () => import('../settings/account/AccountPage.svelte'),
    holds: ['account.photo', 'account.addresses', 'quota.label', 'account.messages', 'account.zone', 'account.hours'],
  },
];

export function offeredPages(): SettingsPage[] {
  return SETTINGS_PAGES.filter((page) => page.offered?.() ?? true);
}
