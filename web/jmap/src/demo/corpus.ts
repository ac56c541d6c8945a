/**
 * Generated messages: number `i` of a mailbox is always the same message, so that 200,000 of them
 * need memory only for what changes (place, keywords), and text is made when it is looked at.
 */
import type { Email, EmailAddress, Id } from '../types.ts';
import { FILES, OWNER, PEOPLE, TOPICS, type Topic } from './people.ts';

export interface DemoMessage {
  id: Id;
  seed: number;
  receivedAt: number;
  mailboxIds: Record<Id, true>;
  keywords: Record<string, true>;
  /** What a person wrote here; generated text otherwise. */
  written?: Partial<Email> & { html?: string; text?: string };
}

/** A small integer hash: the same number gives the same message on every machine. */
export function mix(seed: number, salt: number): number {
  let value = Math.imul(seed ^ (salt * 0x9e3779b9), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function pick<T>(list: readonly T[], seed: number, salt: number): T {
  return list[mix(seed, salt) % list.length] as T;
}

function topicOf(message: DemoMessage): Topic {
  return pick(TOPICS, message.seed, 1);
}

const ABROAD: Record<string, readonly EmailAddress[]> = {
  ja: PEOPLE.slice(9, 11),
  'zh-Hans': PEOPLE.slice(11, 12),
  'zh-Hant': PEOPLE.slice(12, 13),
  en: PEOPLE.slice(13, 14),
};
const HOME = [...PEOPLE.slice(0, 9), ...PEOPLE.slice(14)];

function senderOf(message: DemoMessage): EmailAddress {
  return pick(ABROAD[topicOf(message).lang] ?? HOME, message.seed, 2);
}

function recipientsOf(message: DemoMessage): { to: EmailAddress[]; cc: EmailAddress[] } {
  const others = mix(message.seed, 5) % 3;
  const cc = Array.from({ length: others }, (_, index) => pick(PEOPLE.slice(0, 7), message.seed, 20 + index));
  return { to: [OWNER], cc };
}

function filesOf(message: DemoMessage): typeof FILES {
  if (mix(message.seed, 3) % 5 !== 0) return [];
  return FILES.slice(0, 1 + (mix(message.seed, 4) % FILES.length));
}

function subjectOf(message: DemoMessage): string {
  const prefix = ['', '', '', 'Re: ', '회신: ', 'Fwd: '][mix(message.seed, 6) % 6] ?? '';
  return prefix + topicOf(message).subject;
}

/** Asked of every message of a list: it makes no more of the message than this. */
export function threadOf(message: DemoMessage): Id {
  return message.written?.threadId ?? `t-${message.id}`;
}

export function emailOf(message: DemoMessage): Email {
  const files = filesOf(message);
  const outgoing = 'sent' in message.mailboxIds;
  const sender = senderOf(message);
  const { to, cc } = recipientsOf(message);
  return {
    id: message.id,
    blobId: `b-${message.id}`,
    threadId: threadOf(message),
    mailboxIds: message.mailboxIds,
    keywords: message.keywords,
    from: [outgoing ? OWNER : sender],
    to: outgoing ? [sender] : to,
    cc,
    bcc: [],
    replyTo: null,
    subject: subjectOf(message),
    receivedAt: new Date(message.receivedAt).toISOString().replace(/\.\d+/, ''),
    sentAt: new Date(message.receivedAt - 4000).toISOString(),
    preview: topicOf(message).lines.join(' '),
    hasAttachment: files.length > 0,
    size: 4000 + files.reduce((sum, file) => sum + file.size, 0),
    messageId: [`${message.id}@demo.example`],
    inReplyTo: null,
    references: null,
    attachments: files.map((file, index) => ({
      partId: `${index + 2}`,
      blobId: `f-${message.id}-${index}`,
      disposition: 'attachment',
      cid: null,
      ...file,
    })),
    ...message.written,
  };
}

export function textOf(message: DemoMessage): string {
  return message.written?.text ?? `${topicOf(message).lines.join('\n\n')}\n\n${senderOf(message).name} 드림`;
}

export function languageOf(message: DemoMessage): string {
  return message.written ? 'ko' : topicOf(message).lang;
}

/** Every seventh is a styled newsletter with remote pictures; the others are simple letters. */
export function htmlOf(
  message: DemoMessage,
  withImages: boolean,
): { html: string; remoteCount: number; trackerCount?: number } {
  if (message.written?.html) return { html: message.written.html, remoteCount: 0 };
  const lines = textOf(message).split('\n\n');
  const text = lines.map((line) => `<p>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`).join('');
  if (mix(message.seed, 7) % 7 !== 0) return { html: text, remoteCount: 0 };
  const picture = withImages
    ? `<img src="${BANNER}" width="560" height="120" alt="">`
    : '<img alt="배너" width="560" height="120">';
  const cell = 'padding:24px 28px;background-color:#ffffff;border:1px solid #dbe1ea;border-radius:8px;color:#1f2937';
  const button =
    'display:inline-block;padding:10px 18px;background:#2457c5;color:#ffffff;border-radius:6px;text-decoration:none';
  const html = `<table width="100%" style="background-color:#eef2f8"><tr><td style="padding:24px"><table width="600" align="center"><tr><td style="${cell}">${picture}<h2 style="margin:16px 0 8px;font-size:20px">${topicOf(message).subject}</h2>${text}<p><a href="https://hanbit-tech.example/read" style="${button}">자세히 보기</a></p></td></tr></table></td></tr></table>`;
  return { html, remoteCount: 3, trackerCount: 1 };
}

const BANNER =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 560 120'%3E%3Crect width='560' height='120' fill='%23dbe6fb'/%3E%3Ccircle cx='470' cy='60' r='70' fill='%23b9cff6'/%3E%3Ccircle cx='60' cy='100' r='50' fill='%23c9dafa'/%3E%3C/svg%3E";
