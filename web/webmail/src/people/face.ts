/** What kind of face stands beside a mail: one of us, somebody outside, a machine. Pure. */
import type { Email } from '@smartmail/jmap/types.ts';

export type Kind = 'ours' | 'outside' | 'machine';

const MACHINE =
  /^(no-?reply|do-?not-?reply|mailer-daemon|postmaster|notifications?|alerts?|bounces?|system)([+._-]|@)/i;

/** `inside`: what the directory says of the address in From, which is believed only of mail from inside. */
export function kindOf(email: Pick<Email, 'from' | 'inspection'>, inside: boolean): Kind {
  const address = email.from?.[0]?.email ?? '';
  if (MACHINE.test(address)) return 'machine';
  return email.inspection === null || (email.inspection === undefined && inside) ? 'ours' : 'outside';
}
