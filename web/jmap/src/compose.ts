/** A letter being written, and the JMAP Email object made of it. Pure. */
import type { EmailAddress, Id } from './types.ts';

export interface AttachedBlob {
  blobId: Id;
  type: string;
  name: string;
  size: number;
  /** A picture inside the words has one; the HTML names it as `cid:`. */
  cid?: string | null;
}

export interface Letter {
  from: EmailAddress;
  to: EmailAddress[];
  cc: EmailAddress[];
  bcc: EmailAddress[];
  subject: string;
  text: string;
  /** Null for a plain letter; else the rich form of the same words. */
  html: string | null;
  attachments: AttachedBlob[];
  inReplyTo: string[];
  references: string[];
  /** Further fields of the header, by JMAP's property name (`header:Importance:asText`). */
  headers?: Record<string, unknown>;
  /** The same for every stored draft of one letter, and for the letter itself. */
  messageId?: string;
}

/** RFC 8621 §4.6: what Email/set `create` takes. */
export function emailObject(letter: Letter, mailboxId: Id): object {
  const recipients = (list: EmailAddress[]): EmailAddress[] | undefined => (list.length > 0 ? list : undefined);
  return {
    mailboxIds: { [mailboxId]: true },
    keywords: { $draft: true, $seen: true },
    from: [letter.from],
    to: recipients(letter.to),
    cc: recipients(letter.cc),
    bcc: recipients(letter.bcc),
    subject: letter.subject,
    inReplyTo: letter.inReplyTo.length > 0 ? letter.inReplyTo : undefined,
    references: letter.references.length > 0 ? letter.references : undefined,
    ...(letter.messageId === undefined ? {} : { messageId: [letter.messageId] }),
    ...letter.headers,
    ...bodyOf(letter),
    attachments: letter.attachments.map((file) => ({
      blobId: file.blobId,
      type: file.type || 'application/octet-stream',
      name: file.name,
      ...(file.cid ? { cid: file.cid, disposition: 'inline' } : { disposition: 'attachment' }),
    })),
  };
}

function bodyOf(letter: Letter): object {
  const text = { textBody: [{ partId: 'text', type: 'text/plain' }] };
  if (letter.html === null) return { ...text, bodyValues: { text: { value: letter.text } } };
  return {
    ...text,
    htmlBody: [{ partId: 'html', type: 'text/html' }],
    bodyValues: { text: { value: letter.text }, html: { value: letter.html } },
  };
}

export function isEmptyLetter(letter: Letter): boolean {
  const { to, cc, bcc, subject, text, attachments } = letter;
  return to.length + cc.length + bcc.length + attachments.length === 0 && subject.trim() + text.trim() === '';
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Plain text as paragraphs, so that a quotation can stand in a rich letter. */
export function textToHtml(text: string): string {
  if (text === '') return '';
  return text
    .split(/\r?\n/)
    .map((line) => `<p>${escapeHtml(line)}</p>`)
    .join('');
}

/**
 * A paragraph is a line here, as people see it while they write; without these marks other programs
 * would put space between lines and drop the empty ones.
 */
export function linesForSending(html: string): string {
  return html
    .replaceAll('<p></p>', '<p><br></p>')
    .replaceAll('<p>', '<p style="margin:0">')
    .replaceAll('<p style="', '<p style="margin:0;')
    .replaceAll('margin:0;margin:0', 'margin:0');
}

const NO_MARGIN = /^\s*margin(?:-\w+)?\s*:\s*0(?:px|pt)?\s*$/;

/** The way back, for a draft that goes on: alignment stays, the margins of sending go. */
export function linesForEditing(html: string): string {
  const own = html.replace(
    /(<p\b[^>]*?)\s((?:data-)?style)="([^"]*)"/g,
    (_tag, before: string, name: string, look: string) => {
      const rest = look.split(';').filter((each) => each.trim() !== '' && !NO_MARGIN.test(each));
      return rest.length > 0 ? `${before} ${name}="${rest.join(';').trim()}"` : before;
    },
  );
  return own.replace(/(<p\b[^>]*>)<br>(?=<\/p>)/g, '$1');
}
