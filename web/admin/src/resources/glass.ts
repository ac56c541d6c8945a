/** Break-glass access: what is open, what was, opened for somebody and closed. */
import { call } from '../api/client.ts';
import type { BreakGlassAccess } from '../api/types.ts';
import { text } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { accountId, actorName } from '../app/names.svelte.ts';
import type { Resource } from '../app/resource.ts';
import { session } from '../app/session.svelte.ts';
import { exactly, when } from '../app/show.ts';

const isOpen = (row: BreakGlassAccess): boolean => row.state === 'open';

export const glass: Resource<BreakGlassAccess> = {
  id: 'glass',
  text: 'glass.text',
  empty: 'glass.empty',
  path: '/break-glass',
  key: (row) => row.id,
  title: (row) => row.address,
  columns: [
    { name: 'glass.whom', show: (row) => row.address, kind: 'wide' },
    { name: 'people.state', show: (row) => known(`glass.${row.state}`), tone: (row) => (isOpen(row) ? 'bad' : 'quiet') },
    { name: 'glass.by', show: (row) => actorName(row.openedBy) },
    { name: 'policy.from', show: (row) => when(row.openedAt), kind: 'time' },
    { name: 'policy.until', show: (row) => when(row.endsAt), kind: 'time' },
  ], // prettier-ignore
  facts: (row) => [
    [t('people.state'), known(`glass.${row.state}`)],
    [t('glass.by'), actorName(row.openedBy)],
    [t('glass.door'), known(`door.${row.door}`)],
    [t('glass.from'), row.fromAddress ?? ''],
    [t('policy.from'), exactly(row.openedAt)],
    [t('policy.until'), exactly(row.endsAt)],
    [t('form.reason'), row.reason ?? ''],
  ],
  acts: [
    {
      label: 'glass.close',
      permission: 'access.change',
      look: 'bad',
      warning: 'glass.closeText',
      fits: (row) => isOpen(row) && row.accountId !== session.me.accountId,
      run: async (row) => {
        await call('DELETE', `/accounts/${row.accountId}/break-glass`);
        return { go: '/glass' };
      },
    },
  ],
  making: {
    label: 'glass.new',
    permission: 'access.change',
    text: 'glass.newText',
    fields: () => [
      { name: 'person', label: 'glass.whom', kind: 'person', needed: true },
      { name: 'minutes', label: 'glass.minutes', kind: 'number', needed: true, begin: '60', hint: 'glass.minutesHint' },
      { name: 'reason', label: 'form.reason', needed: true, hint: 'glass.reasonHint' },
    ], // prettier-ignore
    run: async (values) => {
      await call('POST', `/accounts/${await accountId(text(values, 'person'))}/break-glass`, {
        body: { minutes: Number(text(values, 'minutes')), reason: text(values, 'reason') },
      });
    },
  },
};
