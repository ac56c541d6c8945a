/**
 * "답장 중": while an answer to a team's mail is being written, the server holds a lease for it that is renewed, and ended
 * with the window. A browser that dies renews nothing: the lease runs out by itself.
 */
import type { Account } from '@smartmail/jmap/account.ts';
import type { SetResult } from '@smartmail/jmap/methods.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import type { DraftStart } from '../app/draft-start.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { recordsIn } from '../app/records.svelte.ts';
import { team } from './team.svelte.ts';

export interface Presence {
  id: Id;
  emailId: Id;
  principalId: Id;
  name: string;
}

/** Two in each lease of 30 s: one may be lost. */
const RENEW_MS = 12_000;
/** Leases that ran out are told to nobody: while somebody is shown, they are asked for again. */
const LOOK_MS = 10_000;

interface Lease {
  account: Account;
  emailId: Id;
  id: Id | null;
  over: boolean;
  /** What it would warn of stands on the screen already. */
  quiet: boolean;
  timer: ReturnType<typeof setInterval>;
}

const leases = new Map<number, Lease>();

/** A window in which a letter is written. */
interface Window {
  readonly key: number;
  readonly answers: NonNullable<DraftStart['answers']> | null;
}

/** Called with the windows that are open now. */
export function announce(drafts: readonly Window[]): void {
  for (const draft of drafts) {
    const { answers } = draft;
    if (answers && answers.keyword === '$answered' && !leases.has(draft.key)) begin(draft.key, answers);
  }
  for (const key of leases.keys()) if (!drafts.some((draft) => draft.key === key)) end(key);
}

function begin(key: number, { id, accountId }: { id: Id; accountId?: Id | null }): void {
  const own = team.worksOn(connection.account?.emails.get(id)?.mailboxIds ?? {}, false) ? connection.account : null;
  const account = accountId ? connection.other(accountId) : own;
  if (account) leases.set(key, leaseFor(account, id));
}

function leaseFor(account: Account, emailId: Id, quiet = false): Lease {
  const lease: Lease = {
    account,
    emailId,
    id: null,
    over: false,
    quiet,
    timer: setInterval(() => void hold(lease), RENEW_MS),
  };
  void hold(lease);
  return lease;
}

/** Says that a draft of a team is open in a window here; returns the function that ends it. */
export function hasOpen(account: Account, emailId: Id): () => void {
  const lease = leaseFor(account, emailId, true);
  return () => finish(lease);
}

async function hold(lease: Lease): Promise<void> {
  try {
    const create = { new: { emailId: lease.emailId } };
    const result = await lease.account.pipeline.send<SetResult>('Presence/set', { create }).result;
    const made = result.created?.new as { id: Id; others?: Presence[] } | undefined;
    // Pressed within the same moment: whoever was second is told, wherever they look.
    if (lease.id === null && made && !lease.over && !lease.quiet) warn(made.others ?? []);
    lease.id = made?.id ?? null;
    if (lease.over) await drop(lease);
  } catch (error) {
    // Only a word to colleagues: the answer itself is not in danger.
    connection.failed(error);
  }
}

function warn(others: readonly Presence[]): void {
  const names = others.map((one) => one.name || team.nameOf(one.principalId)).join(', ');
  if (names) notices.show(t('team.replying', { names }), { tone: 'bad' });
}

function end(key: number): void {
  const lease = leases.get(key);
  if (!lease) return;
  leases.delete(key);
  finish(lease);
}

function finish(lease: Lease): void {
  clearInterval(lease.timer);
  lease.over = true;
  void drop(lease).catch((error: unknown) => connection.failed(error));
}

async function drop(lease: Lease): Promise<void> {
  if (lease.id === null) return;
  await lease.account.pipeline.send<SetResult>('Presence/set', { destroy: [lease.id] }).result;
}

/** Who else is answering a message of the mail on the screen. */
export function replyingTo(emailIds: readonly Id[]): Presence[] {
  return openIn(connection.mail, emailIds);
}

/** The same in any account. */
export function openIn(account: Account | null, emailIds: readonly (Id | null | undefined)[]): Presence[] {
  return recordsIn<Presence>(account, 'Presence').filter((one) => emailIds.includes(one.emailId));
}

/** Keeps looking while somebody is shown; returns the function that ends it. */
export function keepLooking(account: Account): () => void {
  const records = account.records<Presence>('Presence');
  const timer = setInterval(() => void records.refresh().catch((error: unknown) => connection.failed(error)), LOOK_MS);
  return () => clearInterval(timer);
}
