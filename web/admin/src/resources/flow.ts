/** Mail on its way, and addresses that stand for others. */
import { call, type Query } from '../api/client.ts';
import type { Alias, Approval, QueueEntry, Task, DistributionList, QueueMatch, RelayClient } from '../api/types.ts';
import { type Field, filled, flag, lines, local, moment, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { accountId, accountName } from '../app/names.svelte.ts';
import { place } from '../app/place.svelte.ts';
import type { Act, Done, Resource } from '../app/resource.ts';
import { session } from '../app/session.svelte.ts';
import { count, exactly, octets, when } from '../app/show.ts';

type Marks = Record<string, unknown>;
const STATES = ['', 'held', 'ready', 'waiting', 'leased'];
const queueFilters = (): Field[] => [
  { name: 'sender', label: 'queue.sender' },
  { name: 'recipient', label: 'queue.recipients' },
  { name: 'domain', label: 'queue.domain' },
  { name: 'state', label: 'people.state', kind: 'choice', options: STATES, word: (one) => (one ? known(`queueState.${one}`) : t('value.any')) },
  { name: 'cause', label: 'queue.cause' },
  { name: 'before', label: 'queue.before', kind: 'moment' },
]; // prettier-ignore

/** The filters of the page as the API has them. */
export function marksOf(values: Values): Query {
  const names = ['sender', 'recipient', 'domain', 'state', 'cause'];
  const found = Object.fromEntries(names.map((name) => [name, text(values, name)]));
  return filled({ ...found, createdBefore: moment(values, 'before') }) as Query;
}

const queueAct = <Row>(
  act: string,
  label: Act<Row>['label'],
  marks: (row: Row) => Marks,
  more: Partial<Act<Row>> = {},
): Act<Row> => {
  const body = (row: Row, values: Values): object => ({
    act,
    marks: marks(row),
    ...(act === 'reroute' ? { to: text(values, 'to') } : {}),
    ...(act === 'delete' ? { report: values.report === true } : {}),
  });
  return {
    label,
    permission: 'queue.change',
    rehearse: async (row, values) => {
      const met = (await call<QueueMatch>('POST', '/queue/dry-run', { body: body(row, values) })).value;
      return t('queue.met', { entries: met.entries, recipients: met.recipients, size: octets(met.octets) });
    },
    run: async (row, values): Promise<Done> => {
      const reason = text(values, 'reason');
      const job = (await call<Task>('POST', '/queue/actions', { body: body(row, values), reason })).value;
      return { text: t('queue.begun', { number: job.id }) };
    },
    fields: () => [
      ...(act === 'reroute' ? [{ name: 'to', label: 'queue.to', needed: true, hint: 'queue.toHint' } as Field] : []),
      ...(act === 'delete' ? [{ name: 'report', label: 'queue.report', kind: 'flag' } as Field] : []),
      { name: 'reason', label: 'form.reason', needed: act === 'delete' },
    ],
    ...more,
  };
};
const actsOn = <Row>(marks: (row: Row) => Marks): Act<Row>[] => [
  queueAct('retry', 'queue.retry', marks),
  queueAct('hold', 'queue.hold', marks),
  queueAct('release', 'queue.release', marks),
  queueAct('reroute', 'queue.reroute', marks),
  queueAct('delete', 'action.delete', marks, { look: 'bad', warning: 'queue.deleteText' }),
];
const stateWords = (one: QueueEntry): string =>
  [...new Set(one.recipients.map((each) => known(`waiting.${each.holdReason ?? each.state}`)))].join(', ');

export const queue: Resource<QueueEntry> = {
  id: 'queue',
  text: 'queue.text',
  empty: 'queue.empty',
  path: '/queue',
  key: (row) => row.id,
  title: (row) => row.sender || t('queue.house'),
  one: (row) => `/queue/${row.id}`,
  columns: [
    { name: 'queue.sender', show: (row) => row.sender || t('queue.house') },
    { name: 'queue.recipients', show: (row) => row.recipients.map((one) => one.address || one.domain).join(', '), kind: 'wide' },
    { name: 'people.state', show: stateWords },
    { name: 'queue.since', show: (row) => when(row.createdAt), kind: 'time' },
    { name: 'queue.size', show: (row) => octets(row.size), kind: 'number' },
  ], // prettier-ignore
  facts: (row) => [
    [t('queue.since'), exactly(row.createdAt)],
    [t('queue.until'), exactly(row.expiresAt)],
    [t('queue.size'), octets(row.size)],
    ...row.recipients.map(
      (one, at) =>
        [
          `${t('queue.recipients')} ${String(at + 1)}`,
          [
            one.address || one.domain,
            known(`waiting.${one.holdReason ?? one.state}`),
            t('queue.attempts', { count: one.attempts }),
            exactly(one.nextAt),
            one.reply ? `${String(one.reply.code)} ${one.reply.text ?? ''} (${one.reply.host})` : (one.cause ?? ''),
          ]
            .filter(Boolean)
            .join(' · '),
        ] as const,
    ),
  ],
  filters: queueFilters,
  query: marksOf,
  whole: actsOn((values: Values) => marksOf(values)).filter((act) => act.label !== 'queue.reroute'),
  acts: actsOn((row: QueueEntry) => ({ entry: row.id })),
};

const aliasFields = (row?: Alias): Field[] => [
  ...(row ? [] : [{ name: 'address', label: 'people.address', needed: true, hint: 'aliases.addressHint' } as Field]),
  { name: 'targets', label: 'aliases.targets', kind: 'lines', needed: true, begin: row?.targets?.join('\n') ?? '', hint: 'form.linesHint' },
]; // prettier-ignore
const at = (kind: string, address: string): string => `/${kind}/${encodeURIComponent(address)}`;

export const aliases: Resource<Alias> = {
  id: 'aliases',
  text: 'aliases.text',
  empty: 'aliases.empty',
  path: '/aliases',
  key: (row) => row.address,
  title: (row) => row.address,
  one: (row) => at('aliases', row.address),
  columns: [{ name: 'people.address', show: (row) => row.address }],
  facts: (row) => [[t('aliases.targets'), (row.targets ?? []).join('\n')]],
  acts: [
    {
      label: 'action.change',
      permission: 'domain.change',
      fields: aliasFields,
      run: async (row, values, etag) => {
        await call('PUT', at('aliases', row.address), { body: { targets: lines(values, 'targets') }, etag });
      },
    },
    {
      label: 'action.delete',
      permission: 'domain.change',
      look: 'bad',
      warning: 'aliases.deleteText',
      run: async (row) => {
        await call('DELETE', at('aliases', row.address));
        return { go: '/aliases' };
      },
    },
  ],
  making: {
    label: 'aliases.new',
    permission: 'domain.change',
    fields: () => aliasFields(),
    run: async (values) => {
      await call('PUT', at('aliases', text(values, 'address')), { body: { targets: lines(values, 'targets') } });
    },
  },
};

const POSTS = ['inside', 'members', 'moderators', 'anyone'];

export const lists: Resource<DistributionList> = {
  id: 'lists',
  text: 'lists.text',
  empty: 'lists.empty',
  path: '/lists',
  key: (row) => row.address,
  title: (row) => row.name || row.address,
  one: (row) => at('lists', row.address),
  columns: [{ name: 'people.address', show: (row) => row.address }],
  facts: (row) => [
    [t('people.address'), row.address],
    [t('lists.owners'), (row.owners ?? []).join(', ')],
    [t('lists.moderators'), (row.moderators ?? []).join(', ')],
    [t('lists.post'), row.post ? known(`post.${row.post}`) : ''],
    [t('lists.notice'), t(row.notice ? 'value.on' : 'value.off')],
  ],
  acts: [
    {
      label: 'groups.addMember',
      permission: 'domain.change',
      look: 'filled',
      fields: () => [{ name: 'person', label: 'people.address', kind: 'person', needed: true }],
      run: async (row, values) => {
        await call('PUT', `${at('lists', row.address)}/members/${encodeURIComponent(text(values, 'person'))}`);
      },
    },
    {
      label: 'action.change',
      permission: 'domain.change',
      fields: (row) => [
        { name: 'name', label: 'people.name', needed: true, begin: row.name },
        { name: 'owners', label: 'lists.owners', kind: 'lines', needed: true, begin: row.owners.join('\n'), hint: 'form.linesHint' },
        { name: 'moderators', label: 'lists.moderators', kind: 'lines', begin: row.moderators.join('\n'), hint: 'form.linesHint' },
        { name: 'post', label: 'lists.post', kind: 'choice', begin: row.post, options: POSTS, word: (one) => known(`post.${one}`) },
        { name: 'notice', label: 'lists.notice', kind: 'flag', begin: row.notice, hint: 'lists.noticeHint' },
      ], // prettier-ignore
      run: async (row, values, etag) => {
        const body = {
          name: text(values, 'name'),
          owners: lines(values, 'owners'),
          moderators: lines(values, 'moderators'),
          post: text(values, 'post'),
          notice: flag(values, 'notice'),
        };
        await call('PATCH', at('lists', row.address), { body, etag });
      },
    },
    {
      label: 'action.delete',
      permission: 'domain.change',
      look: 'bad',
      warning: 'aliases.deleteText',
      run: async (row) => {
        await call('DELETE', at('lists', row.address));
        return { go: '/lists' };
      },
    },
  ],
  making: {
    label: 'lists.new',
    permission: 'domain.change',
    fields: () => [
      { name: 'address', label: 'people.address', kind: 'email', needed: true },
      { name: 'name', label: 'people.name', needed: true },
      { name: 'owners', label: 'lists.owners', kind: 'lines', needed: true, begin: session.me.address, hint: 'form.linesHint' },
      { name: 'post', label: 'lists.post', kind: 'choice', begin: 'inside', options: POSTS, word: (one) => known(`post.${one}`) },
    ], // prettier-ignore
    run: async (values) => {
      const body = {
        address: text(values, 'address').toLowerCase(),
        name: text(values, 'name'),
        owners: lines(values, 'owners'),
        post: text(values, 'post'),
      };
      const made = (await call<DistributionList>('POST', '/lists', { body })).value;
      return { go: at('lists', made.address) };
    },
  },
  more: () => import('../details/ListMembers.svelte'),
};

export const relays: Resource<RelayClient> = {
  id: 'relays',
  text: 'relays.text',
  empty: 'relays.empty',
  path: '/relays',
  key: (row) => row.id,
  title: (row) => row.purpose,
  columns: [
    { name: 'relays.purpose', show: (row) => row.purpose },
    { name: 'access.networks', show: (row) => row.networks.join(', '), kind: 'wide' },
    { name: 'appointments.who', show: (row) => accountName(row.accountId) },
    { name: 'relays.hourly', show: (row) => count(row.hourly), kind: 'number' },
    { name: 'policy.until', show: (row) => when(row.endsAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('appointments.who'), accountName(row.accountId)],
    [t('access.networks'), row.networks.join(', ')],
    [t('relays.senders'), row.senders.join(', ')],
    [t('relays.hourly'), count(row.hourly)],
    [t('policy.until'), exactly(row.endsAt)],
    [t('keys.lastUsed'), exactly(row.lastUsedAt)],
  ],
  acts: [
    {
      label: 'action.change',
      permission: 'domain.change',
      fields: (row) => [
        { name: 'until', label: 'policy.until', kind: 'moment', needed: true, begin: local(new Date(row.endsAt)) },
        { name: 'hourly', label: 'relays.hourly', kind: 'number', needed: true, begin: String(row.hourly), least: 1 },
      ],
      run: async (row, values) => {
        const body = { endsAt: moment(values, 'until'), hourly: Number(values.hourly) };
        await call('PATCH', `/relays/${row.id}`, { body });
      },
    },
    {
      label: 'action.delete',
      permission: 'domain.change',
      look: 'bad',
      warning: 'relays.deleteText',
      run: async (row) => {
        await call('DELETE', `/relays/${row.id}`);
        return { go: '/relays' };
      },
    },
  ],
  making: {
    label: 'relays.new',
    permission: 'domain.change',
    fields: () => [
      { name: 'purpose', label: 'relays.purpose', needed: true },
      { name: 'person', label: 'appointments.who', kind: 'person', needed: true },
      { name: 'senders', label: 'relays.senders', kind: 'lines', needed: true, hint: 'form.linesHint' },
      { name: 'networks', label: 'access.networks', kind: 'lines', needed: true, hint: 'form.linesHint' },
      { name: 'until', label: 'policy.until', kind: 'moment', needed: true, begin: local(new Date(Date.now() + 365 * 86_400_000)) },
      { name: 'hourly', label: 'relays.hourly', kind: 'number', needed: true, begin: '100', least: 1 },
    ], // prettier-ignore
    run: async (values) => {
      const body = {
        purpose: text(values, 'purpose'),
        accountId: await accountId(text(values, 'person')),
        senders: lines(values, 'senders'),
        networks: lines(values, 'networks'),
        endsAt: moment(values, 'until'),
        hourly: Number(values.hourly),
      };
      await call('POST', '/relays', { body });
    },
  },
};

const decide = (approve: boolean) => async (row: Approval, values: Values) => {
  await call('POST', `/approvals/${row.id}`, { body: { approve, note: text(values, 'note') } });
  return { go: `/${place.parts[0] ?? ''}` };
};

export const approvals: Resource<Approval> = {
  id: 'approvals',
  text: 'approvals.text',
  empty: 'approvals.empty',
  path: '/approvals',
  key: (row) => row.id,
  title: (row) => row.subjectText || row.subject,
  columns: [
    { name: 'approvals.subject', show: (row) => row.subjectText || row.subject },
    { name: 'queue.sender', show: (row) => row.sender ?? '' },
    { name: 'roles.kind', show: (row) => known(`approval.${row.kind}`), kind: 'wide' },
    { name: 'approvals.asked', show: (row) => when(row.askedAt), kind: 'time' },
    { name: 'proposals.until', show: (row) => when(row.expiresAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('roles.kind'), known(`approval.${row.kind}`)],
    [t('queue.sender'), row.sender ?? ''],
    [t('queue.recipients'), count(row.recipients)],
    [t('queue.size'), octets(row.size)],
    [t('quarantine.why'), row.reason],
    [t('approvals.asked'), exactly(row.askedAt)],
    [t('proposals.until'), exactly(row.expiresAt)],
  ],
  acts: [
    {
      label: 'approvals.approve',
      permission: 'queue.change',
      look: 'filled',
      run: decide(true),
    },
    {
      label: 'approvals.reject',
      permission: 'queue.change',
      fields: () => [{ name: 'note', label: 'form.note', kind: 'long', needed: true }],
      run: decide(false),
    },
  ],
};
