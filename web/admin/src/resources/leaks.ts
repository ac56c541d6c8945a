/** Leak prevention (내부정보유출방지): its rules in their order, how they were before, and letters that matched. */
import { call } from '../api/client.ts';
import type { LeakRevision, LeakRule, OperationOutcome } from '../api/types.ts';
import { type Field, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { actorName } from '../app/names.svelte.ts';
import type { Act, Outcome, Resource, Tone } from '../app/resource.ts';
import { scopeWords } from '../app/scopes.ts';
import { session } from '../app/session.svelte.ts';
import { count, exactly, when } from '../app/show.ts';
import type { Tree } from '../screens/leaks/condition.ts';
import { againOf } from '../screens/leaks/rule.ts';
import { actionWords, conditionLines } from '../screens/leaks/words.ts';
import { outcome } from './organization.ts';
import { actionWords as recordWords } from './record-words.ts';

const byOrder = (a: LeakRule, b: LeakRule): number => a.priority - b.priority || Number(a.id) - Number(b.id);
const over = (row: LeakRule): boolean =>
  (row.validUntil !== null && Date.parse(row.validUntil) < Date.now()) ||
  (row.validFrom !== null && Date.parse(row.validFrom) > Date.now());
const stateOf = (row: LeakRule): string => (over(row) ? 'off' : row.stage);
const stateTone = (row: LeakRule): Tone => (({ on: 'ok', log: 'warn' }) as const)[stateOf(row) as 'on'] ?? 'quiet';
const does = (row: LeakRule): string => row.actions.map(actionWords).join(', ');
const looksFor = (row: LeakRule): string[] => conditionLines(row.condition as Tree);
const span = (row: LeakRule): string =>
  (row.validFrom ?? row.validUntil) ? `${exactly(row.validFrom)} – ${exactly(row.validUntil)}` : t('policy.always');

export const ruleFacts = (row: LeakRule): [string, string][] => [
  [t('policy.scope'), scopeWords(row.scope)],
  [t('leak.direction'), known(`leakDirection.${row.direction}`)],
  [t('leak.condition'), looksFor(row).join('\n')],
  [t('leak.does'), does(row)],
  [t('leak.exits'), row.exits.map((one) => known(`leakExit.${one}`)).join(', ') || t('leak.allExits')],
  [t('leak.message'), row.message || t('leak.noMessage')],
  [t('leak.priority'), count(row.priority)],
  [t('policy.locked'), t(row.locked ? 'value.on' : 'value.off')],
  [t('policy.period'), span(row)],
];

const reason: Field = { name: 'reason', label: 'form.reason', hint: 'access.reasonHint' };
const done = (told: OperationOutcome): Awaited<Outcome> => (told.waits ? outcome(told) : { go: '/leakRules' });

function turning(stage: 'on' | 'log'): Act<LeakRule> {
  return {
    label: stage === 'on' ? 'leak.turnOn' : 'leak.turnLog',
    permission: 'leak.change',
    look: stage === 'on' ? 'filled' : 'outline',
    warning: stage === 'on' ? 'leak.turnOnText' : 'leak.turnLogText',
    fits: (row) => row.stage !== stage,
    fields: () => [reason],
    run: async (row, values) => {
      const body = { ...againOf(row, stage), reason: text(values, 'reason') };
      return done((await call<OperationOutcome>('POST', `/leak-rules/${row.id}/propose-change`, { body })).value);
    },
  };
}

export const leakRules: Resource<LeakRule> = {
  id: 'leakRules',
  text: 'leak.rulesText',
  empty: 'leak.rulesEmpty',
  path: '/leak-rules',
  key: (row) => row.id,
  title: (row) => row.name,
  arrange: (rows) => rows.toSorted(byOrder),
  columns: [
    { name: 'leak.name', show: (row) => row.name },
    { name: 'people.state', show: (row) => known(`leakStage.${stateOf(row)}`), tone: stateTone, kind: 'wide' },
    { name: 'leak.condition', show: (row) => looksFor(row).join(' ') },
    { name: 'leak.does', show: does },
    { name: 'policy.scope', show: (row) => scopeWords(row.scope) },
    { name: 'leak.priority', show: (row) => count(row.priority), kind: 'number' },
  ],
  facts: ruleFacts,
  acts: [
    turning('on'),
    turning('log'),
    {
      label: 'leak.end',
      permission: 'leak.change',
      look: 'bad',
      warning: 'leak.endText',
      fields: () => [reason],
      run: async (row, values) => {
        const body = { reason: text(values, 'reason') };
        return done((await call<OperationOutcome>('POST', `/leak-rules/${row.id}/propose-end`, { body })).value);
      },
    },
  ],
  making: {
    label: 'leak.new',
    permission: 'leak.change',
    fields: () => [],
    run: () => Promise.resolve(),
    form: () => import('../screens/leaks/NewRule.svelte'),
  },
  more: () => import('../details/LeakRuleMore.svelte'),
};

const ruleLine = (row: LeakRule): string => `${row.name} · ${known(`leakStage.${row.stage}`)}`;

export const leakHistory: Resource<LeakRevision> = {
  id: 'leakHistory',
  text: 'leak.historyText',
  empty: 'policy.empty',
  path: '/leak-rules/revisions',
  key: (row) => String(row.epoch),
  title: (row) => t('history.number', { number: String(row.epoch) }),
  columns: [
    { name: 'history.epoch', show: (row) => String(row.epoch), kind: 'number' },
    { name: 'records.action', show: (row) => recordWords(row.action), kind: 'wide' },
    { name: 'trace.at', show: (row) => when(row.at), kind: 'time' },
    { name: 'records.actor', show: (row) => actorName(row.actor) },
  ],
  facts: (row) => [
    [t('trace.at'), exactly(row.at)],
    [t('records.actor'), actorName(row.actor)],
    [t('records.action'), recordWords(row.action)],
    [t('history.begun'), row.begun.map(ruleLine).join('\n')],
    [t('history.ended'), row.ended.map(ruleLine).join('\n')],
  ],
  acts: [
    {
      label: 'history.return',
      permission: 'policy.change',
      look: 'bad',
      // Who governs a company alone returns its knobs, not its leak rules.
      fits: () => session.overall,
      warning: 'leak.returnText',
      fields: () => [{ name: 'reason', label: 'form.reason', needed: true }],
      run: async (row: LeakRevision, values: Values) => {
        await call('POST', '/policy/rollback', { body: { epoch: row.epoch }, reason: text(values, 'reason') });
        return { go: '/leakRules' };
      },
    },
  ],
  more: () => import('../details/LeakRulesThen.svelte'),
};
