/** Long work, keys of programs, targets of events; what was done, and what must be kept. */
import { call, file } from '../api/client.ts';
import { save } from '../app/save.ts';
import type { LegalHold, Task, ApiKey, AuditRecord, Webhook } from '../api/types.ts';
import { workFailure } from '../app/failure.ts';
import { filled, lines, local, moment, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { actorName, accountId, accountName } from '../app/names.svelte.ts';
import { permissionWords } from '../app/permissions.ts';
import type { Resource, Tone } from '../app/resource.ts';
import { session } from '../app/session.svelte.ts';
import { count, exactly, when } from '../app/show.ts';
import { actionWords, idsOf, objectWords, sentence, THINGS, whoWords } from './record-words.ts';

const jobTone = (row: Task): Tone =>
  ({ done: 'ok', failed: 'bad', running: 'warn', waiting: 'warn' } as const)[row.state as 'done'] ?? 'quiet'; // prettier-ignore
const progress = (row: Task): string => (row.total > 0 ? `${count(row.done)} / ${count(row.total)}` : count(row.done));

export const jobs: Resource<Task> = {
  id: 'jobs',
  text: 'jobs.text',
  empty: 'jobs.empty',
  path: '/tasks',
  key: (row) => row.id,
  title: (row) => known(`job.${row.kind}`),
  one: (row) => `/tasks/${row.id}`,
  columns: [
    { name: 'jobs.kind', show: (row) => known(`job.${row.kind}`) },
    { name: 'people.state', show: (row) => known(`jobState.${row.state}`), kind: 'wide', tone: jobTone },
    { name: 'jobs.progress', show: progress, kind: 'number' },
    { name: 'trace.at', show: (row) => when(row.createdAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('people.state'), known(`jobState.${row.state}`)],
    [t('jobs.progress'), progress(row)],
    [t('trace.at'), exactly(row.createdAt)],
    [t('jobs.ended'), exactly(row.endedAt)],
    [t('jobs.error'), workFailure(row)],
    [t('proposals.result'), row.result ? JSON.stringify(row.result) : ''],
  ],
  acts: [
    {
      label: 'jobs.cancel',
      permission: 'organization.change',
      look: 'bad',
      fits: (row) => ['waiting', 'running'].includes(row.state) && !row.cancelling,
      warning: 'jobs.cancelText',
      run: async (row) => {
        await call('POST', `/tasks/${row.id}/cancel`);
      },
    },
  ],
};

export const keys: Resource<ApiKey> = {
  id: 'keys',
  text: 'keys.text',
  empty: 'keys.empty',
  path: '/keys',
  key: (row) => row.id,
  title: (row) => row.label,
  columns: [
    { name: 'keys.label', show: (row) => row.label },
    { name: 'policy.until', show: (row) => when(row.expiresAt), kind: 'wide' },
    { name: 'appointments.who', show: (row) => accountName(row.accountId) },
    { name: 'keys.lastUsed', show: (row) => when(row.lastUsedAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('appointments.who'), accountName(row.accountId)],
    [t('roles.permissions'), row.permissions.map(permissionWords).join('\n')],
    [t('access.networks'), row.networks.join(', ')],
    [t('policy.from'), exactly(row.createdAt)],
    [t('policy.until'), exactly(row.expiresAt)],
    [t('keys.lastUsed'), exactly(row.lastUsedAt)],
  ],
  acts: [
    {
      label: 'action.delete',
      permission: 'role.change',
      look: 'bad',
      warning: 'keys.deleteText',
      run: async (row) => {
        await call('DELETE', `/keys/${row.id}`);
        return { go: '/keys' };
      },
    },
  ],
  making: {
    label: 'keys.new',
    permission: 'role.change',
    fields: () => [
      { name: 'label', label: 'keys.label', needed: true },
      { name: 'until', label: 'policy.until', kind: 'moment', needed: true, begin: local(new Date(Date.now() + 90 * 86_400_000)) },
      { name: 'networks', label: 'access.networks', kind: 'lines', hint: 'keys.networksHint' },
      { name: 'permissions', label: 'roles.permissions', kind: 'choices', needed: true, options: [...new Set(session.me.holdings.flatMap((one) => one.permissions))].sort(), word: permissionWords },
    ], // prettier-ignore
    run: async (values) => {
      const body = {
        label: text(values, 'label'),
        permissions: lines(values, 'permissions'),
        networks: lines(values, 'networks'),
        expiresAt: moment(values, 'until'),
      };
      return { secret: (await call<ApiKey>('POST', '/keys', { body })).value.secret ?? '' };
    },
  },
};

const turn = (state: string) => async (row: Webhook, _values: object, etag: string) => {
  await call('PATCH', `/webhooks/${row.id}`, { body: { state }, etag });
};

export const webhooks: Resource<Webhook> = {
  id: 'webhooks',
  text: 'webhooks.text',
  empty: 'webhooks.empty',
  path: '/webhooks',
  key: (row) => row.id,
  title: (row) => row.label || row.url,
  one: (row) => `/webhooks/${row.id}`,
  columns: [
    { name: 'webhooks.url', show: (row) => row.label || row.url },
    { name: 'people.state', show: (row) => known(`webhook.${row.state}`), kind: 'wide', tone: (row) => (row.state !== 'active' ? 'quiet' : row.failingSince ? 'bad' : 'ok') },
    { name: 'webhooks.last', show: (row) => when(row.lastAt), kind: 'time' },
    { name: 'webhooks.status', show: (row) => (row.lastStatus ? String(row.lastStatus) : ''), kind: 'number' },
  ], // prettier-ignore
  facts: (row) => [
    [t('webhooks.url'), row.url],
    [t('webhooks.types'), row.types.join(', ') || t('value.any')],
    [t('people.state'), known(`webhook.${row.state}`)],
    [t('webhooks.last'), exactly(row.lastAt)],
    [t('webhooks.failing'), exactly(row.failingSince)],
  ],
  acts: [
    { label: 'webhooks.pause', permission: 'webhook.change', fits: (row) => row.state === 'active', run: turn('paused') },
    { label: 'webhooks.resume', permission: 'webhook.change', fits: (row) => row.state !== 'active', run: turn('active') },
    {
      label: 'webhooks.secret',
      permission: 'webhook.change',
      warning: 'webhooks.secretText',
      run: async (row) => {
        const made = await call<Webhook>('POST', `/webhooks/${row.id}/secret`, { body: { overlapHours: 24 } });
        return { secret: made.value.secret ?? '' };
      },
    },
    {
      label: 'action.delete',
      permission: 'webhook.change',
      look: 'bad',
      warning: 'webhooks.deleteText',
      run: async (row) => {
        await call('DELETE', `/webhooks/${row.id}`);
        return { go: '/webhooks' };
      },
    },
  ], // prettier-ignore
  making: {
    label: 'webhooks.new',
    permission: 'webhook.change',
    fields: () => [
      { name: 'url', label: 'webhooks.url', needed: true, hint: 'webhooks.urlHint' },
      { name: 'label', label: 'keys.label' },
      { name: 'types', label: 'webhooks.types', kind: 'lines', hint: 'webhooks.typesHint' },
    ],
    run: async (values) => {
      const body = { url: text(values, 'url'), label: text(values, 'label'), types: lines(values, 'types') };
      return { secret: (await call<Webhook>('POST', '/webhooks', { body })).value.secret ?? '' };
    },
  },
};

export const holds: Resource<LegalHold> = {
  id: 'holds',
  text: 'holds.text',
  empty: 'holds.empty',
  path: '/holds',
  key: (row) => `${row.accountId} ${row.matter} ${String(row.messageId)}`,
  title: (row) => row.matter,
  columns: [
    { name: 'holds.matter', show: (row) => row.matter },
    { name: 'appointments.who', show: (row) => accountName(row.accountId), kind: 'wide' },
    { name: 'holds.what', show: (row) => (row.messageId ? t('holds.message', { number: String(row.messageId) }) : t('holds.everything')) },
    { name: 'trace.at', show: (row) => when(row.at), kind: 'time' },
  ], // prettier-ignore
  facts: (row) => [
    [t('appointments.who'), accountName(row.accountId)],
    [t('trace.at'), exactly(row.at)],
    [t('records.actor'), actorName(row.actor)],
  ],
  acts: [
    {
      label: 'holds.lift',
      permission: 'hold.change',
      look: 'bad',
      warning: 'holds.liftText',
      fields: () => [{ name: 'reason', label: 'form.reason', needed: true }],
      run: async (row, values) => {
        const query = { accountId: row.accountId, matter: row.matter, messageId: row.messageId };
        await call('DELETE', '/holds', { query, reason: text(values, 'reason') });
        return { go: '/holds' };
      },
    },
  ],
  making: {
    label: 'holds.new',
    permission: 'hold.change',
    text: 'holds.newText',
    fields: () => [
      { name: 'person', label: 'people.address', kind: 'person', needed: true },
      { name: 'matter', label: 'holds.matter', needed: true },
    ],
    run: async (values) => {
      await call('POST', '/holds', {
        body: { accountId: await accountId(text(values, 'person')), matter: text(values, 'matter') },
      });
    },
  },
};

function recordQuery(values: Values): Record<string, string> {
  const found = {
    actor: text(values, 'actor'),
    action: text(values, 'action'),
    address: text(values, 'address'),
    country: text(values, 'country'),
    since: moment(values, 'since'),
    until: moment(values, 'until'),
  };
  return filled(found) as Record<string, string>;
}

export const records: Resource<AuditRecord> = {
  id: 'records',
  text: 'records.text',
  empty: 'records.empty',
  path: '/audit-records',
  key: (row) => row.id,
  title: (row) => actionWords(row.action),
  columns: [
    { name: 'trace.at', show: (row) => when(row.at), kind: 'time' },
    { name: 'records.what', show: sentence, kind: 'wide' },
    { name: 'records.address', show: (row) => row.address },
    { name: 'records.number', show: (row) => (row.seq === null ? t('records.unchained') : String(row.seq)), kind: 'number' },
  ], // prettier-ignore
  facts: (row) => [
    [t('trace.at'), exactly(row.at)],
    [t('records.what'), sentence(row)],
    [t('records.actor'), whoWords(row.actor)],
    [t('records.object'), objectWords(row)],
    ...(idsOf(row.object) ? ([[t('records.ids'), idsOf(row.object)]] as const) : []),
    [t('records.address'), [row.address, row.country].filter(Boolean).join(' · ')],
    [t('looks.door'), row.accessProtocol ? known(`door.${row.accessProtocol}`) : ''],
    [t('records.code'), row.action],
    [t('records.number'), row.seq === null ? t('records.unchained') : String(row.seq)],
  ],
  whole: [
    {
      label: 'records.export',
      permission: 'audit.export',
      fields: () => [
        { name: 'form', label: 'collectors.format', kind: 'choice', options: ['csv', 'jsonl'] },
        { name: 'reason', label: 'form.reason', needed: true, least: 10, hint: 'records.reasonHint' },
      ],
      run: async (asked, values) => {
        const body = { ...recordQuery(asked), form: text(values, 'form'), reason: text(values, 'reason') };
        save(await file('/audit-records/export', body));
        return { text: t('records.exported') };
      },
    },
    {
      label: 'records.verify',
      permission: 'audit.read',
      run: async () => {
        const job = (await call<Task>('POST', '/audit-records/verify')).value;
        return { text: t('queue.begun', { number: job.id }) };
      },
    },
  ],
  filters: () => [
    { name: 'actor', label: 'records.actor' },
    { name: 'action', label: 'records.action', kind: 'choice', options: ['', ...THINGS.map((one) => `${one}.`)], word: (one) => (one ? known(`recordOf.${one.slice(0, -1)}`) : t('recordOf.any')) },
    { name: 'address', label: 'records.address' },
    { name: 'country', label: 'records.country', hint: 'records.countryHint' },
    { name: 'since', label: 'records.since', kind: 'moment' },
    { name: 'until', label: 'policy.until', kind: 'moment' },
  ], // prettier-ignore
  query: recordQuery,
};
