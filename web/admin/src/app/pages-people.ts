/** Pages of what is going on, of the organisation and of its policy. */
import Activity from '@lucide/svelte/icons/activity';
import BadgeCheck from '@lucide/svelte/icons/badge-check';
import Building2 from '@lucide/svelte/icons/building-2';
import Bell from '@lucide/svelte/icons/bell';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import FileUp from '@lucide/svelte/icons/file-up';
import GitCompare from '@lucide/svelte/icons/git-compare';
import Globe from '@lucide/svelte/icons/globe';
import GlobeLock from '@lucide/svelte/icons/globe-lock';
import Handshake from '@lucide/svelte/icons/handshake';
import History from '@lucide/svelte/icons/history';
import Hourglass from '@lucide/svelte/icons/hourglass';
import FileCheck from '@lucide/svelte/icons/file-check';
import Layers from '@lucide/svelte/icons/layers';
import List from '@lucide/svelte/icons/list';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Megaphone from '@lucide/svelte/icons/megaphone';
import Network from '@lucide/svelte/icons/network';
import Palette from '@lucide/svelte/icons/palette';
import Plane from '@lucide/svelte/icons/plane';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Siren from '@lucide/svelte/icons/siren';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Tags from '@lucide/svelte/icons/tags';
import UserCog from '@lucide/svelte/icons/user-cog';
import UserMinus from '@lucide/svelte/icons/user-minus';
import Users from '@lucide/svelte/icons/users';
import UsersRound from '@lucide/svelte/icons/users-round';
import { list, page, screen, type PageOf } from './page.ts';

const from = {
  organization: () => import('../resources/organization.ts'),
  policy: () => import('../resources/policy.ts'),
  system: () => import('../resources/system.ts'),
  records: () => import('../resources/records.ts'),
  operations: () => import('../resources/operations.ts'),
  transport: () => import('../resources/transport.ts'),
};

export const PEOPLE: readonly PageOf[] = [
  page(
    'overview',
    Activity,
    '',
    screen(() => import('../screens/Overview.svelte')),
  ),
  page(
    'proposals',
    Handshake,
    'organization.read',
    list(async () => (await from.organization()).proposals),
  ),
  page(
    'jobs',
    ListChecks,
    'organization.read',
    list(async () => (await from.system()).jobs),
  ),
  page(
    'alarms',
    Bell,
    'node.read',
    list(async () => (await from.operations()).alarms),
  ),
  page(
    'people',
    Users,
    'account.read',
    screen(() => import('../screens/People.svelte')),
  ),
  page(
    'imports',
    FileUp,
    'import.run',
    screen(() => import('../screens/imports/Imports.svelte')),
  ),
  page(
    'planned',
    CalendarClock,
    'account.read',
    list(async () => (await from.records()).planned),
  ),
  page(
    'leavers',
    UserMinus,
    'account.read',
    screen(() => import('../screens/operations/Leaving.svelte')),
  ),
  page(
    'temporary',
    Hourglass,
    'account.read',
    list(async () => (await from.operations()).temporary),
  ),
  page(
    'groups',
    UsersRound,
    'group.read',
    list(async () => (await from.organization()).groups),
  ),
  page(
    'departments',
    Network,
    'organization.read',
    list(async () => (await from.organization()).departments),
  ),
  page(
    'titles',
    Tags,
    'organization.read',
    list(async () => (await from.transport()).titles),
  ),
  page(
    'domains',
    Globe,
    'domain.read',
    list(async () => (await from.organization()).domains),
  ),
  page(
    'claims',
    BadgeCheck,
    'domain.read',
    list(async () => (await from.organization()).claims),
  ),
  page(
    'bulletins',
    Megaphone,
    'bulletin.read',
    list(async () => (await import('../resources/bulletins.ts')).bulletins),
  ),
  page(
    'appearance',
    Palette,
    'organization.read',
    screen(() => import('../screens/Appearance.svelte')),
  ),
  page(
    'roles',
    ShieldCheck,
    'role.read',
    list(async () => (await from.organization()).roles),
  ),
  page(
    'appointments',
    UserCog,
    'role.read',
    list(async () => (await from.organization()).appointments),
  ),
  page(
    'companies',
    Building2,
    'company.change',
    list(async () => (await import('../resources/companies.ts')).companies),
  ),
  page(
    'policy',
    SlidersHorizontal,
    'policy.read',
    screen(() => import('../screens/Policy.svelte')),
  ),
  page(
    'rules',
    List,
    'policy.read',
    list(async () => (await from.policy()).rules),
  ),
  page(
    'changes',
    GitCompare,
    'policy.read',
    list(async () => (await from.policy()).changes),
  ),
  page(
    'history',
    History,
    'policy.read',
    list(async () => (await from.policy()).history),
  ),
  page(
    'presets',
    Layers,
    'policy.read',
    list(async () => (await from.policy()).presets),
  ),
  page(
    'agreements',
    FileCheck,
    'policy.read',
    screen(() => import('../screens/trust/Agreements.svelte')),
  ),
  page(
    'access',
    GlobeLock,
    'access.read',
    list(async () => (await from.policy()).access),
  ),
  page(
    'passes',
    Plane,
    'pass.decide',
    list(async () => (await from.policy()).passes),
  ),
  page(
    'glass',
    Siren,
    'access.read',
    list(async () => (await import('../resources/glass.ts')).glass),
  ),
];
