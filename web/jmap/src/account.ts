/**
 * One account as the apps see it: records, lists, changes, sending, live updates. Everything that
 * the screens do with mail goes through here.
 */
import type { Backend, UploadOptions } from './backend.ts';
import { MethodFailure } from './errors.ts';
import { PAGE, type Window, WindowedList, type WindowStart } from './list.ts';
import { type LocalMail, questionOf } from './local/mail.ts';
import { NEWEST_FIRST, type Sort } from './orders.ts';
import type { EmailCondition, EmailFilter, EmailWithBody, SetResult } from './methods.ts';
import { Outbox } from './outbox.ts';
import { Pipeline } from './pipeline.ts';
import { type RecordOptions, Records } from './records.ts';
import { RecordStore } from './store.ts';
import { type SwitchWishes, switchesFor } from './switches.ts';
import { type SendWish, submission, type Submitted, submittedIn } from './submitting.ts';
import { Sync } from './sync.ts';
import {
  CAPABILITY,
  DETAIL_PROPERTIES,
  PART_PROPERTIES,
  type Email,
  type EmailBody,
  type Id,
  type Identity,
  IDENTITY_PROPERTIES,
  type Mailbox,
  type Quota,
  type RenderedBody,
  ROW_PROPERTIES,
  type Session,
  type StateChange,
  type Thread,
  type Upload,
} from './types.ts';

/** A quoted original longer than this is cut: nobody reads it and every reply would carry it. */
const MOST_QUOTED_OCTETS = 262_144;

export interface AccountEvents {
  /** Lists should look again. `arrived`: messages that are new to the account. */
  changed(arrived: Id[]): void;
  connected(open: boolean): void;
  failed(error: unknown): void;
  /** Something happened in an account of somebody else, which hears of it by `take`. */
  elsewhere?(id: Id, states: Record<string, string>): void;
}

export class Account {
  readonly id: Id;
  readonly mailboxes = new RecordStore<Mailbox>();
  readonly emails = new RecordStore<Email>();
  readonly outbox: Outbox;
  readonly pipeline: Pipeline;
  #records = new Map<string, Pick<Records<{ id: Id }>, 'refresh'>>();
  #listeners = new Map<string, Set<() => void>>();
  #sync: Sync;
  #ahead: { question: string; window: Promise<Window> } | null = null;
  #catchingUp: Promise<void> | null = null;
  #behind: Record<string, string | null> | null = null;
  /** The round that comes follows changes of our own. */
  #own = false;

  constructor(
    readonly backend: Backend,
    public session: Session,
    /** What is kept on this device, if anything may be. */
    readonly local: LocalMail | null = null,
    /** An account of somebody else; the person's own without. */
    other?: Id,
  ) {
    const id = other ?? session.primaryAccounts[CAPABILITY.mail] ?? Object.keys(session.accounts)[0];
    if (id === undefined) throw new MethodFailure('accountNotFound');
    this.id = id;
    this.pipeline = new Pipeline(backend, session, id);
    this.#sync = new Sync(this.pipeline, this.mailboxes, this.emails);
    this.outbox = new Outbox(this.pipeline, this.emails, this.mailboxes);
    const start = local?.start;
    if (!start) return;
    this.mailboxes.put(start.mailboxes);
    this.mailboxes.state = start.mailboxState;
    this.emails.put(start.rows);
    this.emails.state = start.emailState;
  }

  /** The server has told the session anew; limits, addresses and policy may be others. */
  renew(session: Session): void {
    this.session = session;
    this.pipeline.renew(session);
  }

  /** Longest time in seconds that policy lets mail be held so that sending can be undone. */
  get maxUndoSeconds(): number {
    const seconds = this.capability<unknown>('maxUndoSeconds');
    return typeof seconds === 'number' ? seconds : 0;
  }

  /** What policy lets a person take out; a server that says nothing forbids nothing. */
  may(
    what:
      | 'mayPrint'
      | 'mayCopy'
      | 'mayExport'
      | 'mayImport'
      | 'maySaveAttachments'
      | 'mayKeepOffline'
      | 'mayPushContent'
      | 'archiveKey',
  ): boolean {
    return this.capability<unknown>(what) !== false;
  }

  /** One of the server's own capabilities of this account, by name; undefined where the server has none of it. */
  capability<T>(name: string): T | undefined {
    const own = this.session.accounts[this.id]?.accountCapabilities[CAPABILITY.own] as
      Record<string, unknown> | undefined;
    return own?.[name] as T | undefined;
  }

  /** The records of any type, one store each: `account.records<Tag>('Tag')`. */
  records<T extends { id: Id }>(name: string, options?: RecordOptions): Records<T> {
    const known = this.#records.get(name) as Records<T> | undefined;
    if (known) return known;
    const made = new Records<T>(this.pipeline, name, options);
    this.#records.set(name, made);
    return made;
  }

