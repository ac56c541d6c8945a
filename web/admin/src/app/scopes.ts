/** Scopes as people say them: `department:1:Sales` → 부서 Sales. */
import { t } from './language.svelte.ts';
import { accountName, groupName } from './names.svelte.ts';

export const LEVELS = ['system', 'organization', 'domain', 'department', 'group', 'account'] as const;
export type Level = (typeof LEVELS)[number];

export function levelOf(scope: string): Level {
  return LEVELS.find((level) => scope === level || scope.startsWith(`${level}:`)) ?? 'system';
}

export function subjectOf(scope: string): string {
  const at = scope.indexOf(':');
  return at < 0 ? '' : scope.slice(at + 1);
}

export function scopeWords(scope: string): string {
  const level = levelOf(scope);
  const subject = subjectOf(scope);
  const word = t(`level.${level}`);
  if (level === 'system' || level === 'organization') return word;
  if (level === 'account') return accountName(subject);
  const name = level === 'group' ? groupName(subject) : subject.slice(subject.lastIndexOf(':') + 1);
  return `${word} ${name}`;
}
