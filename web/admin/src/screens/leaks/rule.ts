/** The form of a leak rule besides its condition: its fields, and the rule that was given. Pure but for words. */
import type { LeakRule, LeakRuleCreate } from '../../api/types.ts';
import { type Field, filled, flag, local, moment, text, type Values } from '../../app/forms.ts';
import { known, t } from '../../app/language.svelte.ts';
import { EXITS, rows, type Tree } from './condition.ts';

/** As they are offered, the mildest first. */
export const ACTIONS = [
  'log', 'copy', 'review', 'warn', 'mask', 'encrypt', 'strip', 'link', 'secure', 'delay', 'approve', 'block', 'pass',
] as const; // prettier-ignore

const valueOf = (row: LeakRule | null, kind: string): string =>
  row?.actions.find((one) => one.startsWith(`${kind}:`))?.slice(kind.length + 1) ?? '';
const time = (given: string | null | undefined): string => (given ? local(new Date(given)) : '');

/** Whom it is for: said above the condition. A rule that is changed keeps its scope. */
export const whomFields = (row: LeakRule | null, home: string): Field[] => [
  { name: 'name', label: 'leak.name', needed: true, begin: row?.name ?? '', hint: 'leak.nameHint' },
  ...(row ? [] : [{ name: 'scope', label: 'policy.scope', kind: 'scope', begin: home } as Field]),
  { name: 'direction', label: 'leak.direction', kind: 'choice', options: ['out', 'internal'], begin: row?.direction ?? 'out', word: (one) => known(`leakDirection.${one}`), hint: 'leak.directionHint' },
]; // prettier-ignore

/** What it does: said below the condition; `lines` are the approval lines there are. */
export function doingFields(row: LeakRule | null, values: Values, lines: readonly string[]): Field[] {
  const chosen = rows(values, 'actions');
  const kinds = row?.actions.map((one) => one.split(':')[0] ?? '') ?? ['log'];
  const line = valueOf(row, 'approve');
  const review = valueOf(row, 'review');
  const offered = (one: string): string[] => ['', ...lines, ...(one && !lines.includes(one) ? [one] : [])];
  // Attachments are not encrypted yet, such mail is held: only a rule that says so already shows it.
  const options = ACTIONS.filter((one) => one !== 'encrypt' || kinds.includes(one));
  const all: Field[] = [
    { name: 'actions', label: 'leak.actions', kind: 'choices', needed: true, options, begin: kinds, word: (one) => known(`leakAct.${one}`), hint: 'leak.actionsHint' },
    { name: 'line', label: 'leak.line', kind: 'choice', options: offered(line), begin: line, word: (one) => one || t('leak.noLine'), hint: 'leak.lineHint' },
    { name: 'reviewLine', label: 'leak.reviewLine', kind: 'choice', options: offered(review), begin: review, word: (one) => one || t('leak.noLine'), hint: 'leak.reviewLineHint' },
    { name: 'minutes', label: 'leak.minutes', kind: 'number', needed: true, begin: valueOf(row, 'delay') || '5', least: 1, most: 1440, hint: 'leak.minutesHint' },
    { name: 'copy', label: 'leak.copy', kind: 'email', needed: true, begin: valueOf(row, 'copy'), hint: 'leak.copyHint' },
    { name: 'message', label: 'leak.message', kind: 'long', begin: row?.message ?? '', hint: 'leak.messageHint' },
  ]; // prettier-ignore
  const wants: Partial<Record<string, string>> = {
    line: 'approve',
    reviewLine: 'review',
    minutes: 'delay',
    copy: 'copy',
  };
  return all.filter(({ name }) => wants[name] === undefined || chosen.includes(wants[name] ?? ''));
}

/** What most rules leave as it is. */
export const moreFields = (row: LeakRule | null): Field[] => [
  { name: 'exits', label: 'leak.exits', kind: 'choices', options: EXITS, begin: row?.exits ?? [], word: (one) => known(`leakExit.${one}`), hint: 'leak.exitsHint' },
  { name: 'priority', label: 'leak.priority', kind: 'number', needed: true, begin: String(row?.priority ?? 100), least: 0, most: 10_000, hint: 'leak.priorityHint' },
  { name: 'locked', label: 'policy.lock', kind: 'flag', begin: row?.locked ?? false, hint: 'leak.lockHint' },
  { name: 'from', label: 'policy.from', kind: 'moment', begin: time(row?.validFrom) },
  { name: 'until', label: 'policy.until', kind: 'moment', begin: time(row?.validUntil), hint: 'leak.untilHint' },
]; // prettier-ignore

/** Whether it only logs, and why: said last. */
export const lastFields = (row: LeakRule | null): Field[] => [
  { name: 'stage', label: 'leak.stage', kind: 'choice', options: ['log', 'on'], begin: row?.stage ?? 'log', word: (one) => known(`leakStage.${one}`), hint: 'leak.stageHint' },
  { name: 'reason', label: 'form.reason', hint: 'access.reasonHint' },
]; // prettier-ignore

function actionsOf(values: Values): string[] {
  const value: Partial<Record<string, string>> = {
    approve: 'line',
    review: 'reviewLine',
    delay: 'minutes',
    copy: 'copy',
  };
  return rows(values, 'actions').map((kind) => {
    const given = text(values, value[kind] ?? '');
    return given ? `${kind}:${given}` : kind;
  });
}

/** What was given, as the API has it; `row`: the rule in whose place, which says what the form does not. */
export function ruleOf(row: LeakRule | null, values: Values, condition: Tree): LeakRuleCreate {
  return {
    ...filled({
      validFrom: moment(values, 'from'),
      validUntil: moment(values, 'until'),
      authority: row?.authority ?? null,
    }),
    name: text(values, 'name'),
    scope: row?.scope ?? text(values, 'scope'),
    condition,
    actions: actionsOf(values),
    direction: text(values, 'direction'),
    exits: rows(values, 'exits'),
    priority: Number(text(values, 'priority')),
    stage: text(values, 'stage'),
    message: text(values, 'message'),
    locked: flag(values, 'locked'),
  } as LeakRuleCreate;
}

/** A rule that there is, as it would be given again. */
export const againOf = (row: LeakRule, stage: string): LeakRuleCreate =>
  ({
    ...filled({ validFrom: row.validFrom, validUntil: row.validUntil, authority: row.authority }),
    name: row.name, scope: row.scope, condition: row.condition, actions: row.actions, direction: row.direction,
    exits: row.exits, priority: row.priority, stage, message: row.message, locked: row.locked,
  }) as LeakRuleCreate; // prettier-ignore
