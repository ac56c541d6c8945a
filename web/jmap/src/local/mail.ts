/**
 * The mail of the last days as this device keeps it: what the server told is remembered as it passes, sealed by the
 * safe, and stands in for the server while it cannot be reached. The server's word always counts more.
 */
import { applyChange, type EmailChange } from '../change.ts';
import type { ChangesResult, GetResult, Invocation, JmapRequest, JmapResponse, QueryResult } from '../methods.ts';
import { NEWEST_FIRST } from '../orders.ts';
import { resolveReferences } from '../references.ts';
import { CAPABILITY, type Email, type Id, type Mailbox, type RenderedBody, type Session } from '../types.ts';
import type { Kept } from './answers.ts';
import { Safe } from './safe.ts';
import type { Shelf } from './shelf.ts';

export const KEPT_DAYS = 30;
const DAY_MS = 24 * 3_600_000;
/** More rows than this are kept of no account: the newest are. */
const MOST_ROWS = 5000;
const MOST_WINDOWS = 8;
const SOON_MS = 500;

type Json = Record<string, unknown>;

/** What the first frame needs, in one piece. */
export interface Start {
  session: Session;
  mailboxes: Mailbox[];
  mailboxState: string | null;
  emailState: string | null;
  /** Answers of types that are fetched whole, by type. */
  whole: Record<string, GetResult<{ id: Id }>>;
  /** First windows of lists, by their question. */
  windows: Record<string, { ids: Id[]; total: number }>;
  rows: Email[];
}

export interface KeptBody {
  text: string;
  rendered?: RenderedBody;
}

export class LocalMail {
  #safe: Safe | null = null;
  #start: Start | null = null;
  #rows = new Map<Id, Email>();
  #loaded: Promise<void> | null = null;
  #texts: Promise<Map<Id, KeptBody>> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  /** Changes that the server does not know yet, oldest first. */
  pending: () => readonly (readonly [Id, EmailChange])[] = () => [];
  /** Messages that changed on the server: their rows are not to be trusted until they are fetched again. */
  readonly wanted = new Set<Id>();

  constructor(
    private readonly shelf: Shelf,
    private readonly now: () => number = Date.now,
  ) {}

  get open(): boolean {
    return this.#safe !== null;
  }

  get safe(): Safe | null {
    return this.#safe;
  }

  get start(): Start | null {
    return this.#start;
  }

