/**
 * A JMAP server in memory, small but honest: states, changes, patches, back-references. The real
 * client code runs against it unchanged.
 */
import type { EmailCondition, EmailFilter, EmailQueryArgs, Invocation, JmapRequest, JmapResponse } from '../methods.ts';
import type { Email, Id, Mailbox } from '../types.ts';
import { type DemoMessage, emailOf, mix, textOf } from './corpus.ts';
import { OWNER } from './people.ts';

export const ACCOUNT = 'demo';

type Json = Record<string, unknown>;
type Kind = 'created' | 'updated' | 'destroyed';

const STANDARD: [id: Id, role: string | null, name: string][] = [
  ['inbox', 'inbox', 'Inbox'],
  ['sent', 'sent', 'Sent'],
  ['drafts', 'drafts', 'Drafts'],
  ['junk', 'junk', 'Junk'],
  ['trash', 'trash', 'Trash'],
];
const OWN: [id: Id, parent: Id | null, name: string][] = [
  ['p1', null, '프로젝트'],
  ['p1a', 'p1', '메일 서버 이전'],
  ['p1b', 'p1', '2027 예산'],
  ['p2', null, '거래처'],
  ['p3', null, '뉴스레터'],
];

export class DemoServer {
  readonly messages = new Map<Id, DemoMessage>();
  /** Newest first. */
  #order: DemoMessage[] = [];
  #state = 1;
  #log: { state: number; id: Id; kind: Kind }[] = [];
  #created = new Map<string, Id>();
  #tell: (state: string) => void = () => undefined;

  constructor(
    size: number,
    private readonly now: () => number,
  ) {
    const sizes: Record<string, number> = {
      inbox: size,
      sent: 420,
      drafts: 3,
      junk: 18,
      trash: 46,
      p1a: 34,
      p1b: 12,
      p2: 90,
    };
    for (const [mailbox, count] of Object.entries(sizes)) this.#fill(mailbox, count);
    this.#order.sort((one, other) => other.receivedAt - one.receivedAt);
  }

  onChange(tell: (state: string) => void): void {
    this.#tell = tell;
  }

