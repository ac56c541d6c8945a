/** What went wrong, for people: what our catalogue knows of the server's reasons; its English only for English readers. */
import { ApiError } from '../api/client.ts';
import { type AdminKey, has, language, t } from './language.svelte.ts';

/** The labels of a form's fields, by the names that the API has for them. */
export type Labels = Readonly<Partial<Record<string, AdminKey>>>;

export function failureText(error: unknown, labels: Labels = {}): string {
  if (!(error instanceof ApiError)) return t('error.broken');
  if (error.code === 'unreachable') return t('error.unreachable');
  if (error.status === 412 && !error.reasons.length) return t('error.changed');
  return reasonsTold(error, labels) || titleTold(error);
}

/** All reasons in words; empty when one has none, for half of the reasons would be taken for all. */
function reasonsTold(error: ApiError, labels: Labels): string {
  const keys = error.reasons.map((one) => `refusal.${one}`);
  const facts = { ...error.facts, ...fieldNamed(error, labels) };
  return keys.every(has) ? keys.map((key) => t(key, facts)).join(' ') : '';
}

/** A field is told by its label on the screen: its name in the API is a word of programs. */
function fieldNamed(error: ApiError, labels: Labels): { field?: string } {
  const { field } = error.facts;
  return field === undefined ? {} : { field: t(labels[field] ?? 'error.value') };
}

function titleTold(error: ApiError): string {
  const title = error.message || t('error.broken');
  const told = language() === 'en' ? error.detail : '';
  return told && told !== title ? `${title} ${told}` : title;
}
