/** Sending by JMAP: what is asked for one letter, and what its answer tells (RFC 8621 §7). */
import type { Args, SetResult } from './methods.ts';
import type { Id, UtcDate } from './types.ts';

/** A mail that shall not leave at once (RFC 4865): after `hold` seconds, or at the moment `until`. */
export interface SendWish {
  from: string;
  to: string[];
  hold?: number;
  until?: string;
  /** Where it lies until then; without, among what was sent. */
  file?: Id;
  /** Unless somebody has answered by then, it comes up in the inbox. */
  answerBy?: UtcDate;
}

export interface Submitted {
  emailId: Id;
  submissionId: Id;
  /** It waits for this before it leaves. */
  approval?: WaitsFor | null;
}

/** The approval that a letter waits for. */
export interface WaitsFor {
  /** The name of the approval line; empty: the administrators decide. */
  line: string;
  /** The names of those who decide now. */
  approvers: string[];
  reasons: { kind: 'label' | 'lowered' | 'limit' | 'rule'; text: string }[];
  /** It leaves at once, and they decide then. */
  afterwards: boolean;
}

export function submission(
  emailId: Id,
  identityId: Id,
  drafts: Id,
  sent: Id,
  wish?: SendWish,
): Args<'EmailSubmission/set'> {
  const filed = {
    [`mailboxIds/${drafts}`]: null,
    [`mailboxIds/${wish?.file ?? sent}`]: true,
    'keywords/$draft': null,
    'keywords/$seen': true,
  };
  const envelope = wish && {
    mailFrom: { email: wish.from, parameters: wish.until ? { HOLDUNTIL: wish.until } : { HOLDFOR: String(wish.hold) } },
    rcptTo: wish.to.map((email) => ({ email })),
  };
  return {
    // The composer asked already, where the guard is on.
    create: { sending: { identityId, emailId, recipientsChecked: true, ...(envelope ? { envelope } : {}) } },
    onSuccessUpdateEmail: { '#sending': filed },
  };
}

export function submittedIn({ created }: SetResult): Omit<Submitted, 'emailId'> {
  const approval = (created?.sending?.approval ?? null) as WaitsFor | null;
  return { submissionId: created?.sending?.id ?? '', ...(approval ? { approval } : {}) };
}
