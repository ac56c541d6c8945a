/** Words and bounds of the database's care. Pure. */
import type { MaintenanceSchedule, Database } from '../../api/types.ts';
import type { Field } from '../../app/forms.ts';
import { known, t } from '../../app/language.svelte.ts';
import { octets } from '../../app/show.ts';

const MONTH_MS = 31 * 86_400_000;
/** Octets a second that a rewrite goes at on an ordinary disk: said as "about". */
const PACE = 40_000_000;
const WORDS = {
  check: 'database.check', optimise: 'database.optimise', 'give-back': 'database.giveBack', rewrite: 'database.rewrite',
} as const; // prettier-ignore

export const actWord = (act: string): string => t(WORDS[act as 'check'] ?? 'database.check');

/** Whether one can rely on it, as the newest check says. */
export function standing(database: Database, now: number = Date.now()): 'damaged' | 'unchecked' | 'sound' {
  const check = database.done.find((one) => one.act === 'check');
  if (check && check.troubles > 0) return 'damaged';
  return check?.good && now - Date.parse(check.at) < MONTH_MS ? 'sound' : 'unchecked';
}

export const disk = (database: Database): string =>
  database.disk === null ? t('database.elsewhere') : octets(database.disk);

export function rewriteText(database: Database): string {
  const minutes = Math.max(1, Math.ceil((2 * (database.octets - database.spare)) / PACE / 60));
  return t('database.rewriteText', {
    minutes: String(minutes),
    needed: octets(database.needed),
    free: disk(database),
  });
}

export function schedule(plan: MaintenanceSchedule): string {
  if (plan.weekday < 0) return t('database.byHand');
  const acts = [
    plan.check && t('database.check'),
    plan.optimise && t('database.optimise'),
    plan.giveBack && t('database.giveBack'),
  ].filter(Boolean);
  return t('database.weekly', {
    day: known(`weekday.${plan.weekday}`),
    hour: `${String(plan.hour).padStart(2, '0')}:00 UTC`,
    acts: acts.join(', '),
  });
}

export const planFields = (plan: MaintenanceSchedule): readonly Field[] => [
  {
    name: 'weekday',
    label: 'database.weekday',
    kind: 'choice',
    begin: String(plan.weekday),
    options: ['-1', '0', '1', '2', '3', '4', '5', '6'],
    word: (one) => (one === '-1' ? t('database.byHand') : known(`weekday.${one}`)),
    hint: 'database.weekdayHint',
  },
  { name: 'hour', label: 'database.hour', kind: 'number', needed: true, begin: String(plan.hour), least: 0, most: 23, hint: 'database.hourHint' },
  { name: 'check', label: 'database.doCheck', kind: 'flag', begin: plan.check, hint: 'database.doCheckHint' },
  { name: 'optimise', label: 'database.doOptimise', kind: 'flag', begin: plan.optimise, hint: 'database.doOptimiseHint' },
  { name: 'giveBack', label: 'database.doGiveBack', kind: 'flag', begin: plan.giveBack, hint: 'database.planText' },
]; // prettier-ignore
