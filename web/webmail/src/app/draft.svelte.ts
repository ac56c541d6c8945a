/** One letter being written: its fields, its attachments, its place among the drafts. */
import {
  type AttachedBlob,
  emailObject,
  escapeHtml,
  isEmptyLetter,
  type Letter,
  linesForSending,
} from '@smartmail/jmap/compose.ts';
import type { EmailAddress, Id, Identity } from '@smartmail/jmap/types.ts';
import { untrack } from 'svelte';
import { connection } from './connection.svelte.ts';
import { mailboxByRole } from './records.svelte.ts';

/** A draft is stored this long after the last key. */
const SAVE_AFTER_MS = 2000;

export interface Attached {
  key: number;
  name: string;
  type: string;
  size: number;
  blobId: Id | null;
  /** 0…1 while it is going up. */
  share: number;
  failed: boolean;
  abort: AbortController;
}

export interface Quote {
  head: string;
  text: string;
  html: string;
}

export interface DraftStart {
  to?: EmailAddress[];
  cc?: EmailAddress[];
  bcc?: EmailAddress[];
  subject?: string;
  text?: string;
  html?: string | null;
  quote?: Quote | null;
  inReplyTo?: string[];
  references?: string[];
  attachments?: AttachedBlob[];
  /** The stored draft that this continues. */
  draftId?: Id | null;
  /** The message that this answers, and how it is marked when the answer has gone. */
  answers?: { id: Id; keyword: '$answered' | '$forwarded' } | null;
  writing: 'rich' | 'plain';
}

export type SaveState = 'new' | 'waiting' | 'saving' | 'saved' | 'failed';

let lastKey = 0;

export class Draft {
  readonly key = (lastKey += 1);
  to = $state<EmailAddress[]>([]);
  cc = $state<EmailAddress[]>([]);
  bcc = $state<EmailAddress[]>([]);
  subject = $state('');
  text = $state('');
  html = $state<string | null>(null);
  writing = $state<'rich' | 'plain'>('rich');
  quote = $state.raw<Quote | null>(null);
  withQuote = $state(true);
  attachments = $state<Attached[]>([]);
  size = $state<'docked' | 'minimised' | 'full'>('docked');
  saving = $state<SaveState>('new');
  savedAt = $state.raw<Date | null>(null);
  draftId: Id | null;
  readonly answers: DraftStart['answers'];
  /** Its recipients were known at the start, so the person begins with the words. */
  readonly beginsWithWords: boolean;
  identityId = $state<Id | null>(null);
  #start: DraftStart;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(start: DraftStart) {
    this.#start = start;
    this.beginsWithWords = (start.to ?? []).length > 0;
    this.to = start.to ?? [];
    this.cc = start.cc ?? [];
    this.bcc = start.bcc ?? [];
    this.subject = start.subject ?? '';
    this.text = start.text ?? '';
    this.html = start.html ?? null;
    this.writing = start.writing;
    this.quote = start.quote ?? null;
    this.draftId = start.draftId ?? null;
    this.answers = start.answers ?? null;
    this.attachments = (start.attachments ?? []).map((file) => attached(file));
  }

  get identity(): Identity | undefined {
    const { identities } = connection;
    return identities.find((identity) => identity.id === this.identityId) ?? identities[0];
  }

  get recipients(): EmailAddress[] {
    return [...this.to, ...this.cc, ...this.bcc];
  }

  get uploading(): boolean {
    return this.attachments.some((file) => file.blobId === null && !file.failed);
  }

  get empty(): boolean {
    return isEmptyLetter(this.letter(false));
  }

  /** What is sent: with the quotation under the words, unless it was left out. */
  letter(whole = true): Letter {
    const identity = this.identity;
    const quote = whole && this.withQuote ? this.quote : null;
    const files = this.attachments.filter((file) => file.blobId !== null);
    return {
      from: { name: identity?.name ?? null, email: identity?.email ?? connection.account?.session.username ?? '' },
      to: $state.snapshot(this.to),
      cc: $state.snapshot(this.cc),
      bcc: $state.snapshot(this.bcc),
      subject: this.subject,
      text: quote ? `${this.text}\n\n${quote.head}\n${quote.text}` : this.text,
      html:
        this.writing === 'rich' && this.html !== null
          ? linesForSending(this.html) + (quote ? quotedHtml(quote) : '')
          : null,
      attachments: files.map(({ name, type, size, blobId }) => ({ name, type, size, blobId: blobId ?? '' })),
      inReplyTo: this.#start.inReplyTo ?? [],
      references: this.#start.references ?? [],
    };
  }

  /** Called on every change: stores the draft soon. */
  touch(): void {
    if (this.#closed) return;
    if (untrack(() => this.saving) !== 'saving') this.saving = 'waiting';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  /** Stores at once; one at a time, because each stored draft replaces the one before. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#running = this.#running.then(() => this.#store());
    return this.#running;
  }

  /** Ends the saving for good: the letter is sent or thrown away. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  reopen(): void {
    this.#closed = false;
    this.size = 'docked';
  }

  async attach(file: File): Promise<void> {
    const { account } = connection;
    if (!account) return;
    // A Mac gives names in pieces of syllables, which other systems show as ㅎㅏㄴㄱㅡㄹ.
    const name = file.name.normalize('NFC');
    const entry = attached({ blobId: '', name, type: file.type, size: file.size }, false);
    this.attachments.push(entry);
    const row = this.attachments.at(-1) ?? entry;
    try {
      const progress = (share: number): void => void (row.share = share);
      const { blobId } = await account.upload(file, { progress, signal: entry.abort.signal });
      row.blobId = blobId;
      this.touch();
    } catch (error) {
      row.failed = true;
      connection.failed(error);
    }
  }

  detach(key: number): void {
    this.attachments.find((file) => file.key === key)?.abort.abort();
    this.attachments = this.attachments.filter((file) => file.key !== key);
    this.touch();
  }

  async #store(): Promise<void> {
    const { account } = connection;
    const drafts = untrack(() => mailboxByRole('drafts'));
    if (!account || !drafts || this.#closed || this.empty) return;
    this.saving = 'saving';
    try {
      this.draftId = await account.saveDraft(emailObject(this.letter(), drafts.id), this.draftId);
      this.savedAt = new Date();
      this.saving = 'saved';
    } catch (error) {
      connection.failed(error);
      this.saving = 'failed';
    }
  }
}

function attached(file: AttachedBlob, done = true): Attached {
  const { name, type, size } = file;
  const blobId = done ? file.blobId : null;
  return {
    key: (lastKey += 1),
    name,
    type,
    size,
    blobId,
    share: done ? 1 : 0,
    failed: false,
    abort: new AbortController(),
  };
}

function quotedHtml(quote: Quote): string {
  const head = escapeHtml(quote.head).replaceAll('\n', '<br>');
  return `<p style="margin:0"><br></p><p>${head}</p><blockquote type="cite">${quote.html}</blockquote>`;
}
