import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { MethodFailure, RequestFailure } from '@smartmail/jmap/errors.ts';

/** What to tell a person about a failure; its code goes behind "자세히". */
export function failureKey(error: unknown): MessageKey {
  if (!(error instanceof RequestFailure)) return 'error.refused';
  if (error.kind === 'offline') return 'error.offline';
  if (error.kind === 'busy') return 'error.busy';
  return error.kind === 'broken' ? 'error.broken' : 'error.refused';
}

/** A short code by which those who help know what failed: never a sentence in another language. */
export function failureCode(error: unknown): string {
  if (error instanceof RequestFailure) return error.status ? `HTTP ${error.status}` : error.kind;
  if (error instanceof MethodFailure) return error.type;
  return error instanceof Error ? error.name : 'unknown';
}
