/** From a question of the server and an opened certificate to the answer: all that leaves the page. */
import type { CertificateAnswer, CertificateQuestion } from '@smartmail/jmap/certificate.ts';
import { RequestFailure } from '@smartmail/jmap/errors.ts';
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Opened } from './choosing.ts';
import { identityProof } from './identity.ts';
import { toBase64 } from './octets.ts';
import { payload, sign } from './proof.ts';

/** The page's own reason why it does not even ask. */
export class CannotAnswer extends Error {
  constructor(readonly key: MessageKey) {
    super(key);
  }
}

/** Compares the number with the certificate's; the proof alone goes out, R and the number stay. */
export async function proveIdentity(opened: Opened, idNumber: string): Promise<string> {
  const { vid } = opened.certificate;
  if (!vid || !opened.key.random) throw new CannotAnswer('certificate.idMissing');
  const proof = await identityProof(vid, idNumber, opened.key.random);
  if (!proof) throw new CannotAnswer('certificate.idWrong');
  return toBase64(proof);
}

export async function answerOf(
  question: CertificateQuestion,
  opened: Opened,
  identity: string,
): Promise<CertificateAnswer> {
  // Signed is what the server asked for, at the place that this page was loaded from.
  const line = payload({ ...question, origin: location.origin });
  const cms = await sign(line, opened.certificate, opened.others, opened.key, question.time * 1000);
  return { cms: toBase64(cms), ...(identity && { identity }) };
}

const REFUSALS: Record<string, MessageKey> = {
  expired: 'certificateRefused.expired',
  not_yet_valid: 'certificateRefused.not_yet_valid',
  unknown_root: 'certificateRefused.unknown_root',
  chain_weak: 'certificateRefused.chain',
  chain_expired: 'certificateRefused.chain',
  not_authority: 'certificateRefused.chain',
  key_usage: 'certificateRefused.key_usage',
  policy: 'certificateRefused.policy',
  revoked: 'certificateRefused.revoked',
  revocation_unknown: 'certificateRefused.revocation_unknown',
  not_bound: 'certificateRefused.not_bound',
  renewal_waits: 'certificateRefused.renewal_waits',
  identity: 'certificateRefused.identity',
};

/** What to tell a person about an answer that the server refused. */
export function refusalKey(error: unknown): MessageKey {
  if (error instanceof CannotAnswer) return error.key;
  if (!(error instanceof RequestFailure)) return 'error.broken';
  if (error.kind === 'busy') return 'signIn.busy';
  if (error.kind === 'offline') return 'error.offline';
  return REFUSALS[error.problem.reason ?? ''] ?? 'certificateRefused.other';
}
