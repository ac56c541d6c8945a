/** Who looked at whose mail, the monthly look at the records, what was destroyed for good, where copies go to. */
import { call } from '../api/client.ts';
import type { AccessRecord, DestructionRecord, PlannedChange, AccessReview, Collector } from '../api/types.ts';
import { filled, lines, moment, text } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { actorName, accountId, accountName } from '../app/names.svelte.ts';
import type { Resource, Tone } from '../app/resource.ts';
import { count, exactly, when } from '../app/show.ts';
import { actionWords, idsOf, objectWords, sentence, whoWords } from './record-words.ts';

export const looks: Resource<AccessRecord> = {
  id: 'looks',
  text: 'looks.text',
  empty: 'looks.empty',
  path: '/access-records',
  key: (row) => row.id,
  title: (row) => actionWords(row.action),
  columns: [
    { name: 'trace.at', show: (row) => when(row.at), kind: 'time' },
    { name: 'records.what', show: sentence, kind: 'wide' },
    { name: 'looks.door', show: (row) => (row.door ? known(`door.${row.door}`) : '') },
    { name: 'records.address', show: (row) => row.address ?? '' },
  ],
  facts: (row) => [
    [t('trace.at'), exactly(row.at)],
    [t('looks.whose'), row.accountId ? accountName(row.accountId) : ''],
    [t('records.what'), sentence(row)],
    [t('records.actor'), whoWords(row.actor)],
    [t('records.object'), objectWords(row)],
    ...(idsOf(row.object) ? ([[t('records.ids'), idsOf(row.object)]] as const) : []),
    [t('records.address'), [row.address, row.country].filter(Boolean).join(' · ')],
    [t('looks.door'), row.door ? known(`door.${row.door}`) : ''],
    [t('records.code'), row.action],
  ],
  filters: () => [
    { name: 'person', label: 'looks.whose', kind: 'person' },
    { name: 'actor', label: 'records.actor' },
    { name: 'since', label: 'records.since', kind: 'moment' },
    { name: 'until', label: 'policy.until', kind: 'moment' },
  ],
  query: async (values) =>
    filled({
      accountId: text(values, 'person') ? await accountId(text(values, 'person')) : '',
      actor: text(values, 'actor'),
      since: moment(values, 'since'),
      until: moment(values, 'until'),
    }) as Record<string, string>,
  more: () => import('../details/LookPlace.svelte'),
};

const reviewTone = (row: AccessReview): Tone =>
  row.signedAt ? 'ok' : Date.parse(row.dueAt) < Date.now() ? 'bad' : 'warn';
const reviewState = (row: AccessReview): string =>
  t(row.signedAt ? 'reviews.signed' : Date.parse(row.dueAt) < Date.now() ? 'reviews.overdue' : 'reviews.open');

