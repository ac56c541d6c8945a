/** Investigations: for a while a person is not shown who looked into their mail; two others agree on it. */
import { call } from '../api/client.ts';
import type { Investigation } from '../api/types.ts';
import { local, moment, text } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { accountId, accountName, actorName } from '../app/names.svelte.ts';
import type { Resource, Tone } from '../app/resource.ts';
import { session } from '../app/session.svelte.ts';
import { exactly, when } from '../app/show.ts';

type Standing = 'waits' | 'runs' | 'over';
/** What an investigation is now: proposed, in force, or past. */
export function standing(row: Pick<Investigation, 'confirmedAt' | 'until'>, now: number): Standing {
  if (Date.parse(row.until) <= now) return 'over';
  return row.confirmedAt ? 'runs' : 'waits';
}
const TONES: Record<Standing, Tone> = { waits: 'warn', runs: 'ok', over: 'quiet' };
const now = (row: Investigation): Standing => standing(row, Date.now());

export const investigations: Resource<Investigation> = {
  id: 'investigations',
  text: 'investigations.text',
  empty: 'investigations.empty',
  path: '/investigations',
  key: (row) => row.id,
  title: (row) => accountName(row.accountId),
  columns: [
    { name: 'investigations.whom', show: (row) => accountName(row.accountId) },
    { name: 'people.state', show: (row) => known(`investigation.${now(row)}`), kind: 'wide', tone: (row) => TONES[now(row)] },
    { name: 'proposals.author', show: (row) => actorName(row.proposedBy) },
    { name: 'policy.until', show: (row) => when(row.until), kind: 'time' },
  ], // prettier-ignore
  facts: (row) => [
    [t('form.reason'), row.reason],
    [t('proposals.author'), actorName(row.proposedBy)],
    [t('openings.with'), row.confirmedAt ? `${actorName(row.confirmedBy)} · ${exactly(row.confirmedAt)}` : ''],
    [t('policy.from'), exactly(row.since)],
    [t('policy.until'), exactly(row.until)],
  ],
  acts: [
    {
      label: 'proposals.confirm',
      permission: 'investigation.run',
      look: 'filled',
      warning: 'investigations.confirmText',
      fits: (row) => now(row) === 'waits' && !session.did(row.proposedBy),
      run: async (row) => {
        await call('POST', `/investigations/${row.id}/confirm`);
      },
    },
  ],
  making: {
    label: 'investigations.new',
    permission: 'investigation.run',
    text: 'investigations.newText',
    fields: () => [
      { name: 'person', label: 'investigations.whom', kind: 'person', needed: true },
      { name: 'until', label: 'policy.until', kind: 'moment', needed: true, begin: local(new Date(Date.now() + 30 * 86_400_000)) },
      { name: 'reason', label: 'form.reason', needed: true, least: 10, hint: 'records.reasonHint' },
    ], // prettier-ignore
    run: async (values) => {
      const body = {
        accountId: await accountId(text(values, 'person')),
        until: moment(values, 'until'),
        reason: text(values, 'reason'),
      };
      await call('POST', '/investigations', { body });
      return { text: t('openings.asked') };
    },
  },
};