  /** Subscribes to changes of objects of a type that are asked for in windows; returns the function that unsubscribes. */
  onChange(name: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  loadMailboxes(): Promise<void> {
    return this.#sync.allMailboxes();
  }

  async identities(): Promise<Identity[]> {
    const own = CAPABILITY.own in this.session.capabilities ? { properties: IDENTITY_PROPERTIES } : {};
    return (await this.pipeline.call('Identity/get', { ids: null, ...own }).result).list;
  }

  /** Null when the server keeps no quota for this account. */
  async quota(): Promise<Quota | null> {
    if (!(CAPABILITY.quota in this.session.capabilities)) return null;
    const { list } = await this.pipeline.call('Quota/get', { ids: null }).result;
    return list.find((quota) => quota.resourceType === 'octets') ?? null;
  }

  /** What somebody typed, as a condition: with operators where the server knows them. */
  looksFor(words: string, wishes: SwitchWishes = {}): EmailCondition {
    if (!(CAPABILITY.own in this.session.capabilities)) return { text: words };
    const switches = switchesFor(words, wishes);
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return { line: words, timeZone, ...(switches.length > 0 ? { switches } : {}) };
  }

  /** Asks for the first rows of a list before its screen is there: they travel with whatever else is asked for now. */
  ahead(filter: EmailFilter, collapseThreads: boolean): void {
    const how = { calculateTotal: true, collapseThreads, sort: NEWEST_FIRST };
    const window = this.#window(filter, { position: 0 }, PAGE, how);
    window.catch(() => undefined);
    this.#ahead = { question: questionOf({ filter, collapseThreads }), window };
  }

  /** What was asked for ahead, once: whoever looks again wants it new. */
  #asked(question: string, start: WindowStart, limit: number): Promise<Window> | null {
    const ahead = this.#ahead;
    this.#ahead = null;
    if (!('position' in start) || start.position !== 0 || limit !== PAGE) return null;
    return ahead?.question === question ? ahead.window : null;
  }

  /** The newest that a search finds are there long before it is known how many it finds. */
  list(filter: EmailFilter | null, collapseThreads = false, sort = NEWEST_FIRST): WindowedList {
    const question = questionOf({ filter, collapseThreads, sort });
    return new WindowedList(async (start, limit, early) => {
      const known = early ? this.#fromDevice(question) : null;
      if (known) early?.(known);
      const asked = this.#asked(question, start, limit);
      // The frame around the list is painted before its rows are made: neither makes the page wait for long.
      if (asked) return asked.finally(() => new Promise((resolve) => setTimeout(resolve)));
      if (early && looksForText(filter)) {
        const first = await this.#window(filter, start, limit, { calculateTotal: false, collapseThreads, sort });
        // Fewer than asked for: these are all.
        const some = first.ids.length > 0;
        if (first.ids.length < limit && (some || first.position === 0)) return first;
        if (some) early(first);
      }
      return this.#window(filter, start, limit, { calculateTotal: true, collapseThreads, sort });
    });
  }

