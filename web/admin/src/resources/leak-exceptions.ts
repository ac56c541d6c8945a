/** False positives (오탐 예외): values that a leak rule does not count until a date; made of an incident, ended here. */
import { call } from '../api/client.ts';
import type { LeakException, LeakIncident, OperationOutcome } from '../api/types.ts';
import { type Field, filled, local, moment, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { actorName } from '../app/names.svelte.ts';
import type { Act, Resource, Tone } from '../app/resource.ts';
import { exactly, when } from '../app/show.ts';
import { rows } from '../screens/leaks/condition.ts';
import { detectorWords, placeWords } from '../screens/leaks/words.ts';
import { outcome } from './organization.ts';

const USUAL_DAYS = 90;
const UNREAD = '0';
const TONES: Partial<Record<string, Tone>> = { active: 'warn' };

const stateOf = (row: LeakException): string =>
  row.endedAt !== null ? 'ended' : Date.parse(row.until) <= Date.now() ? 'over' : 'active';
const valueOf = (row: LeakException): string => `${detectorWords(row.detector)} ${row.masked}`;
const ending = (row: LeakException): [string, string][] =>
  row.endedAt === null
    ? []
    : [
        [t('exception.endedAt'), exactly(row.endedAt)],
        [t('exception.endedBy'), actorName(row.endedBy)],
      ];
const later = (days: number): string => local(new Date(Date.now() + days * 86_400_000));

export const leakExceptions: Resource<LeakException> = {
  id: 'leakExceptions',
  text: 'exception.text',
  empty: 'exception.empty',
  path: '/leak-exceptions',
  key: (row) => row.id,
  title: (row) => row.rule,
  columns: [
    { name: 'incident.rule', show: (row) => row.rule },
    { name: 'people.state', show: (row) => known(`exceptionState.${stateOf(row)}`), tone: (row) => TONES[stateOf(row)] ?? 'quiet', kind: 'wide' },
    { name: 'exception.value', show: valueOf },
    { name: 'exception.by', show: (row) => actorName(row.by) },
    { name: 'exception.at', show: (row) => when(row.at), kind: 'time' },
    { name: 'policy.until', show: (row) => exactly(row.until), kind: 'time' },
  ], // prettier-ignore
  facts: (row) => [
    [t('people.state'), known(`exceptionState.${stateOf(row)}`)],
    [t('exception.value'), valueOf(row)],
    [t('form.reason'), row.comment],
    [t('exception.by'), actorName(row.by)],
    [t('exception.at'), exactly(row.at)],
    [t('policy.until'), exactly(row.until)],
    ...ending(row),
  ],
  acts: [
    {
      label: 'exception.incident',
      run: (row) => Promise.resolve({ text: '', go: `/leakIncidents/${row.incidentId}` }),
    },
    {
      label: 'exception.end',
      permission: 'leak.change',
      look: 'bad',
      warning: 'exception.endText',
      fits: (row) => stateOf(row) === 'active',
      run: async (row) => {
        await call('DELETE', `/leak-exceptions/${row.id}`);
      },
    },
  ],
};

const matched = (row: LeakIncident): { ruleId: string; name: string }[] =>
  row.rules.filter((one) => one.outcome === 'matched');

/** Which values, for which rule where several matched, until when, and why. */
function exceptFields(row: LeakIncident): Field[] {
  const found = row.findings.map((one) => `${detectorWords(one.detector)} ${one.masked} · ${placeWords(one.place)}`);
  const all = found.map((_, at) => String(at));
  const rules = matched(row);
  const named = (id: string): string => rules.find((one) => one.ruleId === id)?.name ?? id;
  const rule: Field = { name: 'rule', label: 'incident.rule', kind: 'choice', options: rules.map((one) => one.ruleId), begin: row.ruleId, word: named, hint: 'exception.ruleHint' }; // prettier-ignore
  return [
    { name: 'findings', label: 'exception.values', kind: 'choices', needed: true, options: all, begin: all, word: (at) => found[Number(at)] ?? at, hint: 'exception.valuesHint' },
    ...(rules.length > 1 ? [rule] : []),
    { name: 'until', label: 'policy.until', kind: 'moment', needed: true, begin: later(USUAL_DAYS), hint: 'exception.untilHint' },
    { name: 'reason', label: 'form.reason', kind: 'long', needed: true, least: 10, hint: 'exception.reasonHint' },
  ]; // prettier-ignore
}

const exceptionOf = (values: Values): object => ({
  ...filled({ rule: text(values, 'rule') }),
  findings: rows(values, 'findings').map(Number),
  until: moment(values, 'until'),
  reason: text(values, 'reason'),
});

/** Of an incident: a false positive, and its values are to be excepted. */
export const excepting: Act<LeakIncident> = {
  label: 'exception.make',
  permission: 'leak.change',
  warning: 'exception.makeText',
  fits: (row) => row.ruleId !== UNREAD && row.findings.length > 0,
  fields: exceptFields,
  run: async (row, values) => {
    const path = `/leak-incidents/${row.id}/propose-except`;
    const told = (await call<OperationOutcome>('POST', path, { body: exceptionOf(values) })).value;
    return told.waits ? outcome(told) : { text: t('exception.made') };
  },
};