export const reviews: Resource<AccessReview> = {
  id: 'reviews',
  text: 'reviews.text',
  empty: 'reviews.empty',
  path: '/audit-reviews',
  key: (row) => row.month,
  title: (row) => row.month,
  columns: [
    { name: 'reviews.month', show: (row) => row.month },
    { name: 'people.state', show: reviewState, kind: 'wide', tone: reviewTone },
    { name: 'reviews.reviewer', show: (row) => (row.reviewerId ? accountName(row.reviewerId) : '') },
    { name: 'proposals.until', show: (row) => when(row.dueAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('people.state'), reviewState(row)],
    [t('reviews.reviewer'), row.reviewerId ? accountName(row.reviewerId) : ''],
    [t('proposals.until'), exactly(row.dueAt)],
    [t('reviews.signedBy'), row.signedById ? `${accountName(row.signedById)} · ${exactly(row.signedAt)}` : ''],
  ],
  acts: [
    {
      label: 'reviews.sign',
      permission: 'review.sign',
      look: 'filled',
      fits: (row) => !row.signedAt,
      fields: () => [
        { name: 'comment', label: 'reviews.comment', kind: 'long', needed: true, hint: 'reviews.commentHint' },
      ],
      run: async (row, values) => {
        await call('POST', `/audit-reviews/${row.month}/sign`, { body: { comment: text(values, 'comment') } });
      },
    },
  ],
  more: () => import('../details/ReviewFindings.svelte'),
};

export const destructions: Resource<DestructionRecord> = {
  id: 'destructions',
  text: 'destructions.text',
  empty: 'destructions.empty',
  path: '/destruction-register',
  key: (row) => row.id,
  title: (row) => row.name || row.login || row.subject,
  columns: [
    { name: 'trace.at', show: (row) => exactly(row.at), kind: 'time' },
    { name: 'destructions.of', show: (row) => row.name || row.login || row.subject, kind: 'wide' },
    { name: 'destructions.ground', show: (row) => row.ground },
    { name: 'records.actor', show: (row) => actorName(row.actor) },
  ],
  facts: (row) => [
    [t('trace.at'), exactly(row.at)],
    [t('destructions.of'), [row.name, row.login].filter(Boolean).join(' ')],
    [t('destructions.ground'), row.ground],
    [t('form.reason'), row.reason],
    [t('records.actor'), actorName(row.actor)],
    [t('destructions.consent'), row.consent],
    [t('destructions.method'), row.method],
    ...Object.entries(row.counts).map(([name, number]) => [known(`destroyed.${name}`), count(number)] as const),
  ],
  more: () => import('../details/Certificate.svelte'),
};

export const collectors: Resource<Collector> = {
  id: 'collectors',
  text: 'collectors.text',
  empty: 'collectors.empty',
  path: '/collectors',
  key: (row) => row.name,
  title: (row) => row.name,
  columns: [
    { name: 'people.name', show: (row) => row.name },
    { name: 'people.state', show: (row) => known(`collector.${row.state}`), kind: 'wide', tone: (row) => (row.state === 'on' ? 'ok' : 'quiet') },
    { name: 'collectors.host', show: (row) => `${row.host}:${String(row.port)}` },
    { name: 'collectors.format', show: (row) => row.format },
  ], // prettier-ignore
  facts: (row) => [
    [t('collectors.host'), `${row.host}:${String(row.port)}`],
    [t('collectors.format'), row.format],
    [t('collectors.kinds'), row.kinds.join(', ') || t('value.any')],
    [t('policy.from'), exactly(row.createdAt)],
  ],
  acts: [
    {
      label: 'collectors.test',
      permission: 'siem.change',
      run: async (row) => {
        await call('POST', `/collectors/${encodeURIComponent(row.name)}/test`);
        return { text: t('collectors.tested') };
      },
    },
    {
      label: 'webhooks.pause',
      permission: 'siem.change',
      fits: (row) => row.state === 'on',
      run: async (row) => {
        await call('PATCH', `/collectors/${encodeURIComponent(row.name)}`, { body: { state: 'off' } });
      },
    },
    {
      label: 'webhooks.resume',
      permission: 'siem.change',
      fits: (row) => row.state !== 'on',
      run: async (row) => {
        await call('PATCH', `/collectors/${encodeURIComponent(row.name)}`, { body: { state: 'on' } });
      },
    },
    {
      label: 'action.delete',
      permission: 'siem.change',
      look: 'bad',
      warning: 'collectors.deleteText',
      run: async (row) => {
        await call('DELETE', `/collectors/${encodeURIComponent(row.name)}`);
        return { go: '/collectors' };
      },
    },
  ],
  making: {
    label: 'collectors.new',
    permission: 'siem.change',
    fields: () => [
      { name: 'name', label: 'people.name', needed: true },
      { name: 'host', label: 'collectors.host', needed: true },
      { name: 'port', label: 'collectors.port', kind: 'number', begin: '6514', least: 1, most: 65535, needed: true },
      { name: 'format', label: 'collectors.format', kind: 'choice', options: ['rfc5424', 'cef', 'json'] },
      { name: 'kinds', label: 'collectors.kinds', kind: 'lines', hint: 'webhooks.typesHint' },
      { name: 'authority', label: 'collectors.authority', kind: 'long', hint: 'collectors.authorityHint' },
    ],
    run: async (values) => {
      const body = {
        name: text(values, 'name'),
        host: text(values, 'host'),
        port: Number(values.port),
        format: text(values, 'format'),
        kinds: lines(values, 'kinds'),
        authority: text(values, 'authority'),
      };
      await call('POST', '/collectors', { body });
    },
  },
};

const plannedTone = (row: PlannedChange): Tone => (row.error ? 'bad' : row.appliedAt ? 'ok' : 'warn');

export const planned: Resource<PlannedChange> = {
  id: 'planned',
  text: 'planned.text',
  empty: 'planned.empty',
  path: '/planned-changes',
  key: (row) => row.id,
  title: (row) => `${known(`planned.${row.kind}`)} · ${accountName(row.accountId)}`,
  columns: [
    { name: 'appointments.who', show: (row) => accountName(row.accountId) },
    { name: 'planned.what', show: (row) => known(`planned.${row.kind}`), kind: 'wide' },
    { name: 'changes.applyAt', show: (row) => when(row.effectiveAt), kind: 'time' },
    { name: 'people.state', show: (row) => known(`plannedState.${row.state}`), tone: plannedTone },
  ],
  facts: (row) => [
    [t('planned.what'), known(`planned.${row.kind}`)],
    [t('people.address'), row.login],
    [t('changes.applyAt'), exactly(row.effectiveAt)],
    [t('people.state'), known(`plannedState.${row.state}`)],
    [t('records.actor'), actorName(row.actor)],
    [t('jobs.error'), row.error],
  ],
  acts: [
    {
      label: 'planned.cancel',
      permission: 'account.change',
      fits: (row) => !row.appliedAt && !row.error,
      run: async (row) => {
        await call('DELETE', `/planned-changes/${row.id}`);
        return { go: '/planned' };
      },
    },
  ],
};
