/**
 * A JMAP server in memory, small but honest: states, changes, patches, back-references. The real
 * client code runs against it unchanged.
 */
import { DemoApprovals } from './approvals.ts';
import { checkedOf, leakRefusal, waitsFor } from './leaks.ts';
import type { EmailCondition, EmailQueryArgs, Invocation, JmapRequest, JmapResponse } from '../methods.ts';
import type { Id, Mailbox } from '../types.ts';
import { type DemoMessage, emailOf, mix, textOf, threadOf } from './corpus.ts';
import { attachments, recipients } from './drawer.ts';
import { marked } from './lines.ts';
import { matches, newestOfThreads } from './matching.ts';
import { DemoObjects } from './objects.ts';
import { DemoRecurring } from './recurring.ts';
import { DemoReminders } from './reminders.ts';
import { shown } from './shown.ts';
import { OWN, type Place, QUOTA, setPlaces, STANDARD, TEAM, TEAM_MAILBOXES, TEAM_RIGHTS } from './places.ts';
import { DemoTeam } from './team.ts';
import { writtenOf } from './written.ts';
import { inOrder, type Sort } from '../orders.ts';
import { resolveReferences } from '../references.ts';
import { directory } from './directory.ts';
import { OWNER } from './people.ts';

export const ACCOUNT = 'demo';

/** Stands for a message that has gone. */
const NOWHERE: DemoMessage = { id: '', seed: 0, receivedAt: 0, mailboxIds: {}, keywords: {} };

type Json = Record<string, unknown>;
type Kind = 'created' | 'updated' | 'destroyed';

export class DemoServer {
  readonly messages = new Map<Id, DemoMessage>();
  readonly approvals = new DemoApprovals();
  readonly #objects = new DemoObjects();
  readonly #shelf = {
    message: (id: Id) => this.messages.get(this.#created.get(id) ?? id),
    now: () => this.now(),
    changed: (message: DemoMessage, top: boolean) => this.#replaced(message, top),
  };
  readonly #reminders = new DemoReminders(this.#shelf);
  readonly #recurring = new DemoRecurring(this.#shelf);
  /** Newest first. */
  #order: DemoMessage[] = [];
  #state = 1;
  #log: { state: number; id: Id; kind: Kind }[] = [];
  #created = new Map<string, Id>();
  readonly #places: Place[] = [...OWN];
  #vault: { id: Id; reason: string; replacedBy: Id; message: DemoMessage }[] = [];
  #pending = new Map<Id, Json>();
  /** Letters whose sender said why they go. */
  readonly #reasoned = new Set<Id>();
  #tell: (state: string, type?: string) => void = () => undefined;

  readonly #team = new DemoTeam((id) => threadOf(this.messages.get(id) ?? NOWHERE));

  constructor(
    size: number,
    private readonly now: () => number,
    private readonly account: Id = ACCOUNT,
  ) {
    const own: Record<string, number> = {
      inbox: size,
      sent: 420,
      drafts: 3,
      junk: 18,
      trash: 46,
      p1a: 34,
      p1b: 12,
      p2: 90,
    };
    const sizes: Record<string, number> = this.account === TEAM ? { q1: 24, q2: 9 } : own;
    for (const [mailbox, count] of Object.entries(sizes)) this.#fill(mailbox, count);
    this.#order.sort((one, other) => other.receivedAt - one.receivedAt);
    if (this.account === TEAM)
      this.#team.seed(this.#order.filter(({ mailboxIds }) => mailboxIds.q1).map(({ id }) => id));
  }

  onChange(tell: (state: string, type?: string) => void): void {
    this.#tell = tell;
  }

