/**
 * Where the person is: which list, which message; or which place beyond mail (`#/settings/look`, see `sections.ts`).
 * Kept behind the # of the address, so that back, forward and reload work and the server needs no routes of ours.
 */
import type { EmailFilter } from '@smartmail/jmap/methods.ts';
import { type ListOrder, ORDERS } from '@smartmail/jmap/orders.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from './connection.svelte.ts';
import { mailboxByRole, shownByRole } from './records.svelte.ts';
import { settings } from './settings.svelte.ts';
import { withVips } from './vip.ts';

const FILTERS = ['unread', 'flagged', 'attachment', 'mine', 'unassigned', 'done'] as const;
export type ListFilter = 'all' | (typeof FILTERS)[number];

/** Before the id of an account of somebody else, in the address. */
const OTHERS = '~';

class Place {
  mailboxId = $state<Id | null>(null);
  search = $state('');
  filter = $state<ListFilter>('all');
  /** Keyword of the tag whose messages are listed, of all mailboxes; empty for none. */
  tag = $state('');
  /** In which order the list stands. */
  order = $state<ListOrder>('newest');
  emailId = $state<Id | null>(null);
  /** A place beyond mail, and what follows in its address; null while mail is on the screen. */
  section = $state<string | null>(null);
  path = $state.raw<readonly string[]>([]);
  /** What a notification asked for beside opening a message; done once. */
  wish = $state<string | null>(null);

  /** Whose mail it is, when it is not the person's own. */
  get accountId(): Id | null {
    return connection.showing;
  }

  /** Reads the address; an empty one means the inbox. */
  read(): void {
    const [path = '', query = ''] = location.hash.slice(1).split('?');
    const parts = path.split('/').map(decodeURIComponent);
    const away = parts[0] === '' && parts.length > 1;
    this.section = away ? (parts[1] ?? null) : null;
    this.path = away ? parts.slice(2) : [];
    // The list stays as it was under a place beyond mail.
    if (away && this.mailboxId !== null) return;
    const other = !away && parts[0]?.startsWith(OTHERS) ? parts.shift()?.slice(1) : undefined;
    const [mailbox, email] = away ? [] : parts;
    connection.showing = other || null;
    const values = new URLSearchParams(query);
    this.mailboxId = mailbox || (other ? null : mailboxByRole('inbox')?.id) || null;
    this.emailId = email || null;
    this.wish = values.get('act');
    this.search = values.get('q') ?? '';
    this.tag = values.get('k') ?? '';
    const filter = values.get('f');
    this.filter = FILTERS.find((each) => each === filter) ?? 'all';
    this.order = ORDERS.find((each) => each === values.get('s')) ?? 'newest';
  }

  /** Goes to a place beyond mail: `place.open('settings', 'look')`. */
  open(section: string, ...path: string[]): void {
    this.section = section;
    this.path = path;
    const hash = `#/${[section, ...path].map(encodeURIComponent).join('/')}`;
    if (hash !== location.hash) history.pushState(null, '', hash);
  }

  /** Stays with the mail of somebody else unless another `accountId` is named; null is the person's own. */
  go(
    change: Partial<Pick<Place, 'mailboxId' | 'search' | 'filter' | 'tag' | 'order' | 'emailId' | 'accountId'>>,
    replace = false,
  ): void {
    const { accountId, ...rest } = change;
    Object.assign(this, rest, { section: null, path: [] });
    if (accountId !== undefined) connection.showing = accountId;
    const query = new URLSearchParams();
    if (this.search) query.set('q', this.search);
    if (this.tag) query.set('k', this.tag);
    if (this.filter !== 'all') query.set('f', this.filter);
    if (this.order !== 'newest') query.set('s', this.order);
    // Without a mailbox the address would read as a place beyond mail: `#/e1`.
    const bare = this.mailboxId === null && this.emailId !== null;
    const other = this.accountId !== null || bare ? [OTHERS + (this.accountId ?? '')] : [];
    const path = [...other, this.mailboxId ?? '', this.emailId ?? '']
      .map(encodeURIComponent)
      .join('/')
      .replace(/\/$/, '');
    const hash = `#${path}${query.size > 0 ? `?${query}` : ''}`;
    if (hash === location.hash) return;
    if (replace) history.replaceState(null, '', hash);
    else history.pushState(null, '', hash);
  }

  mailbox(id: Id | null, accountId: Id | null = null): void {
    this.go({ mailboxId: id, accountId, search: '', filter: 'all', tag: '', order: 'newest', emailId: null });
  }

  tagged(keyword: string): void {
    this.go({ tag: keyword, accountId: null, search: '', filter: 'all', order: 'newest', emailId: null });
  }

  /** Mail of one day stands together. */
  get byDate(): boolean {
    return this.order === 'newest' || this.order === 'oldest';
  }

  /** Whether the list is that of one mailbox, and not what was searched for or carries a tag. */
  get inMailbox(): boolean {
    return this.search === '' && this.tag === '';
  }

  /** What the server is asked for. Search looks everywhere but in spam and trash. */
  get condition(): EmailFilter {
    const parts: EmailFilter[] = [
      this.inMailbox ? this.#inMailbox() : this.search ? this.conditionOf(this.search) : {},
    ];
    if (this.tag) parts.push({ hasKeyword: this.tag }, ...this.#notThrownAway());
    if (this.filter === 'unread') parts.push({ notKeyword: '$seen' });
    if (this.filter === 'flagged') parts.push({ hasKeyword: '$flagged' });
    if (this.filter === 'attachment') parts.push({ hasAttachment: true });
    if (this.filter === 'mine' || this.filter === 'done') parts.push({ assignment: this.filter });
    if (this.filter === 'unassigned') parts.push({ assignment: 'none' });
    const said = parts.filter((part) => Object.keys(part).length > 0);
    return said.length < 2 ? (said[0] ?? {}) : { operator: 'AND', conditions: said };
  }

  #inMailbox(): EmailFilter {
    return this.mailboxId === null ? {} : { inMailbox: this.mailboxId };
  }

  /** What a search line asks of the server: everywhere but in spam and trash. */
  conditionOf(line: string, byRole = shownByRole): EmailFilter {
    const found = withVips(connection.mail?.looksFor(line, settings.of('searchSwitches')) ?? { text: line });
    // Who names a mailbox means it.
    if (/(^|[\s(-])(in|메일함|편지함):\S/iu.test(line)) return found;
    return Object.assign({}, found, ...this.#notThrownAway(byRole)) as EmailFilter;
  }

  #notThrownAway(byRole = shownByRole): EmailFilter[] {
    const left = ['junk', 'trash'].map((role) => byRole(role)?.id).filter((id) => id !== undefined);
    return left.length > 0 ? [{ inMailboxOtherThan: left }] : [];
  }
}

export const place = new Place();