  handle(request: JmapRequest): JmapResponse {
    const before = this.#state;
    this.#created.clear();
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
        return this.#changed(args, ['inbox', 'sent', 'drafts', 'junk', 'trash', ...OWN.map(([id]) => id)]);
      case 'Email/query':
        return this.#query(args as EmailQueryArgs);
      case 'Email/get':
        return this.#get(args);
      case 'Email/changes':
        return this.#changed(args, null);
      case 'Email/set':
        return this.#set(args);
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
        return {
          state: 'q',
          list: [{ id: 'q', name: '', resourceType: 'octets', used: 6_871_947_673, hardLimit: 10_737_418_240 }],
          notFound: [],
        };
      default:
        throw new Error('unknownMethod');
    }
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
    const all = [
      ...STANDARD.map(([id, role, name], index) => make(id, name, role, null, index)),
      ...OWN.map(([id, parent, name], index) => make(id, name, null, parent, 10 + index)),
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
    const found = this.#order.filter((message) => matches(message, args.filter ?? null));
    let position = args.position ?? 0;
    if (args.anchor !== undefined) {
      const at = found.findIndex((message) => message.id === args.anchor);
      if (at < 0) throw new Error('anchorNotFound');
      position = Math.max(0, at + (args.anchorOffset ?? 0));
    }
    const ids = found.slice(position, position + (args.limit ?? 500)).map((message) => message.id);
    return { queryState: String(this.#state), canCalculateChanges: false, position, ids, total: found.length };
  }

  #get(args: Json): Json {
    const found = (args.ids as Id[]).map((id) => this.messages.get(id)).filter((message) => message !== undefined);
    const list = found.map((message) => ({
      ...emailOf(message),
      ...(args.fetchTextBodyValues
        ? {
            textBody: [{ partId: '1', type: 'text/plain' }],
            bodyValues: { '1': { value: textOf(message), isTruncated: false } },
          }
        : {}),
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
    }
    for (const [id, patch] of Object.entries((args.update ?? {}) as Record<Id, Json>)) this.#patch(id, patch);
    for (const id of (args.destroy ?? []) as Id[]) this.#destroy(id);
    return {
      oldState: null,
      newState: String(this.#state),
      created,
      updated: args.update ?? {},
      destroyed: args.destroy ?? [],
    };
  }

  #patch(id: Id, patch: Json): void {
    const message = this.messages.get(id);
    if (!message) return;
    for (const [path, value] of Object.entries(patch)) {
      const [property, key = ''] = path.split('/') as ['keywords' | 'mailboxIds', string];
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
    for (const [key, value] of Object.entries((args.create ?? {}) as Record<string, Json>)) {
      const reference = value.emailId as string;
      const id = this.#created.get(reference) ?? reference;
      created[key] = { id: `sub-${id}` };
      const patch = (args.onSuccessUpdateEmail as Record<string, Json> | undefined)?.[`#${key}`];
      if (patch) this.#patch(id, patch);
    }
    return { oldState: null, newState: 's', created };
  }
}

function writtenOf(value: Json): DemoMessage['written'] {
  const values = (value.bodyValues ?? {}) as Record<string, { value: string }>;
  const text = values.text?.value ?? '';
  const files = (value.attachments ?? []) as Email['attachments'];
  return {
    from: value.from as Email['from'],
    to: (value.to ?? []) as Email['to'],
    cc: (value.cc ?? []) as NonNullable<Email['cc']>,
    subject: value.subject as string,
    preview: text.slice(0, 200),
    text,
    ...threadOf(value),
    attachments: files ?? [],
    hasAttachment: (files ?? []).length > 0,
    ...(values.html ? { html: values.html.value } : {}),
  };
}

function threadOf(value: Json): { threadId?: Id } {
  const root = ((value.references ?? []) as string[])[0]?.split('@')[0];
  return root === undefined ? {} : { threadId: `t-${root}` };
}

function matches(message: DemoMessage, filter: EmailFilter | null): boolean {
  if (!filter) return true;
  if ('operator' in filter) return filter.conditions.every((condition) => matches(message, condition));
  return matchesPlace(message, filter) && matchesWords(message, filter);
}

function matchesPlace(message: DemoMessage, filter: EmailCondition): boolean {
  if (filter.inMailbox !== undefined && !(filter.inMailbox in message.mailboxIds)) return false;
  if (
    filter.inMailboxOtherThan &&
    Object.keys(message.mailboxIds).every((id) => filter.inMailboxOtherThan?.includes(id))
  )
    return false;
  if (filter.hasKeyword !== undefined && !(filter.hasKeyword in message.keywords)) return false;
  return filter.notKeyword === undefined || !(filter.notKeyword in message.keywords);
}

function matchesWords(message: DemoMessage, filter: EmailCondition): boolean {
  if (filter.hasAttachment === undefined && filter.text === undefined) return true;
  const email = emailOf(message);
  if (filter.hasAttachment !== undefined && email.hasAttachment !== filter.hasAttachment) return false;
  if (filter.text === undefined) return true;
  const people = [...(email.from ?? []), ...(email.to ?? [])].map((one) => `${one.name} ${one.email}`).join(' ');
  return `${email.subject} ${people} ${email.preview}`.toLowerCase().includes(filter.text.toLowerCase());
}

/** RFC 8620 §3.7, with the one wildcard that the client uses. */
function resolveReferences(args: Json, responses: Invocation[]): Json {
  const result: Json = {};
  for (const [key, value] of Object.entries(args)) {
    if (!key.startsWith('#')) {
      result[key] = value;
      continue;
    }
    const { resultOf, path } = value as { resultOf: string; path: string };
    const answer = responses.find((response) => response[2] === resultOf);
    if (!answer || answer[0] === 'error') throw new Error('invalidResultReference');
    result[key.slice(1)] = follow(answer[1], path.split('/').slice(1));
  }
  return result;
}

function follow(value: unknown, path: string[]): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (head === '*') return (value as unknown[]).flatMap((each) => follow(each, rest));
  return follow((value as Json)[head], rest);
}