  handle(request: JmapRequest): JmapResponse {
    const before = this.#state;
    this.#created.clear();
    this.#reminders.wake();
    const methodResponses: Invocation[] = [];
    for (const [name, args, callId] of request.methodCalls) {
      try {
        methodResponses.push([name, this.#run(name, resolveReferences(args, methodResponses)), callId]);
      } catch (error) {
        methodResponses.push(['error', { type: (error as Error).message }, callId]);
      }
    }
    if (this.#state !== before) this.#tell(String(this.#state));
    return { methodResponses, sessionState: 's' };
  }

  /** Objects of other types than mail tell their new states by themselves. */
  #touched(type: string): void {
    this.#state += 1;
    this.#tell(String(this.#state), type);
  }

  /** A new message arrives in the inbox. */
  arrive(written?: DemoMessage['written']): void {
    const seed = mix(this.now() | 0, 77);
    this.#insert({ inbox: true }, {}, seed, written);
    this.#tell(String(this.#state));
  }

  #fill(mailbox: Id, count: number): void {
    // Closer together at the top, as mail is: about 40 a day, so that 100,000 reach back some years.
    for (let i = 0; i < count; i += 1) {
      const seed = mix(i, mailbox.length * 131 + mailbox.charCodeAt(0));
      const gap = i * 2_160_000 + (mix(seed, 9) % 1_500_000) + 240_000;
      const keywords: Record<string, true> = {};
      if (mailbox !== 'inbox' || i > 14 || mix(seed, 10) % 3 === 0) keywords.$seen = true;
      if (mailbox === 'inbox' && i > 14 && mix(seed, 11) % 90 === 0) delete keywords.$seen;
      if (mix(seed, 12) % 17 === 0) keywords.$flagged = true;
      if (mix(seed, 13) % 9 === 0) keywords.$answered = true;
      if (mailbox === 'drafts') keywords.$draft = true;
      if (mix(seed, 14) % 13 === 0)
        keywords[['work', 'contract', 'urgent', 'later'][mix(seed, 15) % 4] ?? 'work'] = true;
      const message = {
        id: `${mailbox}-${i}`,
        seed,
        receivedAt: this.now() - gap,
        mailboxIds: { [mailbox]: true as const },
        keywords,
      };
      this.messages.set(message.id, message);
      this.#order.push(message);
    }
  }

  #insert(
    mailboxIds: Record<Id, true>,
    keywords: Record<string, true>,
    seed: number,
    written?: DemoMessage['written'],
  ): Id {
    const id = `n-${this.#state}-${this.#order.length}`;
    const message: DemoMessage = {
      id,
      seed,
      receivedAt: this.now(),
      mailboxIds,
      keywords,
      ...(written ? { written } : {}),
    };
    this.messages.set(id, message);
    this.#order.unshift(message);
    this.#note(id, 'created');
    return id;
  }

  /** Wakes what is due; the pages hear of it. */
  wake(): void {
    const before = this.#state;
    this.#reminders.wake();
    if (this.#state !== before) this.#tell(String(this.#state));
  }

  #replaced(message: DemoMessage, top: boolean): void {
    if (top) {
      this.#order.splice(this.#order.indexOf(message), 1);
      this.#order.unshift(message);
    }
    this.#note(message.id, 'updated');
  }

