/** The form of one rule of the policy: its fields, and the rule that was given. Used by an item and by the basket. */
import type { PolicyRuleCreate } from '../api/types.ts';
import { type Field, filled, flag, local, moment, text, type Values } from './forms.ts';
import { type Knob, valueField, valueOf } from './knobs.ts';
import { t } from './language.svelte.ts';
import { choiceWords } from './values.ts';

export interface Begin {
  scope: string;
  value: unknown;
  locked?: boolean | undefined;
  /** As a field has them. */
  from?: string;
  until?: string;
}

export function ruleFields(knob: Knob, begin: Begin): Field[] {
  const word = (value: string): string =>
    value === 'true' || value === 'false'
      ? t(value === 'true' ? 'value.on' : 'value.off')
      : choiceWords(knob.name, value, knob);
  return [
    { name: 'scope', label: 'policy.scope', kind: 'scope', options: knob.levels, begin: begin.scope },
    valueField(knob, begin.value, word),
    { name: 'locked', label: 'policy.lock', kind: 'flag', hint: 'policy.lockHint', begin: begin.locked ?? false },
    { name: 'from', label: 'policy.from', kind: 'moment', hint: 'policy.fromHint', begin: begin.from ?? '' },
    { name: 'until', label: 'policy.until', kind: 'moment', hint: 'policy.untilHint', begin: begin.until ?? '' },
  ];
}

/** A beginning and an end make an exception; a beginning alone is a change that is set on that day. */
export const isException = (values: Values): boolean => text(values, 'until') !== '';

export function ruleOf(knob: Knob, values: Values): PolicyRuleCreate {
  return {
    ...(isException(values) ? filled({ validFrom: moment(values, 'from'), validUntil: moment(values, 'until') }) : {}),
    knob: knob.name,
    scope: text(values, 'scope'),
    value: valueOf(knob, values),
    locked: flag(values, 'locked'),
  };
}

/** What a form of a rule that was already given begins with; `from`: when the whole basket begins. */
export function beginOf(rule: PolicyRuleCreate, from: string): Begin {
  const field = (time: string | null | undefined): string => (time ? local(new Date(time)) : '');
  return {
    scope: rule.scope ?? 'system',
    value: rule.value,
    locked: rule.locked,
    from: rule.validUntil ? field(rule.validFrom) : from,
    until: field(rule.validUntil),
  };
}
