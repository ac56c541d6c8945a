/** What went wrong, for people: what our catalogue knows of the server's reasons; its English only for English readers. */
import { ApiError } from '../api/client.ts';
import { has, language, t } from './language.svelte.ts';

export function failureText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.broken');
  if (error.code === 'unreachable') return t('error.unreachable');
  if (error.status === 412 && !error.reasons.length) return t('error.changed');
  return reasonsTold(error) || titleTold(error);
}

/** All reasons in words; empty when one has none, for half of the reasons would be taken for all. */
function reasonsTold(error: ApiError): string {
  const keys = error.reasons.map((one) => `refusal.${one}`);
  return keys.every(has) ? keys.map((key) => t(key, error.facts)).join(' ') : '';
}

function titleTold(error: ApiError): string {
  const title = error.message || t('error.broken');
  const told = language() === 'en' ? error.detail : '';
  return told && told !== title ? `${title} ${told}` : title;
}
