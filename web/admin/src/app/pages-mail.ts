/** Pages of mail flow, security, storage, the system and its records. */
import AtSign from '@lucide/svelte/icons/at-sign';
import BadgeInfo from '@lucide/svelte/icons/badge-info';
import Ban from '@lucide/svelte/icons/ban';
import BellRing from '@lucide/svelte/icons/bell-ring';
import BookCopy from '@lucide/svelte/icons/book-copy';
import BookLock from '@lucide/svelte/icons/book-lock';
import ChartColumn from '@lucide/svelte/icons/chart-column';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import CornerUpRight from '@lucide/svelte/icons/corner-up-right';
import Cpu from '@lucide/svelte/icons/cpu';
import Database from '@lucide/svelte/icons/database';
import DatabaseBackup from '@lucide/svelte/icons/database-backup';
import Eye from '@lucide/svelte/icons/eye';
import FileBadge from '@lucide/svelte/icons/file-badge';
import FileLock from '@lucide/svelte/icons/file-lock';
import FileX from '@lucide/svelte/icons/file-x';
import Filter from '@lucide/svelte/icons/filter';
import Fish from '@lucide/svelte/icons/fish';
import FlaskConical from '@lucide/svelte/icons/flask-conical';
import Gauge from '@lucide/svelte/icons/gauge';
import HardDrive from '@lucide/svelte/icons/hard-drive';
import History from '@lucide/svelte/icons/history';
import IdCard from '@lucide/svelte/icons/id-card';
import Key from '@lucide/svelte/icons/key';
import KeyRound from '@lucide/svelte/icons/key-round';
import ListChecks from '@lucide/svelte/icons/list-checks';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import Lock from '@lucide/svelte/icons/lock';
import LockKeyhole from '@lucide/svelte/icons/lock-keyhole';
import LockOpen from '@lucide/svelte/icons/lock-open';
import MailCheck from '@lucide/svelte/icons/mail-check';
import OctagonX from '@lucide/svelte/icons/octagon-x';
import PackageCheck from '@lucide/svelte/icons/package-check';
import Printer from '@lucide/svelte/icons/printer';
import Radar from '@lucide/svelte/icons/radar';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import Route from '@lucide/svelte/icons/route';
import ScanEye from '@lucide/svelte/icons/scan-eye';
import ScanSearch from '@lucide/svelte/icons/scan-search';
import SearchAlert from '@lucide/svelte/icons/search-alert';
import Send from '@lucide/svelte/icons/send';
import ShieldAlert from '@lucide/svelte/icons/shield-alert';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import ShieldOff from '@lucide/svelte/icons/shield-off';
import Tag from '@lucide/svelte/icons/tag';
import Undo2 from '@lucide/svelte/icons/undo-2';
import Waypoints from '@lucide/svelte/icons/waypoints';
import Webhook from '@lucide/svelte/icons/webhook';
import { list, page, screen, type PageOf } from './page.ts';

const from = {
  flow: () => import('../resources/flow.ts'),
  leaks: () => import('../resources/leaks.ts'),
  security: () => import('../resources/security.ts'),
  system: () => import('../resources/system.ts'),
  records: () => import('../resources/records.ts'),
  operations: () => import('../resources/operations.ts'),
  transport: () => import('../resources/transport.ts'),
};

