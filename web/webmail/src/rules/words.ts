/** A rule's conditions in one line of words. */
import { t } from '../app/language.svelte.ts';
import { countryName } from '../app/countries.ts';
import { type Condition, isGroup, type Match, type Rule } from './rule.ts';

export function describeTests(rule: Rule): string {
  const parts = rule.tests.map((test) =>
    isGroup(test) ? `(${joined(test.match, test.conditions.map(conditionWords))})` : conditionWords(test),
  );
  return joined(rule.match, parts);
}

function joined(match: Match, parts: string[]): string {
  return parts.join(t(match === 'all' ? 'rules.and' : 'rules.or'));
}

function conditionWords(one: Condition): string {
  const field = one.field === 'header' ? (one.header ?? '') : t(`ruleField.${one.field}`);
  const value = one.field === 'country' ? countryName(one.value) : one.value;
  return [field, value && `‘${value}’`, t(`ruleOp.${one.op}`)].filter(Boolean).join(' ');
}
