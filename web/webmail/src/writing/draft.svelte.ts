/** One letter being written: its fields, its attachments, its place among the drafts. */
import {
  type AttachedBlob,
  emailObject,
  escapeHtml,
  isEmptyLetter,
  type Letter,
  linesForSending,
  textToHtml,
} from '@smartmail/jmap/compose.ts';
import type { EmailAddress, Id, Identity } from '@smartmail/jmap/types.ts';
import { untrack } from 'svelte';
import type { LinkBlock } from '../bigfiles/block.ts';
import { FIELD as LINKS_FIELD } from '../bigfiles/draft-header.ts';
import { bracketed, fieldOf, FORWARDED_FIELD, LABEL_FIELD, LOWER_FIELD } from '../app/security-labels.ts';
import type { LinkedLetter } from '../bigfiles/letter-files.svelte.ts';
import { outgoing, picturesIn } from './letter-markup.ts';
import { headMarkup, ownWords, withTail, withTextTail } from './quoting.ts';
import { signatureOf } from './signatures.svelte.ts';
import type { TeamDraft } from './team-draft.svelte.ts';
import { link } from './file-destination.ts';
import { connection } from '../app/connection.svelte.ts';
import { device } from '../app/device.svelte.ts';
import type { DraftStart, Options, Quote } from '../app/draft-start.ts';
import { ownMoment } from '../app/own-clock.ts';
import { mailboxByRole } from '../app/records.svelte.ts';

/** A draft is stored this long after the last key. */
const SAVE_AFTER_MS = 2000;
/** And kept on the device after this. */
const KEEP_AFTER_MS = 250;

export interface Attached {
  key: number;
  name: string;
  type: string;
  size: number;
  blobId: Id | null;
  /** The name of a picture inside the words; null for a file beside them. */
  cid: string | null;
  /** 0…1 while it is going up. */
  share: number;
  failed: boolean;
  abort: AbortController;
  /** The file itself, where this page was given it. */
  file?: File;
}

const USUAL: Options = {
  importance: 'normal',
  wantsReceipt: false,
  replyBy: '',
  individually: false,
  followUp: '',
  memo: false,
  keepSent: true,
  label: '',
  lowerReason: '',
};

