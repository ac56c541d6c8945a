/** 승인메일: what waits for this person's decision, what they decided, and what their own mail waits for. */
import type { GetResult, SetError, SetResult } from '@smartmail/jmap/methods.ts';
import type { Id, UtcDate } from '@smartmail/jmap/types.ts';
import { approvalCounts } from '../app/approvals.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Caution } from '../people/caution.ts';

export type ApprovalState = 'waiting' | 'held' | 'approved' | 'rejected' | 'expired' | 'withdrawn' | 'released';
export type ApprovalActName =
  | 'ask'
  | 'find'
  | 'miss'
  | 'approve'
  | 'reject'
  | 'escalate'
  | 'expire'
  | 'pass'
  | 'keep'
  | 'withdraw'
  | 'release'
  | 'refuse';

export interface ApprovalAct {
  act: ApprovalActName;
  at: UtcDate;
  step: number;
  name: string;
  inRightOf: string | null;
  comment: string;
  system: string;
  document: string;
}

export interface Approval {
  id: Id;
  /** By which links in notices name it. */
  heldId: Id;
  kind: 'list' | 'limit' | 'leak' | 'label' | 'misdelivery';
  state: ApprovalState;
  line: string;
  /** From 0, of `steps`. */
  step: number;
  steps: number;
  approvers: string[];
  sender: string;
  subject: string;
  reason: string;
  recipients: number;
  size: number;
  findings: string[];
  /** A lower security label that the sender asks for, by names. */
  lowered: { from: string; to: string; reason: string } | null;
  /** Why its sender shall look at the recipients; told to the sender alone. */
  doubts: Caution[];
  /** It waits for that. */
  asksSender: boolean;
  /** People outside get it as secure mail (보안메일). */
  isSecure: boolean;
  askedAt: UtcDate;
  expiresAt: UtcDate;
  decidedAt: UtcDate | null;
  /** It was sent, and is looked at afterwards. */
  afterwards: boolean;
  /** This person's own mail that was sent and that a reviewer objected to, where it may be recalled. */
  emailId: Id | null;
  escalated: boolean;
  isMine: boolean;
  mayDecide: boolean;
  inRightOf: string[];
  digest: string;
  history: ApprovalAct[];
}

export interface HeldLetter {
  text: string;
  isTruncated: boolean;
  recipients: string[];
  files: { name: string; type: string; size: number }[];
}

export const isOpen = (one: Approval): boolean => one.state === 'waiting' || one.state === 'held';
export const mayWithdraw = (one: Approval): boolean => one.isMine && isOpen(one) && !one.afterwards;

export type Box = 'decide' | 'done' | 'sent';

/** In which of the three lists it stands; one's own mail that one decides on, where the line sends first, waits for the decision. */
export const boxOf = (one: Approval): Box => (one.mayDecide ? 'decide' : one.isMine ? 'sent' : 'done');

class ApprovalBook {
  /** Null until the server has answered. */
  list = $state.raw<readonly Approval[] | null>(null);
  #turn = 0;

  /** Call in an effect: asks now and when mail has come, for a notice tells of each question. */
  follow(): (() => void) | undefined {
    void this.load();
    return connection.account?.onChange('Email', () => void this.load());
  }

  async load(): Promise<void> {
    const turn = (this.#turn += 1);
    try {
      const told = await connection.account?.pipeline.send<GetResult<Approval>>('MailApproval/get', { ids: null })
        .result;
      if (!told || turn !== this.#turn) return;
      this.list = told.list;
      approvalCounts.toDecide = told.list.filter(({ mayDecide }) => mayDecide).length;
      approvalCounts.concerns ||= told.list.length > 0;
    } catch (error) {
      connection.failed(error);
    }
  }

  /** Each with the message and the step that were on the screen. Returns how many went through, and how many were refused. */
  async decide(
    ones: readonly Approval[],
    state: 'approved' | 'rejected',
    comment: string,
  ): Promise<{ done: number; refused: number }> {
    const update = Object.fromEntries(
      ones.map(({ id, digest, step }) => [id, { state, comment, digest, step }] as const),
    );
    const refused = Object.keys((await this.#set(update)) ?? {}).length;
    return { done: ones.length - refused, refused };
  }

  /** One's own mail goes on to all, or to all but some. Says whether it was in time. */
  async confirm({ id, digest, step }: Approval, without: readonly string[]): Promise<boolean> {
    return (await this.#set({ [id]: { state: 'approved', digest, step, without } })) === null;
  }

  /** Says whether it was in time. */
  async withdraw(one: Approval): Promise<boolean> {
    return (await this.#set({ [one.id]: { state: 'withdrawn' } })) === null;
  }

  /** The held letter; every look is recorded by the server, so only an open one asks. */
  async read(id: Id): Promise<HeldLetter | undefined> {
    return connection.account?.pipeline.send<HeldLetter>('MailApproval/read', { id }).result;
  }

  async #set(update: Record<Id, object>): Promise<Record<Id, SetError> | null> {
    try {
      const answer = await connection.account?.pipeline.send<SetResult>('MailApproval/set', { update }).result;
      const refused = answer?.notUpdated ?? null;
      return refused && Object.keys(refused).length > 0 ? refused : null;
    } finally {
      await this.load();
    }
  }
}

export const approvals = new ApprovalBook();