export const MAIL: readonly PageOf[] = [
  page(
    'queue',
    ListOrdered,
    'queue.read',
    list(async () => (await from.flow()).queue),
  ),
  page(
    'queueRules',
    Gauge,
    'queue.read',
    screen(() => import('../screens/QueueRules.svelte')),
  ),
  page(
    'routeProbe',
    Radar,
    'queue.change',
    screen(() => import('../screens/flow/RouteProbe.svelte')),
  ),
  page(
    'trace',
    Route,
    'trace.read',
    screen(() => import('../screens/Trace.svelte')),
  ),
  page(
    'approvals',
    MailCheck,
    'queue.read',
    list(async () => (await from.flow()).approvals),
  ),
  page(
    'approvalLines',
    ListChecks,
    'policy.read',
    list(async () => (await import('../resources/approval-lines.ts')).approvalLines),
  ),
  page(
    'leakRules',
    ShieldCheck,
    'leak.read',
    list(async () => (await from.leaks()).leakRules),
  ),
  page(
    'leakDryRuns',
    FlaskConical,
    'leak.read',
    list(async () => (await import('../resources/leak-dry-runs.ts')).leakDryRuns),
  ),
  page(
    'leakIncidents',
    SearchAlert,
    'leak.read',
    list(async () => (await import('../resources/leak-incidents.ts')).leakIncidents),
  ),
  page(
    'leakExceptions',
    ShieldOff,
    'leak.read',
    list(async () => (await import('../resources/leak-exceptions.ts')).leakExceptions),
  ),
  page(
    'securityLabels',
    Tag,
    'policy.read',
    list(async () => (await import('../resources/security-labels.ts')).securityLabels),
  ),
  page(
    'leakHistory',
    History,
    'policy.read',
    list(async () => (await from.leaks()).leakHistory),
  ),
  page(
    'aliases',
    AtSign,
    'domain.read',
    list(async () => (await from.flow()).aliases),
  ),
  page(
    'lists',
    Send,
    'domain.read',
    list(async () => (await from.flow()).lists),
  ),
  page(
    'relays',
    Printer,
    'domain.read',
    list(async () => (await from.flow()).relays),
  ),
  page(
    'routes',
    Waypoints,
    'domain.read',
    list(async () => (await from.transport()).routes),
  ),
  page(
    'ways',
    CornerUpRight,
    'queue.read',
    list(async () => (await from.transport()).ways),
  ),
  page(
    'partners',
    LockKeyhole,
    'queue.read',
    list(async () => (await from.transport()).partners),
  ),
  page(
    'oldTls',
    LockOpen,
    'queue.read',
    list(async () => (await from.transport()).oldTls),
  ),
  page(
    'journals',
    BookCopy,
    'hold.read',
    list(async () => (await from.transport()).journals),
  ),
  page(
    'quarantine',
    ShieldAlert,
    'quarantine.read',
    screen(() => import('../screens/Quarantine.svelte')),
  ),
  page(
    'cases',
    Fish,
    'case.read',
    list(async () => (await from.security()).cases),
  ),
  page(
    'purges',
    Undo2,
    'case.read',
    list(async () => (await from.security()).purges),
  ),
  page(
    'senders',
    Filter,
    'spam.read',
    list(async () => (await from.security()).senders),
  ),
  page(
    'bans',
    Ban,
    'defence.read',
    list(async () => (await from.security()).bans),
  ),
  page(
    'allows',
    CircleCheck,
    'defence.read',
    list(async () => (await from.security()).allows),
  ),
  page(
    'stops',
    OctagonX,
    'defence.read',
    list(async () => (await from.security()).stops),
  ),
  page(
    'certificates',
    FileBadge,
    'certificate.read',
    list(async () => (await from.security()).certificates),
  ),
  page(
    'acme',
    RefreshCw,
    'certificate.read',
    list(async () => (await from.transport()).acme),
  ),
  page(
    'loginTrust',
    IdCard,
    'certificate.read',
    screen(() => import('../screens/trust/LoginTrust.svelte')),
  ),
  page(
    'mailTrust',
    BadgeInfo,
    'certificate.read',
    screen(() => import('../screens/trust/MailTrust.svelte')),
  ),
  page(
    'scanning',
    ScanSearch,
    'spam.read',
    screen(() => import('../screens/Scanning.svelte')),
  ),
  page(
    'volumes',
    HardDrive,
    'node.read',
    list(async () => (await from.operations()).volumes),
  ),
  page(
    'backups',
    DatabaseBackup,
    'backup.read',
    screen(() => import('../screens/operations/Backups.svelte')),
  ),
  page(
    'database',
    Database,
    'node.read',
    screen(() => import('../screens/operations/Database.svelte')),
  ),
  page(
    'processes',
    Cpu,
    'node.read',
    screen(() => import('../screens/operations/Processes.svelte')),
  ),
  page(
    'alarmRules',
    BellRing,
    'node.read',
    list(async () => (await from.operations()).alarmRules),
  ),
  page(
    'keys',
    Key,
    'role.read',
    list(async () => (await from.system()).keys),
  ),
  page(
    'encryption',
    KeyRound,
    'key.read',
    screen(() => import('../screens/keys/Encryption.svelte')),
  ),
  page(
    'updates',
    PackageCheck,
    'node.read',
    screen(() => import('../screens/reports/Updates.svelte')),
  ),
  page(
    'webhooks',
    Webhook,
    'webhook.read',
    list(async () => (await from.system()).webhooks),
  ),
  page(
    'reports',
    ChartColumn,
    'report.read',
    screen(() => import('../screens/reports/Reports.svelte')),
  ),
  page(
    'records',
    BookLock,
    'audit.read',
    list(async () => (await from.system()).records),
  ),
  page(
    'openings',
    FileLock,
    'message.open',
    list(async () => (await import('../resources/openings.ts')).openings),
  ),
  page(
    'investigations',
    ScanEye,
    'investigation.run',
    list(async () => (await import('../resources/investigations.ts')).investigations),
  ),
  page(
    'looks',
    Eye,
    'audit.read',
    list(async () => (await from.records()).looks),
  ),
  page(
    'reviews',
    ClipboardCheck,
    'audit.read',
    list(async () => (await from.records()).reviews),
  ),
  page(
    'holds',
    Lock,
    'hold.read',
    list(async () => (await from.system()).holds),
  ),
  page(
    'destructions',
    FileX,
    'destruction.read',
    list(async () => (await from.records()).destructions),
  ),
  page(
    'collectors',
    Send,
    'siem.read',
    list(async () => (await from.records()).collectors),
  ),
];
