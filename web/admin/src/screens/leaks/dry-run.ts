/** A dry run of leak rules (모의 적용) in words, and what is asked for one. */
import { call } from '../../api/client.ts';
import type { LeakDryRun, LeakDryRunStart } from '../../api/types.ts';
import { known, t } from '../../app/language.svelte.ts';
import type { Act, Tone } from '../../app/resource.ts';
import { count, exactly } from '../../app/show.ts';
import { actionWords } from './words.ts';

export const MOST_DAYS = 92;
export const USUAL_DAYS = 7;
/** All of the machine's time is mail's first: an officer who waits gets half of it. */
const SHARE = 50;
const TONES: Partial<Record<string, Tone>> = { waiting: 'quiet', running: 'warn', done: 'ok', failed: 'bad' };

export const running = (run: Pick<LeakDryRun, 'state'>): boolean => ['waiting', 'running'].includes(run.state);
export const stateWords = (run: LeakDryRun): string =>
  known(`jobState.${run.state}`) +
  (running(run) && run.total > 0 ? ` ${String(Math.floor((run.done / run.total) * 100))}%` : '');
export const stateTone = (run: LeakDryRun): Tone => TONES[run.state] ?? 'quiet';

/** A rule may end before its dry run begins. */
export const failedWords = (run: LeakDryRun): string =>
  run.error === 'not_found' ? t('dryRun.ruleGone') : known(`jobError.${run.error}`);

/** What was tried: each rule with what would become of it; the rules as they are where none was named. */
export const triedWords = (run: LeakDryRun): string[] =>
  run.tried.length > 0
    ? run.tried.map((one) => t('dryRun.tried', { name: one.name, change: known(`dryRunChange.${one.change}`) }))
    : run.since === null
      ? []
      : [t('dryRun.asTheyAre')];

/** Of which rules and which mail it is. */
export const askedWords = (run: LeakDryRun): [string, string][] => [
  [t('dryRun.rules'), triedWords(run).join('\n')],
  [t('dryRun.span'), run.since === null ? '' : `${exactly(run.since)} – ${exactly(run.until)}`],
];

/** An action as it is counted: its kind, `none` for mail that leaves as it is. */
export const countedWords = (action: string): string => (action === 'none' ? t('leak.passes') : actionWords(action));

/** Counts of two lists side by side, the most frequent first. */
export function sideBySide(
  run: Pick<LeakDryRun, 'before' | 'after'>,
): { name: string; before: number; after: number }[] {
  const of = (rows: LeakDryRun['before'], name: string): number => rows.find((one) => one.name === name)?.messages ?? 0;
  const names = [...new Set([...run.before, ...run.after].map((one) => one.name))];
  return names
    .map((name) => ({ name, before: of(run.before, name), after: of(run.after, name) }))
    .toSorted((a, b) => b.after - a.after || b.before - a.before || a.name.localeCompare(b.name));
}

/** What became of it, in figures. */
export const figures = (run: LeakDryRun): [string, string][] => [
  [t('dryRun.judged'), count(run.judged)],
  [t('dryRun.newlyStopped'), count(run.newlyStopped)],
  [t('dryRun.noLongerStopped'), count(run.noLongerStopped)],
  [t('dryRun.changed'), count(run.changed)],
];

export async function begin(asked: LeakDryRunStart): Promise<LeakDryRun> {
  return (await call<LeakDryRun>('POST', '/leak-dry-runs', { body: { ...asked, share: SHARE } })).value;
}

/** Ends it; what it has counted stays. */
export const stopping: Act<LeakDryRun> = {
  label: 'dryRun.stop',
  permission: 'leak.change',
  fits: (run) => running(run) && !run.cancelling,
  run: async (run) => {
    await call('POST', `/leak-dry-runs/${run.id}/stop`);
    return { text: t('dryRun.stopped') };
  },
};
