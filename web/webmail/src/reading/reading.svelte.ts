/** The message that is open: its details and its sanitised body, with the next one fetched ahead. */
import type { Email, Id, RenderedBody } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { listing } from '../app/listing.svelte.ts';
import { emailById } from '../app/records.svelte.ts';
import { mayTo } from '../actions/action.ts';
import { showsPictures } from './pictures.ts';
import { settings } from '../app/settings.svelte.ts';

/** Bodies kept in memory, newest first. */
const KEPT_BODIES = 40;

class Reading {
  id = $state<Id | null>(null);
  body = $state.raw<RenderedBody | null>(null);
  error = $state.raw<unknown>(null);
  images = $state(false);
  /** By account and id: those of two accounts may be alike. */
  #bodies = new Map<string, RenderedBody>();
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
    this.body = id === null ? null : (this.#bodies.get(key) ?? null);
    if (id === null) return;
    this.#markSeen(id);
    try {
      const body = await this.#load(id);
      if (this.#open !== key) return;
      if (!this.images) this.body = body;
      this.#markSeen(id);
      if (body && body.remoteCount > 0) await this.#showOfTrusted();
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

  async #showOfTrusted(): Promise<void> {
    if (this.email && showsPictures(this.email, settings.of('picturesFrom') ?? [])) await this.showImages();
  }

  async #load(id: Id): Promise<RenderedBody | null> {
    const account = connection.mail;
    if (!account) return null;
    const key = keyOf(id);
    const known = this.#bodies.get(key);
    const [, body] = await Promise.all([
      account.emails.get(id)?.attachments ? null : account.detail(id),
      known ?? account.render(id, false),
    ]);
    this.#bodies.delete(key);
    this.#bodies.set(key, body);
    for (const old of this.#bodies.keys()) {
      if (this.#bodies.size <= KEPT_BODIES) break;
      this.#bodies.delete(old);
    }
    return body;
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
    if (next !== undefined && !this.#bodies.has(keyOf(next))) void this.#load(next).catch(() => undefined);
  }
}

const keyOf = (id: Id): string => `${connection.showing ?? ''} ${id}`;

export const reading = new Reading();
