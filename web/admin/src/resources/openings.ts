/** Originals that two persons open. */
import { call } from '../api/client.ts';
import type { ContentAccess, OperationOutcome } from '../api/types.ts';
import { text } from '../app/forms.ts';
import { t } from '../app/language.svelte.ts';
import { accountId, actorName } from '../app/names.svelte.ts';
import type { Resource } from '../app/resource.ts';
import { exactly, when } from '../app/show.ts';

export const openings: Resource<ContentAccess> = {
  id: 'openings',
  text: 'openings.text',
  empty: 'openings.empty',
  path: '/content-accesses',
  key: (row) => row.id,
  title: (row) => row.address,
  columns: [
    { name: 'openings.whose', show: (row) => row.address, kind: 'wide' },
    { name: 'people.state', show: (row) => t(row.isOpen ? 'openings.open' : 'openings.over'), tone: (row) => (row.isOpen ? 'warn' : 'quiet') },
    { name: 'openings.by', show: (row) => actorName(row.proposedBy) },
    { name: 'openings.with', show: (row) => actorName(row.confirmedBy) },
    { name: 'openings.until', show: (row) => when(row.until), kind: 'time' },
  ], // prettier-ignore
  facts: (row) => [
    [t('openings.whose'), row.address],
    [t('form.reason'), row.reason],
    [t('openings.by'), actorName(row.proposedBy)],
    [t('openings.with'), actorName(row.confirmedBy)],
    [t('openings.begun'), exactly(row.begunAt)],
    [t('openings.until'), exactly(row.until)],
  ],
  acts: [
    {
      label: 'openings.end',
      permission: 'message.open',
      fits: (row) => row.isOpen,
      run: async (row) => {
        await call('POST', `/content-accesses/${row.id}/end`);
      },
    },
  ],
  making: {
    label: 'openings.new',
    permission: 'message.open',
    text: 'openings.newText',
    fields: () => [
      { name: 'person', label: 'openings.whose', kind: 'person', needed: true },
      { name: 'minutes', label: 'openings.minutes', kind: 'number', needed: true, begin: '60', least: 5, most: 10_080, hint: 'openings.minutesHint' },
      { name: 'reason', label: 'form.reason', needed: true, least: 10, hint: 'records.reasonHint' },
    ],
    run: async (values) => {
      const body = { minutes: Number(text(values, 'minutes')), reason: text(values, 'reason') };
      await call<OperationOutcome>('POST', `/accounts/${await accountId(text(values, 'person'))}/content-access`, { body });
      return { text: t('openings.asked') };
    },
  }, // prettier-ignore
  more: () => import('../details/Originals.svelte'),
};
