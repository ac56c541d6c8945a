import { t } from '../app/language.svelte.ts';

const PROBLEMS = ['encrypted', 'locked', 'damaged', 'limits', 'unsupported', 'crashed'] as const;

/** What is missing of a file, in words; '' for nothing. */
export function problemOf(found: { problem?: string | null; complete?: boolean }): string {
  const problem = PROBLEMS.find((each) => each === found.problem);
  if (problem) return t(`preview.problem.${problem}`);
  return found.complete === false ? t('preview.problem.limits') : '';
}
