/** The open composers, and what happens when one is sent, kept or thrown away. */
import { isAddress } from '@smartmail/jmap/addresses.ts';
import { emailObject } from '@smartmail/jmap/compose.ts';
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import type { Submitted, WaitsFor } from '@smartmail/jmap/submitting.ts';
import type { EmailAddress, Id } from '@smartmail/jmap/types.ts';
import { apart, goesApart, onceEach } from './apart.ts';
import { fieldsOf } from './merging.ts';
import { mailboxFor, wishOf } from './planning.ts';
import { book } from '../people/book.svelte.ts';
import { waitingNotice } from './awaiting-approval.ts';
import { fileObstacle } from './file-destination.ts';
import { connection } from '../app/connection.svelte.ts';
import { device } from '../app/device.svelte.ts';
import type { DraftStart } from '../app/draft-start.ts';
import { Draft, type Obstacle } from './draft.svelte.ts';
import { longDate } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { lazyAction } from '../app/lazy-action.ts';
import { notices, type Offer } from '../app/notices.svelte.ts';
import { mailboxByRole } from '../app/records.svelte.ts';
import { screen } from '../app/screen.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import { windows } from '../app/windows.svelte.ts';

/** More windows than this only hide each other. */
const MOST_OPEN = 3;

class Composing {
  #drafts = $state.raw<Draft[]>([]);

  get drafts(): Draft[] {
    return this.#drafts;
  }
  set drafts(drafts: Draft[]) {
    windows.drafts = this.#drafts = drafts;
  }

  open(start: Partial<DraftStart> = {}): Draft {
    const same = this.drafts.find((draft) => start.draftId != null && draft.draftId === start.draftId);
    if (same) {
      same.size = 'docked';
      return same;
    }
    const draft = new Draft({ writing: settings.writing, ...start });
    if (screen.phone) draft.size = 'full';
    for (const other of this.drafts) if (other.size !== 'minimised') other.size = 'minimised';
    const kept = this.drafts.slice(-(MOST_OPEN - 1));
    for (const old of this.drafts) if (!kept.includes(old)) void this.#settle(old);
    this.drafts = [...kept, draft];
    return draft;
  }

  /** Why a draft cannot be sent yet; null when it can. */
  obstacle(draft: Draft): Obstacle | null {
    if (draft.options.memo) return filesIn(draft);
    if (draft.team?.obstacle) return { text: draft.team.obstacle };
    if (draft.recipients.length === 0) return { text: t('compose.noRecipient'), at: 'to' };
    for (const at of ['to', 'cc', 'bcc'] as const) {
      const wrong = draft[at].find((address) => !isAddress(address.email));
      if (wrong) return { text: t('compose.invalidRecipient', { address: wrong.email }), at };
    }
    return filesIn(draft);
  }

  /** The window closes at once; it comes back with every word when the sending fails. */
  async send(draft: Draft, until: Date | null = null): Promise<void> {
    const { account } = connection;
    const identity = draft.identity;
    const drafts = mailboxByRole('drafts');
    const sent = mailboxByRole('sent');
    if (!account || !identity || !drafts || !sent) return;
    this.#remove(draft);
    if (draft.team && !(await this.#claimed(draft))) return;
    if (draft.options.memo) return this.#keepMemo(draft);
    if (goesApart(draft)) return this.#sendEach(draft, until);
    const notice = notices.show(t('notice.sending'), { stays: true });
    try {
      await knowing(draft);
      await draft.close();
      await draft.fixLinks(draft.recipients);
      const wish = await wishOf(draft, until);
      const letter = {
        email: { ...emailObject(draft.letter(), drafts.id), messageId: [draft.sendsAs(identity.email)] },
        identityId: identity.id,
        drafts: drafts.id,
        sent: sent.id,
        replaces: draft.draftId,
        ...(wish ? { wish } : {}),
      };
      let made: Submitted | null = null;
      const outcome = await device.send(
        letter,
        (sent) => (made = sent),
        (stored) => (draft.draftId = stored),
      );
      draft.linked?.left(true);
      if (outcome === 'waits')
        notices.show(t('notice.waits'), { undo: () => void this.#takeBack(draft), back: 'notice.unsend' });
      else if (made) this.#sent(draft, made, until, wish?.hold ?? 0);
      else notices.show(t('notice.sent'));
      book.learn(draft.recipients);
      this.#markAnswered(draft);
    } catch (error) {
      connection.failed(error);
      void this.#refused(draft, error, until);
    } finally {
      notices.close(notice);
    }
  }

  /** Whoever only looked into a team's draft leaves it as it is: colleagues would be asked to choose for nothing. */
  async #settle(draft: Draft): Promise<void> {
    const unchanged = draft.saving === 'new' || draft.saving === 'saved';
    if (draft.team?.id == null || !unchanged) await draft.save();
  }

  /** Of those who have a team's draft open, one sends it. */
  async #claimed(draft: Draft): Promise<boolean> {
    let why = t('teamDraft.taken');
    try {
      await draft.close();
      if (await draft.team?.claim()) return true;
    } catch (error) {
      connection.failed(error);
      why = t('error.send');
    }
    this.#back(draft, why);
    return false;
  }

  #back(draft: Draft, why: string, told = true): void {
    draft.reopen();
    this.drafts = [...this.drafts, draft];
    if (told) notices.show(why, { tone: 'bad' });
    // It may be that the account may not send any more: the session tells so.
    void connection.learn();
    draft.touch();
  }

  /** What the server does not take comes back into its window; where it asks for a reason, the letter goes with one. */
  async #refused(draft: Draft, error: unknown, until: Date | null): Promise<void> {
    // A reason is about the letter that it was given for.
    draft.reason = '';
    const refusal =
      error instanceof MethodFailure ? (await lazyAction(import('./refusing.ts')))?.answerTo(error) : null;
    this.#back(draft, refusal?.why ?? t('error.send'), refusal?.ask === undefined);
    const reason = await refusal?.ask?.();
    // Meanwhile it may have been closed, or sent.
    if (!reason || !this.drafts.includes(draft)) return;
    draft.reason = reason;
    await this.send(draft, until);
  }

