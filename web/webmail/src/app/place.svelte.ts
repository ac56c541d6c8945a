/**
 * Where the person is: which list, which message. Kept behind the # of the address, so that back,
 * forward and reload work and the server needs no routes of ours.
 */
import type { EmailFilter } from '@smartmail/jmap/methods.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from './connection.svelte.ts';
import { mailboxByRole } from './records.svelte.ts';

export type ListFilter = 'all' | 'unread' | 'flagged' | 'attachment';

class Place {
  mailboxId = $state<Id | null>(null);
  search = $state('');
  filter = $state<ListFilter>('all');
  emailId = $state<Id | null>(null);

  /** Reads the address; an empty one means the inbox. */
  read(): void {
    const [path = '', query = ''] = location.hash.slice(1).split('?');
    const [mailbox, email] = path.split('/').map(decodeURIComponent);
    const values = new URLSearchParams(query);
    this.mailboxId = mailbox || mailboxByRole('inbox')?.id || null;
    this.emailId = email || null;
    this.search = values.get('q') ?? '';
    const filter = values.get('f');
    this.filter = filter === 'unread' || filter === 'flagged' || filter === 'attachment' ? filter : 'all';
  }

  go(change: Partial<Pick<Place, 'mailboxId' | 'search' | 'filter' | 'emailId'>>, replace = false): void {
    Object.assign(this, change);
    const query = new URLSearchParams();
    if (this.search) query.set('q', this.search);
    if (this.filter !== 'all') query.set('f', this.filter);
    const path = [this.mailboxId ?? '', this.emailId ?? ''].map(encodeURIComponent).join('/').replace(/\/$/, '');
    const hash = `#${path}${query.size > 0 ? `?${query}` : ''}`;
    if (hash === location.hash) return;
    if (replace) history.replaceState(null, '', hash);
    else history.pushState(null, '', hash);
  }

  mailbox(id: Id): void {
    this.go({ mailboxId: id, search: '', filter: 'all', emailId: null });
  }

  /** What the server is asked for. Search looks everywhere but in spam and trash. */
  get condition(): EmailFilter {
    const parts: EmailFilter[] = [this.search ? this.#searched() : this.#inMailbox()];
    if (this.filter === 'unread') parts.push({ notKeyword: '$seen' });
    if (this.filter === 'flagged') parts.push({ hasKeyword: '$flagged' });
    if (this.filter === 'attachment') parts.push({ hasAttachment: true });
    return parts.length === 1 ? (parts[0] ?? {}) : { operator: 'AND', conditions: parts };
  }

  #inMailbox(): EmailFilter {
    return this.mailboxId === null ? {} : { inMailbox: this.mailboxId };
  }

  #searched(): EmailFilter {
    const found = connection.account?.looksFor(this.search) ?? { text: this.search };
    // Who names a mailbox means it.
    if (/(^|[\s(-])(in|메일함|편지함):\S/iu.test(this.search)) return found;
    const left = ['junk', 'trash'].map((role) => mailboxByRole(role)?.id).filter((id) => id !== undefined);
    return { ...found, ...(left.length > 0 ? { inMailboxOtherThan: left } : {}) };
  }
}

export const place = new Place();