  #note(id: Id, kind: Kind): void {
    this.#state += 1;
    this.#log.push({ state: this.#state, id, kind });
  }

  #run(name: string, args: Json): Json {
    switch (name) {
      case 'Mailbox/get':
        return {
          accountId: ACCOUNT,
          state: String(this.#state),
          list: this.#mailboxes(args.ids as Id[] | null),
          notFound: [],
        };
      case 'Mailbox/changes':
        return this.#changed(
          args,
          [...(this.account === TEAM ? TEAM_MAILBOXES : [...STANDARD, ...this.#places])].map(([id]) => id),
        );
      case 'Mailbox/set':
        this.#state += 1;
        return setPlaces(this.#places, args);
      case 'Email/query':
        return this.#query(args as EmailQueryArgs);
      case 'Email/get':
        return this.#get(args);
      case 'Email/changes':
        return this.#changed(args, null);
      case 'Email/set':
        return this.#set(args);
      case 'EmailSubmission/query':
      case 'EmailSubmission/get':
        return this.#submissions(name, args);
      case 'EmailSubmission/set':
        return this.#submit(args);
      case 'Thread/get':
        return { state: 't', list: (args.ids as Id[]).map((id) => this.#thread(id)), notFound: [] };
      case 'Identity/get':
        return {
          state: 'i',
          list: [{ id: 'i1', name: OWNER.name, email: OWNER.email, mayDelete: false }],
          notFound: [],
        };
      case 'Quota/get':
        return { state: 'q', list: [QUOTA], notFound: [] };
      case 'Email/remind':
      case 'Email/endReminder':
      case 'Reminder/query':
        return this.#reminders.run(name, args);
      case 'EmailSubmission/check':
        return checkedOf(args, (id) => this.messages.get(id));
      case 'Email/unsubscribe':
        return { id: args.id, outcome: 'done' };
      case 'Attachment/query':
        return attachments(this.#order.slice(0, 3000), args);
      case 'SentMail/recipients':
        return recipients(this.messages.get(args.emailId as Id));
      case 'Email/detach':
        return this.#detach(args.emails as Record<Id, string[] | null>);
      case 'DeletedEmail/query':
        return { position: 0, total: this.#vault.length, list: this.#vault };
      case 'Email/restore':
        return this.#restore(args.ids as Id[]);
      case 'Email/reportPhishing':
        return { reported: args.ids, notReported: null };
      case 'Blob/get':
        return { list: [{ id: 'b', 'data:asText': 'Subject: demo\r\n\r\nbody', size: 21 }], notFound: [] };
      case 'SearchSnippet/get':
        return this.#snippets(args.emailIds as Id[], (args.filter as EmailCondition).line ?? '');
      case 'Tag/get':
        return this.#counted(this.#objects.run(name, args, (type) => this.#touched(type)));
      default:
        {
          const answer = this.approvals.run(name, args) ?? this.#team.run(name, args, (type) => this.#touched(type));
          if (answer) return answer;
        }
        if (name.startsWith('RecurringMail/')) return this.#recurring.run(name, args);
        if (/^(?:Principal|Department)\//.test(name)) return directory(name, args);
        return this.#objects.run(name, args, (type) => this.#touched(type));
    }
  }

  /** Each message gives way to one without the files; the old one lies in the vault. */
  #detach(emails: Record<Id, string[] | null>): Json {
    const detached: Record<Id, { id: Id; freed: number }> = {};
    for (const [id, parts] of Object.entries(emails)) {
      const message = this.messages.get(id);
      if (!message) continue;
      const email = emailOf(message);
      const out = (email.attachments ?? []).filter((part) => parts === null || parts.includes(part.partId ?? ''));
      const left = (email.attachments ?? []).filter((part) => !out.includes(part));
      const other: DemoMessage = {
        ...message,
        id: `${id}-d${this.#vault.length}`,
        written: { ...message.written, attachments: left, hasAttachment: left.length > 0, text: textOf(message) },
      };
      this.messages.set(other.id, other);
      this.#order.splice(this.#order.indexOf(message), 1, other);
      this.messages.delete(id);
      this.#note(id, 'destroyed');
      this.#note(other.id, 'created');
      this.#vault.push({ id, reason: 'detached', replacedBy: other.id, message });
      detached[id] = { id: other.id, freed: out.reduce((sum, part) => sum + part.size, 0) };
    }
    return { detached, notDetached: null };
  }

  #restore(ids: Id[]): Json {
    const restored: Record<Id, Id> = {};
    for (const one of this.#vault.filter((each) => ids.includes(each.id))) {
      const other = this.messages.get(one.replacedBy);
      if (!other) continue;
      this.#order.splice(this.#order.indexOf(other), 1, one.message);
      this.messages.delete(other.id);
      this.messages.set(one.message.id, one.message);
      this.#note(other.id, 'destroyed');
      this.#note(one.message.id, 'created');
      restored[one.id] = one.message.id;
    }
    this.#vault = this.#vault.filter((each) => !(each.id in restored));
    return { restored, notRestored: null };
  }

  #snippets(ids: Id[], line: string): Json {
    const found = ids.map((id) => this.messages.get(id)).filter((message) => message !== undefined);
    const list = found.map((message) => {
      const email = emailOf(message);
      const subject = marked(email.subject ?? '', line);
      return { emailId: email.id, subject, preview: marked(email.preview, line), file: null, foundBy: [] };
    });
    return { list, notFound: null, notIndexed: 0 };
  }

  /** Tags say how many messages carry them. */
  #counted(answer: Json): Json {
    const counts = new Map<string, [number, number]>();
    for (const { keywords } of this.#order) {
      for (const keyword in keywords) {
        const [total, unread] = counts.get(keyword) ?? [0, 0];
        counts.set(keyword, [total + 1, unread + (keywords.$seen ? 0 : 1)]);
      }
    }
    const list = (answer.list as Json[]).map((tag) => {
      const [totalEmails, unreadEmails] = counts.get(tag.keyword as string) ?? [0, 0];
      return { keyword: tag.id, scope: 'personal', ...tag, totalEmails, unreadEmails };
    });
    return { ...answer, list };
  }

  #mailboxes(ids: Id[] | null | undefined): Mailbox[] {
    const counts = new Map<Id, [number, number]>();
    for (const message of this.#order) {
      for (const id in message.mailboxIds) {
        const count = counts.get(id) ?? [0, 0];
        count[0] += 1;
        if (!message.keywords.$seen && !message.keywords.$draft) count[1] += 1;
        counts.set(id, count);
      }
    }
    const make = (id: Id, name: string, role: string | null, parentId: Id | null, sortOrder: number): Mailbox => {
      const [totalEmails, unreadEmails] = counts.get(id) ?? [0, 0];
      return { id, name, role, parentId, sortOrder, totalEmails, unreadEmails };
    };
    if (this.account === TEAM) {
      const shared = TEAM_MAILBOXES.map(([id, parent, name], index) => make(id, name, null, parent, index));
      return shared
        .map((mailbox) => ({ ...mailbox, myRights: TEAM_RIGHTS }))
        .filter(({ id }) => !ids || ids.includes(id));
    }
    const all = [
      ...STANDARD.map(([id, role, name], index) => make(id, name, role, null, index)),
      ...this.#places.map(([id, parent, name], index) => make(id, name, null, parent, 10 + index)),
    ];
    return ids ? all.filter((mailbox) => ids.includes(mailbox.id)) : all;
  }

  /** A conversation here is a generated message and the answers that were written to it. */
  #thread(id: Id): { id: Id; emailIds: Id[] } {
    const answers = this.#order.filter((message) => message.written?.threadId === id).map((message) => message.id);
    return { id, emailIds: [id.slice(2), ...answers].filter((each) => this.messages.has(each)) };
  }

  #changed(args: Json, fixed: Id[] | null): Json {
    const since = Number(args.sinceState);
    const result = { created: new Set<Id>(), updated: new Set<Id>(), destroyed: new Set<Id>() };
    if (fixed) for (const id of since < this.#state ? fixed : []) result.updated.add(id);
    else for (const entry of this.#log) if (entry.state > since) result[entry.kind].add(entry.id);
    return {
      oldState: args.sinceState,
      newState: String(this.#state),
      hasMoreChanges: false,
      created: [...result.created],
      updated: [...result.updated].filter((id) => !result.created.has(id)),
      destroyed: [...result.destroyed],
    };
  }

  #query(args: EmailQueryArgs): Json {
    const caredFor = (message: DemoMessage): string => this.#team.assignment(threadOf(message));
    const all = this.#order.filter((message) => matches(message, args.filter ?? null, caredFor));
    const found = this.#sorted(args.collapseThreads ? newestOfThreads(all) : all, args.sort);
    let position = args.position ?? 0;
    if (args.anchor !== undefined) {
      const at = found.findIndex((message) => message.id === args.anchor);
      if (at < 0) throw new Error('anchorNotFound');
      position = Math.max(0, at + (args.anchorOffset ?? 0));
    }
    const ids = found.slice(position, position + (args.limit ?? 500)).map((message) => message.id);
    return { queryState: String(this.#state), canCalculateChanges: false, position, ids, total: found.length };
  }

  #sorted(newestFirst: DemoMessage[], sort?: Sort): DemoMessage[] {
    const [first] = sort ?? [];
    if (!first || first.property === 'receivedAt') return first?.isAscending ? newestFirst.reverse() : newestFirst;
    const rows = newestFirst.map((message) => ({ ...emailOf(message), message }));
    return inOrder(rows, sort).map(({ message }) => message);
  }

  #get(args: Json): Json {
    const found = (args.ids as Id[]).map((id) => this.messages.get(id)).filter((message) => message !== undefined);
    const list = found.map((message) => ({
      ...shown(message, args.fetchTextBodyValues === true),
      reminder: this.#reminders.of(message.id),
    }));
    return { state: String(this.#state), list, notFound: [] };
  }

  #set(args: Json): Json {
    const created: Json = {};
    for (const [key, value] of Object.entries((args.create ?? {}) as Record<string, Json>)) {
      const id = this.#insert(
        value.mailboxIds as Record<Id, true>,
        value.keywords as Record<string, true>,
        mix(this.#state, 5),
        writtenOf(value),
      );
      created[key] = { id };
      this.#created.set(`#${key}`, id);
      if (value['header:X-SmartMail-Reason:asText']) this.#reasoned.add(id);
    }
    for (const [id, patch] of Object.entries((args.update ?? {}) as Record<Id, Json>)) this.#patch(id, patch);
    const destroyed = ((args.destroy ?? []) as Id[]).filter((id) => this.messages.has(id));
    const gone = ((args.destroy ?? []) as Id[]).filter((id) => !this.messages.has(id));
    for (const id of destroyed) this.#destroy(id);
    return {
      oldState: null,
      newState: String(this.#state),
      created,
      updated: args.update ?? {},
      destroyed,
      notDestroyed: Object.fromEntries(gone.map((id) => [id, { type: 'notFound' }])),
    };
  }

  #patch(id: Id, patch: Json): void {
    const message = this.messages.get(id);
    if (!message) return;
    for (const [path, value] of Object.entries(patch)) {
      const [property, key = ''] = path.split('/') as ['keywords' | 'mailboxIds', string];
      if (key === '') {
        message[property] = value as Record<string, true>;
        continue;
      }
      const others = Object.entries(message[property]).filter(([name]) => name !== key);
      message[property] = Object.fromEntries(value ? [...others, [key, true as const]] : others);
    }
    this.#note(id, 'updated');
  }

  #destroy(id: Id): void {
    const message = this.messages.get(id);
    if (!message) return;
    this.messages.delete(id);
    this.#order.splice(this.#order.indexOf(message), 1);
    this.#note(id, 'destroyed');
  }

  #submit(args: Json): Json {
    const created: Json = {};
    const notCreated: Json = {};
    for (const [key, value] of Object.entries((args.create ?? {}) as Record<string, Json>)) {
      const reference = value.emailId as string;
      const id = this.#created.get(reference) ?? reference;
      const subject = this.messages.get(id)?.written?.subject ?? '';
      const refusal = leakRefusal(subject, this.#reasoned.has(id));
      if (refusal) {
        notCreated[key] = refusal;
        continue;
      }
      created[key] = { id: `sub-${id}`, approval: waitsFor(subject) };
      this.#pending.set(`sub-${id}`, { ...value, emailId: id });
      const patch = (args.onSuccessUpdateEmail as Record<string, Json> | undefined)?.[`#${key}`];
      if (patch) this.#patch(id, patch);
    }
    const updated: Json = {};
    const notUpdated: Json = {};
    for (const id of Object.keys((args.update ?? {}) as Json)) {
      const held = this.#pending.get(id);
      if (!held) notUpdated[id] = { type: 'cannotUnsend' };
      else {
        this.#pending.delete(id);
        updated[id] = null;
        const patch = (args.onSuccessUpdateEmail as Record<string, Json> | undefined)?.[id];
        if (patch) this.#patch(held.emailId as Id, patch);
      }
    }
    return { oldState: null, newState: 's', created, notCreated, updated, notUpdated };
  }

  /** Of planned mail. */
  #submissions(name: string, args: Json): Json {
    const held = [...this.#pending].map(([id, one]) => {
      const envelope = one.envelope as { mailFrom: { parameters?: Json }; rcptTo: object[] } | undefined;
      const sendAt = (envelope?.mailFrom.parameters?.HOLDUNTIL as string | undefined) ?? null;
      return { id, undoStatus: 'pending', emailId: one.emailId, identityId: one.identityId, envelope, sendAt };
    });
    const planned = held.filter((one) => one.sendAt !== null);
    if (name.endsWith('/query')) return { position: 0, ids: planned.map(({ id }) => id) };
    const ids = args.ids as Id[];
    return { state: 's', list: planned.filter(({ id }) => ids.includes(id)), notFound: [] };
  }
}
