/** Who is shut out, whose sending is stopped, reported waves, rules about senders, certificates. */
import { call } from '../api/client.ts';
import type {
  BanException,
  Ban,
  PhishingCase,
  Certificate,
  Task,
  PurgeDryRun,
  Purge,
  SenderRule,
  SendingBlock,
  PurgeUndoResult,
} from '../api/types.ts';
import { type Field, filled, flag, lines, local, moment, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { actorName, accountId, accountName } from '../app/names.svelte.ts';
import { place } from '../app/place.svelte.ts';
import type { Resource, Tone } from '../app/resource.ts';
import { session } from '../app/session.svelte.ts';
import { count, daysLeft, exactly, when } from '../app/show.ts';

const later = (days: number): string => local(new Date(Date.now() + days * 86_400_000));
const networkFields = (days: number): Field[] => [
  { name: 'network', label: 'bans.network', needed: true, hint: 'bans.networkHint' },
  { name: 'until', label: 'policy.until', kind: 'moment', needed: true, begin: later(days) },
  { name: 'note', label: 'form.note' },
];
const networkBody = (values: Values): object => ({
  network: text(values, 'network'),
  until: moment(values, 'until'),
  note: text(values, 'note'),
});

export const bans: Resource<Ban> = {
  id: 'bans',
  text: 'bans.text',
  empty: 'bans.empty',
  path: '/bans',
  key: (row) => row.id,
  title: (row) => row.network,
  columns: [
    { name: 'bans.network', show: (row) => row.network },
    { name: 'quarantine.why', show: (row) => known(`ban.${row.reason}`), kind: 'wide' },
    { name: 'policy.from', show: (row) => when(row.since), kind: 'time' },
    { name: 'policy.until', show: (row) => when(row.until), kind: 'time' },
  ],
  facts: (row) => [
    [t('quarantine.why'), known(`ban.${row.reason}`)],
    ...Object.entries(row.evidence).map(([name, number]) => [known(`evidence.${name}`), count(number)] as const),
    [t('policy.from'), exactly(row.since)],
    [t('policy.until'), exactly(row.until)],
    [t('records.actor'), actorName(row.by)],
  ],
  acts: [
    {
      label: 'bans.release',
      permission: 'defence.change',
      look: 'filled',
      run: async (row) => {
        await call('DELETE', '/bans', { query: { network: row.network } });
        return { go: '/bans' };
      },
    },
  ],
  making: {
    label: 'bans.new',
    permission: 'defence.change',
    fields: () => networkFields(1),
    run: async (values) => {
      await call('POST', '/bans', { body: networkBody(values) });
    },
  },
};

export const allows: Resource<BanException> = {
  id: 'allows',
  text: 'allows.text',
  empty: 'allows.empty',
  path: '/ban-exceptions',
  key: (row) => `${row.kind} ${row.subject}`,
  title: (row) => row.subject,
  columns: [
    { name: 'bans.network', show: (row) => row.subject },
    { name: 'roles.kind', show: (row) => known(`allow.${row.kind}`), kind: 'wide' },
    { name: 'policy.until', show: (row) => when(row.until), kind: 'time' },
    { name: 'records.actor', show: (row) => actorName(row.by) },
  ],
  facts: (row) => [
    [t('roles.kind'), known(`allow.${row.kind}`)],
    [t('policy.from'), exactly(row.since)],
    [t('policy.until'), exactly(row.until)],
    [t('records.actor'), actorName(row.by)],
  ],
  acts: [
    {
      label: 'allows.end',
      permission: 'defence.change',
      look: 'bad',
      fits: (row) => row.kind !== 'sending',
      warning: 'allows.endText',
      run: async (row) => {
        await call('DELETE', '/ban-exceptions', { query: { network: row.subject } });
        return { go: '/allows' };
      },
    },
  ],
  making: {
    label: 'allows.new',
    permission: 'defence.change',
    fields: () => [...networkFields(30), { name: 'partner', label: 'allows.partner', kind: 'flag' }],
    run: async (values) => {
      await call('POST', '/ban-exceptions', { body: { ...networkBody(values), partner: flag(values, 'partner') } });
    },
  },
};

export const stops: Resource<SendingBlock> = {
  id: 'stops',
  text: 'stops.text',
  empty: 'stops.empty',
  path: '/sending-blocks',
  key: (row) => row.accountId,
  title: (row) => accountName(row.accountId),
  columns: [
    { name: 'appointments.who', show: (row) => accountName(row.accountId) },
    { name: 'quarantine.why', show: (row) => known(`stop.${row.reason}`), kind: 'wide' },
    { name: 'policy.from', show: (row) => when(row.since), kind: 'time' },
    { name: 'records.actor', show: (row) => actorName(row.by) },
  ],
  facts: (row) => [
    [t('quarantine.why'), known(`stop.${row.reason}`)],
    [t('policy.from'), exactly(row.since)],
    [t('records.actor'), actorName(row.by)],
  ],
  acts: [
    {
      label: 'stops.resume',
      permission: 'defence.change',
      look: 'filled',
      fields: () => [{ name: 'reason', label: 'form.reason', needed: true }],
      run: async (row, values) => {
        await call('DELETE', `/sending-blocks/${row.accountId}`, { reason: text(values, 'reason') });
        return { go: '/stops' };
      },
    },
  ],
  making: {
    label: 'stops.new',
    permission: 'defence.change',
    fields: () => [
      { name: 'person', label: 'people.address', kind: 'person', needed: true },
      { name: 'reason', label: 'form.reason', needed: true },
    ],
    run: async (values) => {
      await call('PUT', `/sending-blocks/${await accountId(text(values, 'person'))}`, {
        reason: text(values, 'reason'),
      });
    },
  },
};

const certificateTone = (row: Certificate): Tone =>
  daysLeft(row.until) < 7 ? 'bad' : daysLeft(row.until) < 30 ? 'warn' : 'ok';
const left = (row: Certificate): string =>
  daysLeft(row.until) < 0 ? t('certificates.over') : t('certificates.left', { count: daysLeft(row.until) });

export const certificates: Resource<Certificate> = {
  id: 'certificates',
  text: 'certificates.text',
  empty: 'certificates.empty',
  path: '/certificates',
  key: (row) => row.id,
  title: (row) => row.names[0] ?? row.id,
  columns: [
    { name: 'certificates.names', show: (row) => row.names.join(', ') },
    { name: 'certificates.days', show: left, kind: 'wide', tone: certificateTone },
    { name: 'certificates.issuer', show: (row) => row.issuer },
    { name: 'certificates.source', show: (row) => known(`source.${row.source}`) },
  ],
  facts: (row) => [
    [t('certificates.names'), row.names.join('\n')],
    [t('certificates.issuer'), row.issuer],
    [t('policy.from'), exactly(row.since)],
    [t('policy.until'), `${exactly(row.until)} (${left(row)})`],
    [t('certificates.source'), known(`source.${row.source}`)],
  ],
  acts: [
    {
      label: 'action.delete',
      permission: 'certificate.change',
      look: 'bad',
      warning: 'certificates.deleteText',
      run: async (row) => {
        await call('DELETE', `/certificates/${row.id}`);
        return { go: '/certificates' };
      },
    },
  ],
  making: {
    label: 'certificates.new',
    permission: 'certificate.change',
    fields: () => [
      { name: 'file', label: 'certificates.chain', kind: 'long', needed: true },
      { name: 'key', label: 'certificates.key', kind: 'long', needed: true },
      { name: 'password', label: 'certificates.password', kind: 'secret' },
    ],
    run: async (values) => {
      const body = { file: text(values, 'file'), key: text(values, 'key'), password: text(values, 'password') };
      await call('POST', '/certificates', { body });
    },
  },
};

const CASE_STATES = ['open', 'examining', 'confirmed', 'dismissed'];
const caseTone = (row: PhishingCase): Tone =>
  ({ open: 'bad', examining: 'warn', confirmed: 'ok' } as const)[row.state as 'open'] ?? 'quiet'; // prettier-ignore

export const cases: Resource<PhishingCase> = {
  id: 'cases',
  text: 'cases.text',
  empty: 'cases.empty',
  path: '/cases',
  key: (row) => row.id,
  title: (row) => row.subject || row.id,
  one: (row) => `/cases/${row.id}`,
  columns: [
    { name: 'trace.subject', show: (row) => row.subject },
    { name: 'people.state', show: (row) => known(`case.${row.state}`), kind: 'wide', tone: caseTone },
    { name: 'cases.reports', show: (row) => count(row.reports), kind: 'number' },
    { name: 'cases.changed', show: (row) => when(row.changedAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('people.state'), known(`case.${row.state}`)],
    [t('cases.reports'), count(row.reports)],
    [t('queue.sender'), row.senders.join('\n')],
    [t('cases.hosts'), row.hosts.join('\n')],
    [t('cases.opened'), exactly(row.openedAt)],
    [t('form.note'), row.note],
  ],
  acts: [
    {
      label: 'cases.change',
      permission: 'case.change',
      look: 'filled',
      fields: (row) => [
        { name: 'state', label: 'people.state', kind: 'choice', begin: row.state, options: CASE_STATES, word: (one) => known(`case.${one}`) },
        { name: 'note', label: 'form.note', kind: 'long', begin: row.note },
      ], // prettier-ignore
      run: async (row, values, etag) => {
        const body = { state: text(values, 'state'), note: text(values, 'note') };
        await call('PATCH', `/cases/${row.id}`, { body, etag });
      },
    },
    {
      label: 'cases.purge',
      permission: 'case.change',
      run: (row) => Promise.resolve({ go: `/purges/new?senders=${encodeURIComponent(row.senders.join(','))}` }),
    },
  ],
  more: () => import('../details/CaseEvidence.svelte'),
};

const purgeFields = (): Field[] => [
  { name: 'senders', label: 'queue.sender', kind: 'lines', begin: place.query('senders').replaceAll(',', '\n'), hint: 'form.linesHint' },
  { name: 'messageIds', label: 'purges.messageIds', kind: 'lines' },
  { name: 'urls', label: 'purges.urls', kind: 'lines' },
  { name: 'files', label: 'purges.files', kind: 'lines' },
  { name: 'since', label: 'records.since', kind: 'moment' },
  { name: 'reason', label: 'form.reason', needed: true },
]; // prettier-ignore
const purgeBody = (values: Values): object => ({
  ...filled({ since: moment(values, 'since') }),
  reason: text(values, 'reason'),
  senders: lines(values, 'senders'),
  messageIds: lines(values, 'messageIds'),
  urls: lines(values, 'urls'),
  files: lines(values, 'files'),
});

export const purges: Resource<Purge> = {
  id: 'purges',
  text: 'purges.text',
  empty: 'purges.empty',
  path: '/purges',
  key: (row) => row.id,
  title: (row) => row.reason,
  columns: [
    { name: 'form.reason', show: (row) => row.reason },
    { name: 'people.state', show: (row) => known(`purge.${row.state}`), kind: 'wide', tone: (row) => (row.state === 'done' ? 'ok' : 'quiet') },
    { name: 'purges.messages', show: (row) => count(row.messages), kind: 'number' },
    { name: 'proposals.author', show: (row) => actorName(row.author) },
    { name: 'trace.at', show: (row) => when(row.startedAt), kind: 'time' },
  ], // prettier-ignore
  facts: (row) => [
    [t('people.state'), known(`purge.${row.state}`)],
    [t('purges.messages'), count(row.messages)],
    [t('proposals.author'), actorName(row.author)],
    [t('trace.at'), exactly(row.startedAt)],
  ],
  acts: [
    {
      label: 'purges.undo',
      permission: 'case.change',
      fits: (row) => row.state === 'done',
      warning: 'purges.undoText',
      run: async (row) => {
        const undone = (await call<PurgeUndoResult>('POST', `/purges/${row.id}/undo`)).value;
        return { text: t('purges.undone', { count: undone.messages }) };
      },
    },
  ],
  making: {
    label: 'purges.new',
    permission: 'case.change',
    text: 'purges.newText',
    fields: purgeFields,
    rehearse: async (values) => {
      const met = (await call<PurgeDryRun>('POST', '/purges/dry-run', { body: purgeBody(values) })).value;
      return t('purges.met', { accounts: met.accounts, messages: met.messages });
    },
    run: async (values) => {
      const job = (await call<Task>('POST', '/purges', { body: purgeBody(values) })).value;
      return { text: t('queue.begun', { number: job.id }), go: `/jobs/${job.id}` };
    },
  },
};

const home = (): string => `organization:${session.me.organizationId}`;
const RULE_LEVELS = ['system', 'organization', 'domain', 'department', 'account'];
const KINDS = ['', 'address', 'domain', 'network', 'country', 'url', 'file'];
const scopeField = (): Field => ({
  name: 'scope',
  label: 'policy.scope',
  kind: 'scope',
  options: RULE_LEVELS,
  begin: home(),
});
const ruleScope = (): string => place.query('scope') || home();

export const senders: Resource<SenderRule> = {
  id: 'senders',
  text: 'senders.text',
  empty: 'senders.empty',
  path: '/sender-rules',
  key: (row) => row.id,
  title: (row) => row.subject,
  filters: () => [scopeField()],
  query: (values) => ({ scope: text(values, 'scope') }),
  columns: [
    { name: 'senders.subject', show: (row) => row.subject },
    { name: 'senders.act', show: (row) => known(`sender.${row.act}`), kind: 'wide', tone: (row) => (row.act === 'allow' ? 'ok' : 'bad') },
    { name: 'roles.kind', show: (row) => known(`senderKind.${row.kind}`) },
    { name: 'senders.hits', show: (row) => count(row.hits), kind: 'number' },
    { name: 'policy.until', show: (row) => when(row.expiresAt), kind: 'time' },
  ], // prettier-ignore
  facts: (row) => [
    [t('senders.act'), known(`sender.${row.act}`)],
    [t('roles.kind'), known(`senderKind.${row.kind}`)],
    [t('senders.hits'), count(row.hits)],
    [t('proposals.author'), actorName(row.author)],
    [t('policy.from'), exactly(row.createdAt)],
    [t('policy.until'), exactly(row.expiresAt)],
  ],
  acts: [
    {
      label: 'action.delete',
      permission: 'spam.change',
      look: 'bad',
      warning: 'senders.deleteText',
      run: async (row) => {
        await call('DELETE', `/sender-rules/${row.id}`, { query: { scope: ruleScope() } });
        return { go: `/senders${location.search}` };
      },
    },
  ],
  making: {
    label: 'senders.new',
    permission: 'spam.change',
    fields: () => [
      { ...scopeField(), begin: ruleScope() },
      { name: 'act', label: 'senders.act', kind: 'choice', options: ['block', 'allow'], word: (one) => known(`sender.${one}`) },
      { name: 'subject', label: 'senders.subject', needed: true, hint: 'senders.subjectHint' },
      { name: 'kind', label: 'roles.kind', kind: 'choice', options: KINDS, word: (one) => (one ? known(`senderKind.${one}`) : t('senders.seen')) },
      { name: 'until', label: 'policy.until', kind: 'moment' },
    ], // prettier-ignore
    run: async (values) => {
      const body = {
        scope: text(values, 'scope'),
        act: text(values, 'act'),
        subject: text(values, 'subject'),
        kind: text(values, 'kind') || null,
        expiresAt: moment(values, 'until'),
      };
      await call('POST', '/sender-rules', { body });
    },
  },
};
