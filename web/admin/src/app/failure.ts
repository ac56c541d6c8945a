/** What went wrong, for people: what our catalogue knows of the server's reasons; its English only for English readers. */
import { ApiError } from '../api/client.ts';
import type { ImportOperation, Task } from '../api/types.ts';
import { type AdminKey, has, known, language, t } from './language.svelte.ts';

/** The labels of a form's fields, by the names that the API has for them. */
export type Labels = Readonly<Partial<Record<string, AdminKey>>>;

export function failureText(error: unknown, labels: Labels = {}): string {
  if (!(error instanceof ApiError)) return t('error.broken');
  if (error.code === 'unreachable') return t('error.unreachable');
  if (error.status === 412 && !error.reasons.length) return t('error.changed');
  return reasonsTold(error, labels) || titleTold(error);
}

/** Why a line of an import did not go as it was asked; '' where it did, or waits. */
export function lineFailure(line: ImportOperation): string {
  if (!line.detail) return '';
  const key = [`importDetail.${line.detail}`, `jobError.${line.detail}`].find(has);
  return reasonsTold(line) || (key ? known(key) : withEnglish(t('importDetail.other'), line.detail));
}

/** Why work failed that was begun here, in the same words; '' for work that did not. */
export function workFailure(task: Task): string {
  if (!task.error) return '';
  return reasonsTold(task) || withEnglish(known(`jobError.${task.error}`), task.detail);
}

/** All reasons in words; empty when one has none, for half of the reasons would be taken for all. */
function reasonsTold(error: Pick<ApiError, 'reasons' | 'facts'>, labels: Labels = {}): string {
  const keys = error.reasons.map((one) => `refusal.${one}`);
  if (!keys.length) return '';
  const facts = { ...error.facts, ...fieldNamed(error, labels) };
  return keys.every(has) ? keys.map((key) => t(key, facts)).join(' ') : '';
}

/** A field is told by its label on the screen: its name in the API is a word of programs. */
function fieldNamed({ facts: { field } }: Pick<ApiError, 'facts'>, labels: Labels): { field?: string } {
  return field === undefined ? {} : { field: t(labels[field] ?? 'error.value') };
}

function titleTold(error: ApiError): string {
  return withEnglish(error.message || t('error.broken'), error.detail);
}

function withEnglish(title: string, detail: string): string {
  const told = language() === 'en' ? detail : '';
  return told && told !== title ? `${title} ${told}` : title;
}
