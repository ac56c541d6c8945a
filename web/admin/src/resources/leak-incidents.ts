/** Letters that matched a leak rule (유출 탐지 내역): which, why, and what an officer made of them. Values are masked. */
import { call, file, type Query } from '../api/client.ts';
import type { LeakIncident } from '../api/types.ts';
import { type Field, filled, moment, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { accountId, actorName, leakRules } from '../app/names.svelte.ts';
import type { Act, Resource, Tone } from '../app/resource.ts';
import { save } from '../app/save.ts';
import { count, exactly, when } from '../app/show.ts';
import { EXITS } from '../screens/leaks/condition.ts';
import { ACTIONS } from '../screens/leaks/rule.ts';
import { actionWords } from '../screens/leaks/words.ts';
import { excepting } from './leak-exceptions.ts';

const STATES = ['open', 'reviewed', 'false_positive'] as const;
const UNREAD = '0';
const TONES: Partial<Record<string, Tone>> = { open: 'warn', reviewed: 'ok' };
const ruleWords = (row: LeakIncident): string => (row.ruleId === UNREAD ? t('leak.unread') : row.rule);
const ruleName = (id: string): string =>
  id === UNREAD ? t('leak.unread') : (leakRules.rows.find((one) => one.id === id)?.name ?? id);
const or = (word: (one: string) => string) => (one: string) => (one ? word(one) : t('value.any'));

const filters = (): Field[] => [
  { name: 'since', label: 'records.since', kind: 'moment' },
  { name: 'until', label: 'policy.until', kind: 'moment' },
  { name: 'rule', label: 'incident.rule', kind: 'choice', options: ['', ...leakRules.rows.map((one) => one.id), UNREAD], word: or(ruleName), hint: 'incident.ruleHint' },
  { name: 'person', label: 'queue.sender', kind: 'person' },
  { name: 'exit', label: 'leak.exit', kind: 'choice', options: ['', ...EXITS], word: or((one) => known(`leakExit.${one}`)), hint: 'incident.exitHint' },
  { name: 'action', label: 'incident.action', kind: 'choice', options: ['', ...ACTIONS.filter((one) => one !== 'pass'), 'object'], word: or(actionWords), hint: 'incident.actionHint' },
  { name: 'state', label: 'people.state', kind: 'choice', options: ['', ...STATES], word: or((one) => known(`incidentState.${one}`)) },
]; // prettier-ignore

/** The filters of the page as the API has them. Raises ApiError for a person that there is not. */
async function marksOf(values: Values): Promise<Query> {
  const given = Object.fromEntries(['rule', 'exit', 'action', 'state'].map((name) => [name, text(values, name)]));
  const person = text(values, 'person');
  return filled({
    ...given,
    account: person ? await accountId(person) : '',
    since: moment(values, 'since'),
    until: moment(values, 'until'),
  }) as Query;
}

const review = (state: (typeof STATES)[number], label: Act<LeakIncident>['label']): Act<LeakIncident> => ({
  label,
  permission: 'leak.change',
  look: state === 'reviewed' ? 'filled' : 'outline',
  fits: (row) => row.state !== state,
  run: async (row) => {
    await call('POST', `/leak-incidents/${row.id}/review`, { body: { state } });
  },
});

export const leakIncidents: Resource<LeakIncident> = {
  id: 'leakIncidents',
  text: 'incident.text',
  empty: 'incident.empty',
  path: '/leak-incidents',
  key: (row) => row.id,
  title: ruleWords,
  one: (row) => `/leak-incidents/${row.id}`,
  columns: [
    { name: 'trace.at', show: (row) => when(row.at), kind: 'time' },
    { name: 'incident.rule', show: ruleWords, kind: 'wide' },
    { name: 'queue.sender', show: (row) => row.login },
    { name: 'queue.recipients', show: (row) => row.recipients.join(', ') },
    { name: 'leak.exit', show: (row) => known(`leakExit.${row.exit}`) },
    { name: 'incident.action', show: (row) => actionWords(row.action) },
    { name: 'leak.findings', show: (row) => count(row.findings.length), kind: 'number' },
    { name: 'people.state', show: (row) => known(`incidentState.${row.state}`), tone: (row) => TONES[row.state] ?? 'quiet' },
  ], // prettier-ignore
  facts: (row) => [
    [t('trace.at'), exactly(row.at)],
    [t('queue.sender'), row.sender && row.sender !== row.login ? `${row.login} (${row.sender})` : row.login],
    [t('queue.recipients'), row.recipients.join('\n')],
    [t('trace.subject'), row.subject],
    [t('incident.files'), row.files.join('\n')],
    [t('leak.exit'), known(`leakExit.${row.exit}`)],
    [t('incident.action'), actionWords(row.action)],
    [t('incident.comment'), row.comment],
    [t('people.state'), known(`incidentState.${row.state}`)],
    [t('incident.reviewer'), row.reviewedBy ? actorName(row.reviewedBy) : ''],
  ],
  filters,
  query: marksOf,
  whole: [
    {
      label: 'incident.export',
      permission: 'leak.read',
      fields: () => [
        { name: 'reason', label: 'form.reason', kind: 'long', needed: true, least: 10, hint: 'incident.exportHint' },
      ],
      run: async (asked, values) => {
        save(await file('/leak-incidents/export', { ...(await marksOf(asked)), reason: text(values, 'reason') }));
      },
    },
  ],
  acts: [
    review('reviewed', 'incident.reviewed'),
    review('false_positive', 'incident.falsePositive'),
    excepting,
    review('open', 'incident.reopen'),
  ],
  more: () => import('../details/LeakIncidentMore.svelte'),
};
