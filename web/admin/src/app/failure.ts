/** What went wrong, for people: the server's words where it said some, ours where it did not answer. */
import { ApiError } from '../api/client.ts';
import { t } from './language.svelte.ts';

export function failureText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.broken');
  if (error.code === 'unreachable') return t('error.unreachable');
  if (error.status === 412) return t('error.changed');
  const title = error.message || t('error.broken');
  return error.detail && error.detail !== title ? `${title} ${error.detail}` : title;
}
