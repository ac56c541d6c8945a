/** What to tell a person about a refused proof. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { RequestFailure } from '@smartmail/jmap/errors.ts';
import { failureKey } from '../app/failure-text.ts';

const REASONS: Record<string, MessageKey> = {
  wrong: 'proof.wrong',
  replayed: 'proof.replayed',
  ended: 'proof.ended',
  structure: 'proof.wrong',
  unknown: 'proof.unknown',
};

export function proofKey(error: unknown): MessageKey {
  if (error instanceof DOMException) return 'proof.cancelled';
  if (!(error instanceof RequestFailure)) return 'error.broken';
  if (error.kind === 'busy') return 'signIn.busy';
  if (error.kind === 'signed-out') return REASONS[error.problem.reason ?? ''] ?? 'proof.ended';
  return error.status === 403 ? 'proof.refused' : failureKey(error);
}

/** Whether the server asks for a fresh proof first. */
export function wantsProof(error: unknown): boolean {
  return error instanceof RequestFailure && error.problem.title === 'proof_needed';
}