/** Why a letter cannot be sent, at the place where it is mended. */
export interface Obstacle {
  text: string;
  at?: 'to' | 'cc' | 'bcc' | 'files';
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
  /** New words for an open editor, which takes them once. */
  given = $state.raw<string | null>(null);
  writing = $state<'rich' | 'plain'>('rich');
  /** The quotation while it stands below the words, not among them. */
  quote = $state.raw<Quote | null>(null);
  withQuote = $state(true);
  /** The line above the quotation among the words; empty when none stands there. */
  head = $state('');
  /** The quotation among the words is not shown. */
  folded = $state(false);
  /** Markup of a quotation that the open editor shall take in. */
  quoted = $state.raw<string | null>(null);
  attachments = $state<Attached[]>([]);
  /** Its files that go as links; null while there are none. */
  linked = $state.raw<LinkedLetter | null>(null);
  /** The links, from when it is sent. */
  #links: LinkBlock | null = null;
  size = $state<'docked' | 'minimised' | 'full'>('docked');
  /** Why it goes although a leak rule warns of it; of one try to send it. */
  reason = '';
  /** What the last try to send it met. */
  obstacle = $state.raw<Obstacle | null>(null);
  saving = $state<SaveState>('new');
  savedAt = $state.raw<Date | null>(null);
  /** Somebody else changed or removed the stored draft meanwhile. */
  conflict = $state(false);
  /** Where it lies when that is among the drafts of an account that several people write for. */
  team = $state.raw<TeamDraft | null>(null);
  draftId: Id | null;
  readonly answers: NonNullable<DraftStart['answers']> | null;
  /** Its recipients were known at the start, so the person begins with the words. */
  readonly beginsWithWords: boolean;
  identityId = $state<Id | null>(null);
  options = $state<Options>({ ...USUAL });
  /** `auto`: the one that fits; null: none. */
  signatureId = $state<'auto' | Id | null>('auto');
  #start: DraftStart;
  #touches = 0;
  #sendsAs: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;
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
    this.head = start.head ?? '';
    this.draftId = start.draftId ?? null;
    this.answers = start.answers ?? null;
    this.identityId = start.identityId ?? null;
    this.options = { ...USUAL, ...start.options };
    if (start.signed) this.signatureId = null;
    this.attachments = (start.attachments ?? []).map((file) => attached(file));
    if (start.links) void link(this, start.links);
    if (this.writing === 'plain') this.#quoteInText();
  }

  get isAnswer(): boolean {
    return this.#start.quote != null || this.head !== '';
  }

  /** What the writer says, without the words of others. */
  get own(): string {
    return ownWords(this.text, this.head, this.isForward);
  }

  get isForward(): boolean {
    return this.answers?.keyword === '$forwarded';
  }

  /** The quotation as part of the words, for the editor: from then on it is written in as they are. */
  takeQuote(): string {
    const { quote } = this;
    if (!quote) return '';
    this.quote = null;
    this.head = quote.head;
    return `${headMarkup(quote.head)}<blockquote type="cite">${quote.inside ?? textToHtml(quote.text)}</blockquote>`;
  }

  #quoteInText(): void {
    const { quote } = this;
    if (!quote) return;
    this.quote = null;
    this.head = quote.head;
    this.text = `${this.text}\n\n${quote.head}\n${quote.text}`;
  }

  get identity(): Identity | undefined {
    const { identities } = connection;
    return identities.find((identity) => identity.id === this.identityId) ?? identities[0];
  }

  /** The Message-ID that it is sent under: the same at each try, so that it never goes twice. */
  sendsAs(from: string): string {
    this.#sendsAs ??= `${crypto.randomUUID()}@${from.split('@')[1] ?? 'localhost'}`;
    return this.#sendsAs;
  }

  get recipients(): EmailAddress[] {
    return [...this.to, ...this.cc, ...this.bcc];
  }

  /** Message-IDs of the letters that it answers, refers to or forwards. */
  get refersTo(): string[] {
    const { inReplyTo = [], references = [], forwards = [] } = this.#start;
    return [...new Set([...inReplyTo, ...references, ...forwards])].slice(0, 100);
  }

  get uploading(): boolean {
    return this.attachments.some((file) => file.blobId === null && !file.failed);
  }

  get empty(): boolean {
    return isEmptyLetter(this.letter(false)) && !this.linked?.files.length;
  }

  /** Makes the links of a letter to these people; they stand in it from now on. */
  async fixLinks(recipients: readonly EmailAddress[]): Promise<void> {
    this.#links = (await this.linked?.finish(recipients.map(({ email }) => email))) ?? null;
  }

  /** What is sent: with the quotation under the words, unless it was left out. */
  letter(whole = true): Letter {
    const identity = this.identity;
    const quote = whole && this.withQuote ? this.quote : null;
    const signature = whole ? signatureOf(this) : null;
    const tail = (this.#links?.html ?? '') + (signature ? signatureHtml(signature.html) : '');
    const own = this.writing === 'rich' && this.html !== null ? outgoing(this.html) : null;
    const html = own === null ? null : (whole ? withTail(own, tail) : own) + (quote ? quotedHtml(quote) : '');
    const textTail = (this.#links ? `\n\n${this.#links.text}` : '') + (signature ? `\n\n-- \n${signature.text}` : '');
    const signedText = whole ? withTextTail(this.text, this.head, textTail) : this.text;
    const pictures = picturesIn(html ?? '');
    // A picture that was taken out of the words goes no further; in plain text there is no place for any.
    const files = this.attachments.filter(
      (file) => file.blobId !== null && (file.cid === null || pictures.has(file.cid)),
    );
    return {
      from: { name: identity?.name ?? null, email: identity?.email ?? connection.account?.session.username ?? '' },
      to: $state.snapshot(this.to),
      cc: $state.snapshot(this.cc),
      bcc: $state.snapshot(this.bcc),
      subject: this.subject,
      text: quote ? `${signedText}\n\n${quote.head}\n${quote.text}` : signedText,
      html,
      attachments: files.map(({ name, type, size, blobId, cid }) => ({ name, type, size, blobId: blobId ?? '', cid })),
      inReplyTo: this.#start.inReplyTo ?? [],
      references: this.#start.references ?? [],
      headers: {
        ...headersOf(this.options, this.identity),
        ...(this.#start.forwards?.length ? { [FORWARDED_FIELD]: bracketed(this.#start.forwards) } : {}),
        ...(this.reason ? { 'header:X-SmartMail-Reason:asText': this.reason } : {}),
        ...(this.linked?.files.length ? { [LINKS_FIELD]: this.linked.kept } : {}),
      },
    };
  }

  /** Called on every change: stores the draft soon. */
  touch(): void {
    if (this.#closed) return;
    this.#touches += 1;
    if (untrack(() => this.saving) !== 'saving') this.saving = 'waiting';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
    this.#keeping ??= setTimeout(() => this.#keepHere(), KEEP_AFTER_MS);
  }

  /** A page that dies before the server has the letter loses nothing. */
  #keepHere(): void {
    this.#keeping = undefined;
    if (this.#closed || this.empty) return;
    const { to, cc, bcc, subject, text, html, attachments, inReplyTo, references } = this.letter(false);
    const { draftId, answers, identityId, quote, head, writing } = this;
    const options = $state.snapshot(this.options);
    const forwards = this.#start.forwards ?? [];
    const links = this.linked?.kept ?? null;
    const team = this.team?.mark ?? null;
    const start = { to, cc, bcc, subject, text, html, attachments, inReplyTo, references, forwards, links, team };
    void device.unsaved?.keep(`${this.key}`, { ...start, quote, head, draftId, answers, identityId, writing, options });
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
    clearTimeout(this.#keeping);
    this.#keeping = undefined;
    await this.#running;
    void device.unsaved?.strike(`${this.key}`);
  }

  reopen(): void {
    this.#closed = false;
    this.#links = null;
    this.size = 'docked';
  }

  /** A picture into the words: shown at once, named by the returned id. */
  embed(file: File): { src: string; cid: string } {
    const cid = `${crypto.randomUUID()}@letter`;
    void this.attach(file, cid);
    return { src: URL.createObjectURL(file), cid };
  }

  async attach(file: File, cid: string | null = null): Promise<void> {
    const { account } = connection;
    if (!account) return;
    // A Mac gives names in pieces of syllables, which other systems show as ㅎㅏㄴㄱㅡㄹ.
    const name = file.name.normalize('NFC');
    const entry = attached({ blobId: '', name, type: file.type, size: file.size, cid }, false);
    entry.file = file;
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

  /** Whether the stored draft is still the one that this window knows. */
  async lookAgain(): Promise<void> {
    const { draftId } = this;
    if (this.#closed || this.conflict || this.saving === 'saving') return;
    if (this.team) return this.team.look().catch((error: unknown) => connection.failed(error));
    if (draftId === null) return;
    const ask = { ids: [draftId], properties: ['id'] };
    const answer = await connection.account?.pipeline
      .send<{ notFound: Id[] }>('Email/get', ask)
      .result.catch(() => null);
    const same = this.draftId === draftId && !this.#closed;
    if (same && answer?.notFound.includes(draftId)) this.conflict = true;
  }

  async #store(): Promise<void> {
    const { account } = connection;
    const drafts = untrack(() => mailboxByRole('drafts'));
    if (!account || !drafts || this.#closed || this.empty) return;
    this.saving = 'saving';
    const touches = this.#touches;
    try {
      if (!(await this.team?.store())) {
        const { id, replaced } = await account.saveDraft(emailObject(this.letter(), drafts.id), this.draftId);
        this.draftId = id;
        this.conflict ||= !replaced;
      }
      this.savedAt = new Date();
      // What was written meanwhile is stored by the next turn.
      this.saving = this.#touches === touches ? 'saved' : 'waiting';
      if (this.saving === 'saved') void device.unsaved?.strike(`${this.key}`);
    } catch (error) {
      connection.failed(error);
      this.saving = 'failed';
    }
  }
}

/** Importance as Outlook and others write it (RFC 2156, X-Priority), a receipt asked for (RFC 8098 §2.1), Reply-By. */
function headersOf(options: Options, identity: Identity | undefined): Record<string, unknown> {
  const headers: Record<string, unknown> = {};
  if (options.importance !== 'normal') {
    headers['header:Importance:asText'] = options.importance;
    headers['header:X-Priority:asText'] = options.importance === 'high' ? '1' : '5';
  }
  if (options.wantsReceipt && identity)
    headers['header:Disposition-Notification-To:asAddresses'] = [{ name: identity.name, email: identity.email }];
  if (options.label) headers[LABEL_FIELD] = fieldOf(options.label);
  if (options.label && options.lowerReason.trim()) headers[LOWER_FIELD] = options.lowerReason.trim();
  const replyBy = ownMoment(`${options.replyBy}T18:00`);
  if (replyBy) headers['header:Reply-By:asText'] = replyBy.toUTCString().replace('GMT', '+0000');
  return headers;
}

function signatureHtml(html: string): string {
  return `<p style="margin:0"><br></p><div class="signature">${linesForSending(html)}</div>`;
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
    cid: file.cid ?? null,
    share: done ? 1 : 0,
    failed: false,
    abort: new AbortController(),
  };
}

function quotedHtml(quote: Quote): string {
  const head = escapeHtml(quote.head).replaceAll('\n', '<br>');
  return `<p style="margin:0"><br></p><p>${head}</p><blockquote type="cite">${quote.html}</blockquote>`;
}
