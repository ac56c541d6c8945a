/** The open composers, and what happens when one is sent, kept or thrown away. */
import { isAddress } from '@smartmail/jmap/addresses.ts';
import { emailObject } from '@smartmail/jmap/compose.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from './connection.svelte.ts';
import { Draft, type DraftStart } from './draft.svelte.ts';
import { t } from './language.svelte.ts';
import { notices } from './notices.svelte.ts';
import { mailboxByRole } from './records.svelte.ts';
import { screen } from './screen.svelte.ts';
import { settings } from './settings.svelte.ts';

/** More windows than this only hide each other. */
const MOST_OPEN = 3;

class Composing {
  drafts = $state.raw<Draft[]>([]);

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
    for (const old of this.drafts) if (!kept.includes(old)) void old.save();
    this.drafts = [...kept, draft];
    return draft;
  }

  /** Why a draft cannot be sent yet, in words; null when it can. */
  obstacle(draft: Draft): string | null {
    if (draft.recipients.length === 0) return t('compose.noRecipient');
    const wrong = draft.recipients.find((address) => !isAddress(address.email));
    if (wrong) return t('compose.invalidRecipient', { address: wrong.email });
    return draft.uploading ? t('compose.uploadsPending') : null;
  }

  /** The window closes at once; it comes back with every word when the sending fails. */
  async send(draft: Draft): Promise<void> {
    const { account } = connection;
    const identity = draft.identity;
    const drafts = mailboxByRole('drafts');
    const sent = mailboxByRole('sent');
    if (!account || !identity || !drafts || !sent) return;
    this.#remove(draft);
    const notice = notices.show(t('notice.sending'), { stays: true });
    try {
      await draft.close();
      await account.send(emailObject(draft.letter(), drafts.id), identity.id, drafts.id, sent.id, draft.draftId);
      notices.show(t('notice.sent'));
      this.#markAnswered(draft);
    } catch (error) {
      connection.failed(error);
      draft.reopen();
      this.drafts = [...this.drafts, draft];
      notices.show(t('error.send'), { tone: 'bad' });
      draft.touch();
    } finally {
      notices.close(notice);
    }
  }

  /** Closes the window and keeps the letter among the drafts. */
  async keep(draft: Draft): Promise<void> {
    this.#remove(draft);
    if (draft.empty) return;
    await draft.save();
    notices.show(t('notice.draftSaved'));
  }

  async discard(draft: Draft): Promise<void> {
    this.#remove(draft);
    await draft.close();
    const id: Id | null = draft.draftId;
    if (id !== null) await connection.account?.outbox.destroy([id]).catch((error: unknown) => connection.failed(error));
    notices.show(t('notice.discarded'));
  }

  #remove(draft: Draft): void {
    this.drafts = this.drafts.filter((each) => each !== draft);
  }

  #markAnswered(draft: Draft): void {
    if (!draft.answers) return;
    const { id, keyword } = draft.answers;
    const change = { keywords: { [keyword]: true } };
    connection.account?.outbox.change(new Map([[id, change]])).done.catch((error: unknown) => connection.failed(error));
  }
}

export const composing = new Composing();
