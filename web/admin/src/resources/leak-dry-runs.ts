/** Dry runs of leak rules (모의 적용): what rules would have done with the mail of the last days. Nothing follows for it. */
import type { LeakDryRun } from '../api/types.ts';
import { type Field, text } from '../app/forms.ts';
import { t } from '../app/language.svelte.ts';
import { leakRules } from '../app/names.svelte.ts';
import type { Resource } from '../app/resource.ts';
import { count, exactly, when } from '../app/show.ts';
import { rows } from '../screens/leaks/condition.ts';
import { begin, MOST_DAYS, stateTone, stateWords, triedWords, USUAL_DAYS } from '../screens/leaks/dry-run.ts';

const ruleName = (id: string): string => leakRules.rows.find((one) => one.id === id)?.name ?? id;

/** Rules that only log may be tried as if they acted, those that act as if they had ended. */
function fields(): Field[] {
  const of = (stage: string): string[] => leakRules.rows.filter((one) => one.stage === stage).map((one) => one.id);
  const [log, on] = [of('log'), of('on')];
  return [
    { name: 'days', label: 'dryRun.days', kind: 'number', needed: true, begin: String(USUAL_DAYS), least: 1, most: MOST_DAYS, hint: 'dryRun.daysHint' },
    ...(log.length > 0 ? [{ name: 'on', label: 'dryRun.on', kind: 'choices', options: log, word: ruleName, hint: 'dryRun.onHint' } as Field] : []),
    ...(on.length > 0 ? [{ name: 'end', label: 'dryRun.end', kind: 'choices', options: on, word: ruleName, hint: 'dryRun.endHint' } as Field] : []),
  ]; // prettier-ignore
}

export const leakDryRuns: Resource<LeakDryRun> = {
  id: 'leakDryRuns',
  text: 'dryRun.text',
  empty: 'dryRun.empty',
  path: '/leak-dry-runs',
  key: (row) => row.id,
  title: (row) => t('dryRun.title', { at: exactly(row.createdAt) }),
  columns: [
    { name: 'dryRun.at', show: (row) => when(row.createdAt), kind: 'time' },
    { name: 'people.state', show: stateWords, tone: stateTone, kind: 'wide' },
    { name: 'dryRun.rules', show: (row) => triedWords(row).join(', ') },
    { name: 'dryRun.judged', show: (row) => count(row.judged), kind: 'number' },
    { name: 'dryRun.newlyStopped', show: (row) => count(row.newlyStopped), kind: 'number' },
    { name: 'dryRun.noLongerStopped', show: (row) => count(row.noLongerStopped), kind: 'number' },
  ],
  making: {
    label: 'dryRun.new',
    permission: 'leak.change',
    text: 'dryRun.help',
    fields,
    run: async (values) => {
      const asked = { days: Number(text(values, 'days')), on: rows(values, 'on'), end: rows(values, 'end') };
      return { text: t('dryRun.begun'), go: `/leakDryRuns/${(await begin(asked)).id}` };
    },
  },
  more: () => import('../details/LeakDryRunMore.svelte'),
};
