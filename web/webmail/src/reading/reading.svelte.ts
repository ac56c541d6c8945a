/** The message that is open: its details, its sanitised body and what stands around it, with the next one fetched ahead. */
import type { Account } from '@smartmail/jmap/account.ts';
import { hasCalendar, type Invitation, invitationOf } from '@smartmail/jmap/invitations.ts';
import type { Email, Id, RenderedBody } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { listing } from '../app/listing.svelte.ts';
import { emailById } from '../app/records.svelte.ts';
import { mayTo } from '../actions/action.ts';
import { showsPictures } from './pictures.ts';
import { settings } from '../app/settings.svelte.ts';

/** Letters kept in memory, newest first. */
const KEPT = 40;

/** What is shown of a letter in one moment: a part that came later would move the others. */
interface Letter {
  body: RenderedBody;
  thread: readonly Id[];
  invitation: Invitation | null;
}

class Reading {
  id = $state<Id | null>(null);
  body = $state.raw<RenderedBody | null>(null);
  /** The conversation, oldest first; null until it is known. */
  thread = $state.raw<readonly Id[] | null>(null);
  invitation = $state.raw<Invitation | null>(null);
  error = $state.raw<unknown>(null);
  images = $state(false);
  /** By account and id: those of two accounts may be alike. */
  #kept = new Map<string, Letter>();
  /** What is open, by account and id: an answer about something else comes late. */
  #open = '';

  get email(): Email | undefined {
    return emailById(this.id);
  }

  async open(id: Id | null): Promise<void> {
    const key = id === null ? '' : keyOf(id);
    this.id = id;
    this.#open = key;
    this.images = false;
    this.error = null;
    this.#show(this.#kept.get(key) ?? null);
    if (id === null) return;
    this.#markSeen(id);
    try {
      const letter = await this.#load(id);
      if (this.#open !== key) return;
      this.#show(letter);
      this.#markSeen(id);
      if (letter && letter.body.remoteCount > 0) await this.#showOfTrusted();
    } catch (error) {
      connection.failed(error);
      if (this.#open === key) this.error = error;
    }
    this.#fetchNext(id);
  }

  async showImages(): Promise<void> {
    const { id } = this;
    const key = this.#open;
    if (id === null) return;
    try {
      const body = await connection.mail?.render(id, true);
      if (this.#open !== key || !body) return;
      this.images = true;
      this.body = body;
    } catch (error) {
      if (this.#open === key) this.error = error;
    }
  }

  /** The invitation as it is after an answer. */
  answered(invitation: Invitation | null): void {
    this.invitation = invitation;
    const kept = this.#kept.get(this.#open);
    if (kept) kept.invitation = invitation;
  }

  #show(letter: Letter | null): void {
    if (!this.images) this.body = letter?.body ?? null;
    this.thread = letter?.thread ?? null;
    this.invitation = letter?.invitation ?? null;
  }

  async #showOfTrusted(): Promise<void> {
    if (this.email && showsPictures(this.email, settings.of('picturesFrom') ?? [])) await this.showImages();
  }

  async #load(id: Id): Promise<Letter | null> {
    const account = connection.mail;
    if (!account) return null;
    const key = keyOf(id);
    const row = account.emails.get(id);
    const [detail, body, early] = await Promise.all([
      row?.attachments ? row : account.detail(id),
      this.#kept.get(key)?.body ?? account.render(id, false),
      row && threadOf(account, row.threadId),
    ]);
    const [thread, invitation] = await Promise.all([
      early ?? (detail ? threadOf(account, detail.threadId) : []),
      detail && hasCalendar(detail) ? invitationOf(account.pipeline, id).catch(() => null) : null,
    ]);
    const letter = { body, thread, invitation };
    this.#kept.delete(key);
    this.#kept.set(key, letter);
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(old);
    }
    return letter;
  }

  /** Opening is reading. Nothing to do for a row that is not known yet: it is called again. */
  #markSeen(id: Id): void {
    const account = connection.mail;
    const email = account?.emails.get(id);
    if (!account || !email || email.keywords.$seen || !mayTo('maySetSeen', [id])) return;
    const pending = account.outbox.change(new Map([[id, { keywords: { $seen: true } }]]));
    pending.done.catch((error: unknown) => connection.failed(error));
  }

  #fetchNext(id: Id): void {
    const index = listing.indexOf(id);
    const next = index < 0 ? undefined : listing.idAt(index + 1);
    if (next !== undefined && !this.#kept.has(keyOf(next))) void this.#load(next).catch(() => undefined);
  }
}

const keyOf = (id: Id): string => `${connection.showing ?? ''} ${id}`;

/** A conversation that cannot be fetched is simply not shown: the message itself is there. */
async function threadOf(account: Account, id: Id): Promise<readonly Id[]> {
  try {
    return (await account.thread(id))?.emailIds ?? [];
  } catch (error) {
    connection.failed(error);
    return [];
  }
}

export const reading = new Reading();
