import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { RequestFailure } from '@smartmail/jmap/errors.ts';

/** What to tell a person about a failure; codes and server words go behind "자세히". */
export function failureKey(error: unknown): MessageKey {
  if (!(error instanceof RequestFailure)) return 'error.refused';
  if (error.kind === 'offline') return 'error.offline';
  if (error.kind === 'busy') return 'error.busy';
  return error.kind === 'broken' ? 'error.broken' : 'error.refused';
}

export function failureDetail(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