  /** The window goes without a word: what is in it is somewhere else. */
  leave(draft: Draft): void {
    this.#remove(draft);
  }

  /** Closes the window and keeps the letter among the drafts. */
  async keep(draft: Draft): Promise<void> {
    this.#remove(draft);
    if (draft.empty) return;
    const unchanged = draft.team?.id != null && draft.saving === 'new';
    await this.#settle(draft);
    if (unchanged) return;
    notices.show(draft.team ? t('teamDraft.saved', { name: draft.team.name }) : t('notice.draftSaved'));
  }

  async discard(draft: Draft): Promise<void> {
    this.#remove(draft);
    await draft.close();
    void draft.linked?.discard().catch((error: unknown) => connection.failed(error));
    await draft.team?.discard().catch((error: unknown) => connection.failed(error));
    const id: Id | null = draft.draftId;
    if (id !== null) await connection.account?.outbox.destroy([id]).catch((error: unknown) => connection.failed(error));
    notices.show(t('notice.discarded'));
  }

  /** Each gets a letter of their own: with their own name in it, or their own links. */
  async #sendEach(draft: Draft, until: Date | null): Promise<void> {
    const { account } = connection;
    const [drafts, sent] = [mailboxByRole('drafts'), mailboxByRole('sent')];
    const identity = draft.identity;
    if (!account || !drafts || !sent || !identity) return;
    // One of them, taken back before its hour, would go to all whom it names.
    if (until && !draft.options.individually) return this.#back(draft, t('big.eachPlanned'));
    const open = onceEach(draft.recipients);
    let first: string | null = null;
    let waits: WaitsFor | null = null;
    const all = open.length;
    const notice = notices.show(t('notice.sendingEach', { done: 0, all }), { stays: true });
    try {
      await knowing(draft);
      await draft.close();
      for (let one = open[0]; one; one = open[0]) {
        const wish = await wishOf(draft, until, [one]);
        await draft.fixLinks([one]);
        const fields = fieldsOf(one, book.known.get(one.email.toLowerCase()));
        const own = apart(draft, one, fields, first);
        first ??= own.messageId;
        const email = emailObject(own, drafts.id);
        const letter = { email, identityId: identity.id, drafts: drafts.id, sent: sent.id, replaces: null };
        await device.send({ ...letter, ...(wish ? { wish } : {}) }, (made) => (waits = made.approval ?? waits));
        draft.linked?.left(true);
        book.learn([one]);
        open.shift();
        notices.change(notice, t('notice.sendingEach', { done: all - open.length, all }));
      }
      if (draft.draftId !== null) await account.outbox.destroy([draft.draftId]).catch(() => undefined);
      const told = notices.show(waits ? waitingNotice(waits) : t('notice.sentEach', { all }));
      void offersAfter(draft, null).then((offers) => notices.follow(told, offers));
      this.#markAnswered(draft);
    } catch (error) {
      connection.failed(error);
      // Who has their letter is not written to twice.
      const still = new Set(open.map(({ email }) => email.toLowerCase()));
      const left = (list: EmailAddress[]): EmailAddress[] => list.filter(({ email }) => still.has(email.toLowerCase()));
      [draft.to, draft.cc, draft.bcc] = [left(draft.to), left(draft.cc), left(draft.bcc)];
      void this.#refused(draft, error, until);
    } finally {
      notices.close(notice);
    }
  }

  /** 내게쓰기: straight into the mailbox of notes. */
  async #keepMemo(draft: Draft): Promise<void> {
    const { account } = connection;
    if (!account) return;
    try {
      await draft.close();
      await draft.fixLinks([]);
      const mailbox = await mailboxFor('memos');
      const email = { ...emailObject(draft.letter(), mailbox), keywords: { $seen: true } };
      await account.saveDraft(email, draft.draftId);
      draft.linked?.left(true);
      notices.show(t('notice.memoKept'));
    } catch (error) {
      connection.failed(error);
      draft.reopen();
      this.drafts = [...this.drafts, draft];
      notices.show(t('error.send'), { tone: 'bad' });
    }
  }

  #sent(draft: Draft, made: Submitted, until: Date | null, hold: number): void {
    const way = { undo: () => void this.#unsend(draft, made), back: 'notice.unsend' } as const;
    if (until && (!made.approval || made.approval.afterwards))
      return void notices.show(t('notice.scheduled', { time: longDate(until.toISOString()) }), way);
    const words = made.approval ? waitingNotice(made.approval) : t('notice.sent');
    const offers = offersAfter(draft, made.emailId);
    const notice = notices.show(words, hold > 0 ? { ...way, stays: true } : {});
    const follow = (): void => {
      notices.follow(notice, []);
      void offers.then((found) => notices.follow(notice, found));
    };
    setTimeout(follow, hold * 1000);
  }

  /** Back into its window with every word, if the server still holds it. */
  async #unsend(draft: Draft, { emailId, submissionId }: Submitted): Promise<void> {
    const drafts = mailboxByRole('drafts');
    if (!drafts) return;
    try {
      await connection.account?.unsend(submissionId, drafts.id);
    } catch (error) {
      connection.failed(error);
      notices.show(t('notice.tooLate'), { tone: 'bad' });
      return;
    }
    draft.draftId = emailId;
    draft.linked?.left(false);
    draft.reopen();
    this.drafts = [...this.drafts, draft];
    if (draft.team) draft.touch();
    notices.show(t('notice.unsent'));
  }

  /** A letter that waits for the network comes back into its window. */
  async #takeBack(draft: Draft): Promise<void> {
    const back = await device.letters?.takeBack(draft.sendsAs(draft.identity?.email ?? ''));
    if (!back) return void notices.show(t('notice.tooLate'), { tone: 'bad' });
    draft.linked?.left(false);
    draft.reopen();
    this.drafts = [...this.drafts, draft];
  }

  #remove(draft: Draft): void {
    this.drafts = this.drafts.filter((each) => each !== draft);
  }

  #markAnswered(draft: Draft): void {
    if (!draft.answers) return;
    const { id, keyword, accountId } = draft.answers;
    const change = { keywords: { [keyword]: true } };
    const account = accountId ? connection.other(accountId) : connection.account;
    // In mail of others the mark is only set where the person may set any.
    if (accountId && !account?.mailboxes.values().some((mailbox) => mailbox.myRights?.maySetKeywords)) return;
    account?.outbox.change(new Map([[id, change]])).done.catch((error: unknown) => connection.failed(error));
  }
}

/** What the letter says follows from the directory: names in it, the signature. Until then it is kept as it was typed. */
function knowing(draft: Draft): Promise<void> {
  const self = { name: null, email: connection.account?.session.username ?? '' };
  return book.lookUp([...draft.recipients, self]);
}

function filesIn(draft: Draft): Obstacle | null {
  const text = fileObstacle(draft);
  if (text === null) return null;
  // What is still coming is no mistake in a field.
  const wrong = text === draft.linked?.obstacle && text !== t('compose.uploadsPending');
  return wrong ? { text, at: 'files' } : { text };
}

/** What is offered then is no reason to fail what has been done. */
async function offersAfter(draft: Draft, emailId: Id | null): Promise<readonly Offer[]> {
  try {
    return await (await import('./after-sending.ts')).offersAfter(draft, emailId);
  } catch {
    return [];
  }
}

export const composing = new Composing();
