/** Which other rule keeps one from counting, wholly or in a part: as the server decides (policy/deciding.py). Pure. */
import type { PolicyRule } from '../api/types.ts';
import { levelOf, LEVELS, subjectOf } from './scopes.ts';

export interface Shadow {
  by: PolicyRule;
  /** A lock above voids it, an exception stands before it, or who lies in a narrower scope lives by that one. */
  how: 'lock' | 'exception' | 'narrower';
}

const rank = (scope: string): number => LEVELS.indexOf(levelOf(scope));
const authority = (rule: PolicyRule): number => rank(rule.authority ?? rule.scope);
const isDated = (rule: PolicyRule): boolean => rule.validUntil !== null;
const same = (one: PolicyRule, other: PolicyRule): boolean => JSON.stringify(one.value) === JSON.stringify(other.value);

export function inForce(rule: PolicyRule, now: number): boolean {
  const begun = rule.validFrom === null || Date.parse(rule.validFrom) <= now;
  return begun && (rule.validUntil === null || now < Date.parse(rule.validUntil));
}

/** The company that a scope names, '' where it names none. */
function company(scope: string): string {
  const level = levelOf(scope);
  return level === 'organization' || level === 'department' ? (subjectOf(scope).split(':')[0] ?? '') : '';
}

/** Whether somebody may lie in both. */
function meet(one: string, other: string): boolean {
  if (one === other) return true;
  if (rank(one) === rank(other)) return false;
  return company(one) === '' || company(other) === '' || company(one) === company(other);
}

/** What shadows a rule among the rules of its item, what shadows it wholly first. */
export function shadowsOf(rule: PolicyRule, rules: readonly PolicyRule[], now: number = Date.now()): Shadow[] {
  const others = rules.filter((one) => one !== rule && one.knob === rule.knob && inForce(one, now));
  const near = others.filter((one) => meet(one.scope, rule.scope));
  const locks = near.filter((one) => one.locked && rank(one.scope) < authority(rule));
  if (locks.length > 0) return [{ by: locks.reduce((a, b) => (rank(b.scope) < rank(a.scope) ? b : a)), how: 'lock' }];
  const ceiling = Math.min(LEVELS.length, ...[rule, ...near].filter((one) => one.locked).map((one) => rank(one.scope)));
  const counting = near.filter((one) => !same(one, rule) && authority(one) <= ceiling);
  const exceptions = counting.filter((one) => isDated(one) && !isDated(rule) && rank(one.scope) <= rank(rule.scope));
  const narrower = counting.filter((one) => rank(one.scope) > rank(rule.scope) && (isDated(one) || !isDated(rule)));
  return [
    ...exceptions.map((by): Shadow => ({ by, how: 'exception' })),
    ...narrower.map((by): Shadow => ({ by, how: 'narrower' })),
  ];
}