  /** What lies here from the last time; null for nothing. */
  async wake(): Promise<Start | null> {
    this.#safe = await Safe.open(this.shelf, this.now());
    this.#start = (await this.#safe?.get<Start>('things', 'start')) ?? null;
    if (this.#safe && !this.#start) this.#safe = null;
    return this.#start;
  }

  /** The server has told a session: keeps on, begins, or takes everything away as policy and person say. */
  async follow(session: Session, allowed: boolean): Promise<void> {
    if (!allowed) return this.wipe();
    if (this.#safe?.user !== session.username) {
      await this.#settled();
      this.#forget();
      this.#safe = await Safe.make(this.shelf, session.username, this.now());
    } else await this.#safe.renew(this.now());
    const nothing = { mailboxes: [], mailboxState: null, emailState: null, whole: {}, windows: {}, rows: [] };
    this.#start = { ...nothing, ...this.#start, session };
    this.#soon();
  }

  /** Nothing stays: the key goes, and with it all that it sealed. */
  async wipe(): Promise<void> {
    this.#forget();
    await this.#settled();
    await this.shelf.clear();
  }

  /** Takes what is worth keeping out of an answer as it passes. */
  remember(request: JmapRequest, response: JmapResponse): void {
    if (!this.#safe || !this.#start) return;
    const asked = new Map(request.methodCalls.map((call) => [call[2], call]));
    const seen = new Set<string>();
    for (const [name, answer, id] of response.methodResponses) {
      const call = asked.get(id);
      if (!call || seen.has(id)) continue;
      seen.add(id);
      if (this.#isOthers(call[1])) continue;
      if (name === 'error') this.#failed(call[0]);
      else this.#take(name, call[1], answer);
    }
    this.#soon();
  }

  /** The answer from here, or null when all of the calls need the server; where only some do, those are put off. */
  async answer(request: JmapRequest): Promise<JmapResponse | null> {
    const kept = await this.#kept(request);
    if (!kept) return null;
    const { answered } = await import('./waiting.ts');
    const methodResponses: Invocation[] = [];
    for (const [name, args, id] of request.methodCalls) {
      const found =
        this.#isOthers(args) || refers(args, methodResponses)
          ? null
          : answered(name, resolveReferences(args, methodResponses), kept);
      methodResponses.push(found ? [name, found, id] : ['error', { type: 'serverUnavailable' }, id]);
    }
    const some = methodResponses.some(([name]) => name !== 'error');
    // What is kept here knows nothing of the session as it is now.
    return some ? { methodResponses, sessionState: '' } : null;
  }

  /** Mail of others stays with the server: only the person's own lies here. */
  #isOthers(args: Json): boolean {
    return typeof args.accountId === 'string' && !this.holds(args.accountId);
  }

  holds(accountId: Id): boolean {
    return accountId === this.#start?.session.primaryAccounts[CAPABILITY.mail];
  }

  async body(id: Id): Promise<KeptBody | null> {
    return (await this.#safe?.get<KeptBody>('bodies', id)) ?? null;
  }

  async keepBody(id: Id, body: Partial<KeptBody>): Promise<void> {
    if (!this.#safe || !this.#recent(this.#rows.get(id))) return;
    await this.#write(async () => {
      const before = (await this.body(id)) ?? { text: '' };
      await this.#safe?.put('bodies', [[id, { ...before, ...body }]]);
    });
    this.#texts = null;
  }

  /** Ids of which nothing needs to be fetched any more. */
  async known(): Promise<{ rows: Set<Id>; bodies: Set<Id> }> {
    await this.#load();
    return { rows: new Set(this.#rows.keys()), bodies: new Set(await this.shelf.keys('bodies')) };
  }

  /** What is older than the days that are kept goes. */
  async prune(): Promise<void> {
    await this.#load();
    const old = [...this.#rows.values()].filter((row) => !this.#recent(row)).map((row) => row.id);
    await this.#drop(old);
  }

  /** The oldest day that is kept, as the server writes it. */
  get since(): string {
    return `${new Date(this.now() - KEPT_DAYS * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`;
  }

  #take(name: string, args: Json, answer: Json): void {
    if (name === 'Mailbox/get') return this.#takeMailboxes(args, answer as unknown as GetResult<Mailbox>);
    if (name === 'Mailbox/changes') return this.#takeMailboxChanges(answer as unknown as ChangesResult);
    if (name === 'Email/get') return this.#takeEmails(answer as unknown as GetResult<Email>);
    if (name === 'Email/changes') return this.#takeChanges(answer as unknown as ChangesResult);
    if (name === 'Email/query') return this.#takeWindow(args, answer as unknown as QueryResult);
    const [type = '', act] = name.split('/');
    if (act === 'get' && args.ids === null && this.#start)
      this.#start.whole[type] = answer as unknown as GetResult<{ id: Id }>;
  }

  #takeMailboxes(args: Json, answer: GetResult<Mailbox>): void {
    if (!this.#start) return;
    const before = args.ids === null ? [] : this.#start.mailboxes;
    const all = new Map(before.map((mailbox) => [mailbox.id, mailbox]));
    // Who asks for a few properties (whom it is shared with) gets no whole mailbox: the rest stays as it was known.
    for (const part of answer.list) {
      const whole = { ...all.get(part.id), ...part };
      if ('name' in whole) all.set(whole.id, whole);
    }
    this.#start.mailboxes = [...all.values()];
    if (args.ids === null) this.#start.mailboxState = answer.state;
  }

  #takeMailboxChanges(answer: ChangesResult): void {
    if (!this.#start) return;
    const gone = new Set(answer.destroyed);
    this.#start.mailboxes = this.#start.mailboxes.filter((mailbox) => !gone.has(mailbox.id));
    this.#start.mailboxState = answer.newState;
  }

  #takeEmails(answer: GetResult<Email & { textBody?: unknown; bodyValues?: Record<string, { value: string }> }>): void {
    if (!this.#start) return;
    this.#start.emailState ??= answer.state;
    const rows: Email[] = [];
    const bodies: [Id, KeptBody][] = [];
    for (const { textBody, bodyValues, ...email } of answer.list) {
      const row = { ...this.#rows.get(email.id), ...email };
      if (!this.#recent(row)) continue;
      this.#rows.set(row.id, row);
      this.wanted.delete(row.id);
      rows.push(row);
      if (textBody && bodyValues)
        bodies.push([
          row.id,
          {
            text: Object.values(bodyValues)
              .map(({ value }) => value)
              .join('\n'),
          },
        ]);
    }
    if (rows.length > 0)
      void this.#write(() =>
        this.#safe?.put(
          'rows',
          rows.map((row) => [row.id, row]),
        ),
      );
    if (bodies.length > 0) void this.#write(() => this.#putTexts(bodies));
    for (const id of answer.notFound ?? []) void this.#drop([id]);
  }

  /** A rendering that is there stays beside new words. */
  async #putTexts(bodies: [Id, KeptBody][]): Promise<void> {
    const whole = await Promise.all(
      bodies.map(async ([id, body]): Promise<[Id, KeptBody]> => [id, { ...(await this.body(id)), ...body }]),
    );
    await this.#safe?.put('bodies', whole);
    this.#texts = null;
  }

  #takeChanges(answer: ChangesResult): void {
    if (!this.#start) return;
    this.#start.emailState = answer.newState;
    for (const id of [...answer.created, ...answer.updated]) this.wanted.add(id);
    void this.#drop(answer.destroyed);
  }

  #takeWindow(args: Json, answer: QueryResult): void {
    if (!this.#start || answer.position !== 0 || args.anchor !== undefined || answer.total === undefined) return;
    const question = questionOf(args);
    const others = Object.entries(this.#start.windows).filter(([other]) => other !== question);
    this.#start.windows = Object.fromEntries([
      ...others.slice(1 - MOST_WINDOWS),
      [question, { ids: answer.ids.slice(0, 100), total: answer.total }],
    ]);
  }

  /** The server can tell no changes: everything that is known of messages may be wrong. */
  #failed(name: string): void {
    if (name !== 'Email/changes' || !this.#start) return;
    this.#start.emailState = null;
    this.#start.windows = {};
    const all = [...this.#rows.keys()];
    for (const id of all) this.wanted.add(id);
  }

  async #kept(request: JmapRequest): Promise<Kept | null> {
    if (!this.#safe || !this.#start) return null;
    await this.#load();
    const changes = this.pending();
    const rows = new Map(this.#rows);
    for (const [id, change] of changes) {
      const row = rows.get(id);
      if (row) rows.set(id, applyChange(row, change));
    }
    const { mailboxes, mailboxState, emailState, whole } = this.#start;
    return {
      mailboxes,
      mailboxState,
      emailState,
      whole,
      rows,
      bodies: needsTexts(request) ? await this.#all() : new Map(),
    };
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  async #read(): Promise<void> {
    const found = (await this.#safe?.all<Email>('rows')) ?? new Map<Id, Email>();
    // What came meanwhile is newer.
    for (const [id, row] of found) if (!this.#rows.has(id)) this.#rows.set(id, row);
  }

  #all(): Promise<Map<Id, KeptBody>> {
    this.#texts ??= this.#safe?.all<KeptBody>('bodies') ?? Promise.resolve(new Map<Id, KeptBody>());
    return this.#texts;
  }

  async #drop(ids: readonly Id[]): Promise<void> {
    if (ids.length === 0) return;
    for (const id of ids) {
      this.#rows.delete(id);
      this.wanted.delete(id);
    }
    await this.#write(() => Promise.all([this.shelf.remove('rows', ids), this.shelf.remove('bodies', ids)]));
    this.#texts = null;
  }

  #recent(row: Email | undefined): boolean {
    if (!row || row.receivedAt === undefined || row.threadId === undefined) return false;
    return row.receivedAt >= this.since && (this.#rows.size < MOST_ROWS || this.#rows.has(row.id));
  }

  /** At most twice a second, however much passes. */
  #soon(): void {
    this.#timer ??= setTimeout(() => void this.keepStart(), SOON_MS);
  }

  async keepStart(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const start = this.#start;
    if (!start) return;
    const ids = new Set(Object.values(start.windows).flatMap((window) => window.ids));
    const rows = [...ids].map((id) => this.#rows.get(id)).filter((row) => row !== undefined);
    await this.#write(() => this.#safe?.put('things', [['start', { ...start, rows }]]));
  }

  /** One after the other, and none after everything was taken away. A full disk costs the copy here, not the mail. */
  #write(work: () => Promise<unknown> | undefined): Promise<unknown> {
    const safe = this.#safe;
    this.#writing = this.#writing.then(() => (safe !== null && safe === this.#safe ? work() : null)).catch(() => null);
    return this.#writing;
  }

  async #settled(): Promise<void> {
    await this.#writing.catch(() => null);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#safe = null;
    this.#start = null;
    this.#rows.clear();
    this.#loaded = null;
    this.#texts = null;
    this.wanted.clear();
  }
}

/** The same list, wherever it is scrolled to; the newest first unless it says another order. */
export function questionOf(args: Json): string {
  const sort = JSON.stringify(args.sort ?? NEWEST_FIRST);
  const order = sort === JSON.stringify(NEWEST_FIRST) ? [] : [sort];
  return JSON.stringify([args.filter ?? null, args.collapseThreads ?? false, ...order]);
}

/** To a call that is put off itself. */
function refers(args: Json, responses: readonly Invocation[]): boolean {
  const failed = new Set(responses.filter(([name]) => name === 'error').map(([, , id]) => id));
  return Object.values(args).some((value) => failed.has((value as { resultOf?: string } | null)?.resultOf ?? ''));
}

function needsTexts(request: JmapRequest): boolean {
  return request.methodCalls.some(
    ([name, args]) =>
      (name === 'Email/query' && /"(text|line|body)":/.test(JSON.stringify(args.filter ?? null))) ||
      (name === 'Email/get' && args.fetchTextBodyValues === true),
  );
}