  /** The first rows as they were the last time, until the server answers. */
  #fromDevice(question: string): Window | null {
    const window = this.local?.start?.windows[question];
    if (!window || !window.ids.some((id) => this.emails.has(id))) return null;
    return { position: 0, ...window };
  }

  /** Ids and rows of a window come in one request, by a back-reference. */
  async #window(
    filter: EmailFilter | null,
    start: WindowStart,
    limit: number,
    how: { calculateTotal: boolean; collapseThreads: boolean; sort: Sort },
  ): Promise<Window> {
    const { query, get } = this.pipeline.group(() => {
      const query = this.pipeline.call('Email/query', {
        filter,
        ...start,
        limit,
        ...how,
      });
      return {
        query,
        get: this.pipeline.call('Email/get', { '#ids': query.ref('/ids'), properties: ROW_PROPERTIES }),
      };
    });
    const [window, rows] = await Promise.all([query.result, get.result]);
    this.emails.put(rows.list);
    this.emails.state ??= rows.state;
    const { position, ids, total = position + ids.length, notIndexed: behind = 0 } = window;
    return { position, ids, total, behind };
  }

  /** Ids of everything that a filter finds, for acting on all of it. */
  async allIds(filter: EmailFilter | null, most: number): Promise<Id[]> {
    const ids: Id[] = [];
    for (;;) {
      const limit = Math.min(5000, most - ids.length);
      const args = { filter, sort: NEWEST_FIRST, position: ids.length, limit };
      const answer = await this.pipeline.call('Email/query', args).result;
      ids.push(...answer.ids);
      if (answer.ids.length === 0 || ids.length >= most) return ids;
    }
  }

  async detail(id: Id): Promise<Email> {
    const { list } = await this.pipeline.call('Email/get', {
      ids: [id],
      properties: DETAIL_PROPERTIES,
      bodyProperties: PART_PROPERTIES,
    }).result;
    return this.#keep(list);
  }

  /** The text for a quotation; the server makes text of HTML-only messages (RFC 8621 §4.1.4). */
  async body(id: Id): Promise<EmailBody> {
    const { list } = await this.pipeline.call('Email/get', {
      ids: [id],
      properties: [...DETAIL_PROPERTIES, 'textBody', 'bodyValues'],
      bodyProperties: PART_PROPERTIES,
      fetchTextBodyValues: true,
      maxBodyValueBytes: MOST_QUOTED_OCTETS,
    }).result;
    const { textBody, bodyValues, ...email } = list[0] ?? ({} as EmailWithBody);
    this.#keep(list.length > 0 ? [email] : []);
    const values = (textBody ?? [])
      .map((part) => bodyValues?.[part.partId ?? ''])
      .filter((value) => value !== undefined);
    return {
      text: values.map((value) => value.value).join('\n'),
      truncated: values.some((value) => value.isTruncated),
    };
  }

  render(id: Id, withImages: boolean): Promise<RenderedBody> {
    return this.backend.render(this.id, id, withImages);
  }

  async thread(id: Id): Promise<Thread | null> {
    const { thread, get } = this.pipeline.group(() => {
      const thread = this.pipeline.call('Thread/get', { ids: [id] });
      const ids = thread.ref('/list/*/emailIds');
      return { thread, get: this.pipeline.call('Email/get', { '#ids': ids, properties: ROW_PROPERTIES }) };
    });
    const [answer, rows] = await Promise.all([thread.result, get.result]);
    this.emails.put(rows.list);
    return answer.list[0] ?? null;
  }

  upload(file: Blob, options: UploadOptions): Promise<Upload> {
    return this.backend.upload(this.session, this.id, file, options);
  }

  downloadUrl(blobId: Id, name: string, type: string): string {
    return this.backend.downloadUrl(this.session, this.id, blobId, name, type);
  }

  /**
   * Stores a draft in place of an older one; returns the new id, because content is immutable. `replaced` is false when
   * the older one was gone already: somebody else changed or removed it.
   */
  async saveDraft(email: object, replaces: Id | null): Promise<{ id: Id; replaced: boolean }> {
    const destroy = replaces === null ? [] : [replaces];
    const result = await this.pipeline.call('Email/set', { create: { draft: email }, destroy }).result;
    return { id: createdId(result, 'draft'), replaced: !destroy.some((id) => result.notDestroyed?.[id]) };
  }

  /** Sends a message that the server has already, and files it under `sent`. */
  async submit(id: Id, identityId: Id, drafts: Id, sent: Id, replaces: Id | null, wish?: SendWish): Promise<Submitted> {
    const asked = submission(id, identityId, drafts, sent, wish);
    const submit = this.pipeline.group(() => {
      const submit = this.pipeline.call('EmailSubmission/set', asked);
      this.#awaitAnswer(id, wish);
      return submit;
    });
    const result = await submit.result;
    if (result.notCreated?.sending) throw refusal(result);
    // Not waited for: while the server says "later" the mail has gone all the same.
    if (replaces !== null) this.outbox.destroy([replaces]).catch(() => undefined);
    return { emailId: id, ...submittedIn(result) };
  }

  /** Takes a mail back that has not left, and puts it among the drafts again; raises `cannotUnsend` when it is too late. */
  async unsend(submissionId: Id, drafts: Id): Promise<void> {
    const back = { mailboxIds: { [drafts]: true }, 'keywords/$draft': true };
    const result = await this.pipeline.call('EmailSubmission/set', {
      update: { [submissionId]: { undoStatus: 'canceled' } },
      onSuccessUpdateEmail: { [submissionId]: back },
    }).result;
    const error = result.notUpdated?.[submissionId];
    if (error) throw new MethodFailure(error.type, error.description ?? '');
  }

  /**
   * Creates the final message in place of its draft, sends it, and files it under `sent` when the server has taken it over:
   * one request, so that a page that is closed meanwhile leaves no draft beside a sent mail. `stored` hears which draft
   * there is now, as long as it has not gone.
   */
  async send(
    email: object,
    identityId: Id,
    drafts: Id,
    sent: Id,
    replaces: Id | null,
    wish?: SendWish,
    stored: (draft: Id | null) => void = () => undefined,
  ): Promise<Submitted> {
    const destroy = replaces === null ? [] : [replaces];
    const { set, submit } = this.pipeline.group(() => {
      const set = this.pipeline.call('Email/set', { create: { mail: email }, destroy });
      const submit = this.pipeline.call('EmailSubmission/set', submission('#mail', identityId, drafts, sent, wish));
      this.#awaitAnswer('#mail', wish);
      return { set, submit };
    });
    const [created, submitted] = await Promise.all([
      set.result,
      submit.result.catch((error: unknown) => error as Error),
    ]);
    stored(created.created?.mail?.id ?? (created.destroyed?.length ? null : replaces));
    const id = createdId(created, 'mail');
    // The message stays as the draft, so that nothing that was written is lost with the refusal.
    if (submitted instanceof Error) throw submitted;
    if (submitted.notCreated?.sending) throw refusal(submitted);
    return { emailId: id, ...submittedIn(submitted) };
  }

  /** In the request that sends: a page that is closed then has asked for it already. The mail goes without it too. */
  #awaitAnswer(id: Id, wish: SendWish | undefined): void {
    if (wish?.answerBy === undefined) return;
    const asked = { ids: [id], kind: 'followUp', at: wish.answerBy };
    this.pipeline.send('Email/remind', asked).result.catch(() => undefined);
  }

  /** Live updates; returns the function that ends them. */
  watch(events: AccountEvents): () => void {
    this.outbox.onIdle(() => void this.#catchUp({ Email: null, Mailbox: null }, events, true));
    return this.backend.watch(this.session, ['*'], {
      changed: (change: StateChange) => {
        for (const [id, states] of Object.entries(change.changed))
          if (id === this.id) this.take(states, events);
          else events.elsewhere?.(id, states);
      },
      connected: (open) => {
        events.connected(open);
        if (!open) return;
        this.outbox.resume();
        this.lookAgain(events);
      },
    });
  }

  /** Lives on the line that another account holds open: what it hears comes by `take` and `lookAgain`. */
  followed(events: AccountEvents): this {
    this.outbox.onIdle(() => void this.#catchUp({ Email: null, Mailbox: null }, events, true));
    return this;
  }

  take(states: Record<string, string>, events: AccountEvents): void {
    void this.#catchUp(states, events);
    for (const [name, state] of Object.entries(states)) this.#refresh(name, state, events);
  }

  /** What happened before the line was open, or while it was broken, was told to nobody. */
  lookAgain(events: AccountEvents): void {
    void this.#catchUp({ Email: null, Mailbox: null }, events);
    for (const name of new Set([...this.#records.keys(), ...this.#listeners.keys()])) this.#refresh(name, null, events);
  }

  #refresh(name: string, state: string | null, events: AccountEvents): void {
    for (const listener of this.#listeners.get(name) ?? []) listener();
    this.#records.get(name)?.refresh(state).catch(events.failed);
  }

  /** One at a time; what arrives meanwhile is joined into one further round. `own`: lists look again in any case. */
  async #catchUp(states: Record<string, string | null>, events: AccountEvents, own = false): Promise<void> {
    this.#behind = { ...this.#behind, ...states };
    this.#own ||= own;
    if (this.#catchingUp) return this.#catchingUp;
    this.#catchingUp = this.#rounds(events).finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  }

  async #rounds(events: AccountEvents): Promise<void> {
    while (this.#behind) {
      const behind: Record<string, string | null> = this.#behind;
      this.#behind = null;
      const own = this.#own;
      this.#own = false;
      const known = [this.emails.state, this.mailboxes.state];
      try {
        const [arrived] = await Promise.all([
          'Email' in behind ? this.#sync.emailsTo(behind.Email ?? null) : [],
          'Mailbox' in behind || 'Email' in behind ? this.#sync.mailboxesTo(behind.Mailbox ?? null) : undefined,
        ]);
        const same = known[0] === this.emails.state && known[1] === this.mailboxes.state;
        if (own || !same) events.changed(arrived);
      } catch (error) {
        events.failed(error);
      }
    }
  }

  #keep(list: Email[]): Email {
    const email = list[0];
    if (!email) throw new MethodFailure('notFound');
    this.emails.put([email]);
    return this.emails.get(email.id) ?? email;
  }
}

function createdId(result: SetResult, key: string): Id {
  const id = result.created?.[key]?.id;
  if (id === undefined) throw refusal(result);
  return id;
}

function refusal(result: SetResult): MethodFailure {
  const error = Object.values(result.notCreated ?? {})[0];
  return new MethodFailure(error?.type ?? 'serverFail', error?.description ?? '');
}

function looksForText(filter: EmailFilter | null): boolean {
  if (filter === null) return false;
  if ('operator' in filter) return filter.conditions.some(looksForText);
  return filter.text !== undefined || filter.line !== undefined;
}
