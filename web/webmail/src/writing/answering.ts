/** From a message to the draft of an answer. */
import type { Account } from '@smartmail/jmap/account.ts';
import { formatAddress } from '@smartmail/jmap/addresses.ts';
import { type AttachedBlob, linesForEditing, textToHtml } from '@smartmail/jmap/compose.ts';
import { quoteText, replyRecipients, replySubject, type ReplyKind, threadHeaders } from '@smartmail/jmap/reply.ts';
import type { GetResult } from '@smartmail/jmap/methods.ts';
import type { BodyPart, Email, EmailAddress, Id, Identity, RenderedBody } from '@smartmail/jmap/types.ts';
import type { PictureOf } from '../body/clean.ts';
import { inert } from '../body/inert.ts';
import { composing } from './composing.svelte.ts';
import { FIELD as LINKS_FIELD } from '../bigfiles/draft-header.ts';
import { FORWARDED_FIELD, LABEL_FIELD, labelIn, LOWER_FIELD, unbracketed } from '../app/security-labels.ts';
import { connection } from '../app/connection.svelte.ts';
import { copiedFiles } from '../app/copied-files.ts';
import type { DraftStart, Options, Quote } from '../app/draft-start.ts';
import { longDate } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { ownField } from '../app/own-clock.ts';

export async function answer(id: Id, kind: ReplyKind): Promise<void> {
  const account = connection.mail;
  const accountId = connection.showing;
  if (!account) return;
  const [body, rendered] = await Promise.all([account.body(id), account.render(id, false).catch(() => null)]);
  const email = account.emails.get(id);
  if (!email) return;
  const own = connection.identities.map(({ name, email: address }) => ({ name, email: address }));
  const html = rendered ? await portableHtml(rendered.html, email) : textToHtml(body.text);
  const inside = rendered ? await quotableHtml(account, rendered, email) : { inside: html };
  const files = attachedTo(email, html);
  const wanted = kind === 'forward' ? files : files.filter((file) => file.cid);
  // From where it came, it is answered, when the person may.
  const from = connection.shared.find((one) => one.id === accountId)?.address;
  const identity = identityOf(from ? [...aliases(accountId, email), from] : wroteTo(email));
  composing.open({
    ...replyRecipients(email, kind, own),
    ...threadHeaders(email, kind),
    forwards: kind === 'forward' ? (email.messageId ?? []) : [],
    subject: replySubject(email.subject, kind),
    quote: { ...quoteOf(email, kind, body.text, html), ...inside },
    attachments: accountId === null ? wanted : await copiedFiles(accountId, wanted),
    ...(identity ? { identityId: identity.id } : {}),
    answers: { id, keyword: kind === 'forward' ? '$forwarded' : '$answered', accountId },
  });
}

/** The addresses by which a letter may have reached the person, and those it was written from. */
function wroteTo(email: Email): string[] {
  return [...(email.from ?? []), ...(email.to ?? []), ...(email.cc ?? []), ...(email.bcc ?? [])].map(
    (one) => one.email,
  );
}

/** The further addresses of an account of others by which a letter came there. */
function aliases(accountId: Id | null, email: Email): string[] {
  const theirs = connection.identities
    .filter((one) => one.accountId === accountId)
    .map((one) => one.email.toLowerCase());
  return wroteTo(email).filter((one) => theirs.includes(one.toLowerCase()));
}

/** The first of the person's own that stands among addresses. */
function identityOf(addresses: readonly string[]): Identity | undefined {
  for (const address of addresses) {
    const found = connection.identities.find(({ email }) => email.toLowerCase() === address.toLowerCase());
    if (found) return found;
  }
  return undefined;
}

/** Opens a stored draft where it was left. */
export function continueDraft(id: Id): Promise<void> {
  return openStored(id, true);
}

/** 다시 보내기: the same letter to begin with, as a new one. */
export function sendAgain(id: Id, to?: EmailAddress[]): Promise<void> {
  return openStored(id, false, to);
}

const ASKED = [
  'header:Importance:asText',
  'header:Disposition-Notification-To:asText',
  'header:Reply-By:asDate',
  LINKS_FIELD,
  LABEL_FIELD,
  FORWARDED_FIELD,
  LOWER_FIELD,
];

interface Kept {
  options: Partial<Options>;
  links: string | null;
  forwards: string[];
}

/** What the stored letter asked for, which of its files go as links, and what it forwards. */
async function optionsOf(account: Account, id: Id): Promise<Kept> {
  const ask = { ids: [id], properties: ASKED };
  type Asked = GetResult<Record<string, string | null> & { id: Id }>;
  const answer = await account.pipeline.send<Asked>('Email/get', ask).result;
  const [importance, receipt, replyBy, links, label, forwarded, lower] = ASKED.map(
    (name) => answer.list[0]?.[name] ?? null,
  );
  const rank = importance?.trim().toLowerCase();
  const options: Partial<Options> = {
    importance: rank === 'high' || rank === 'low' ? rank : 'normal',
    wantsReceipt: receipt !== null && receipt !== undefined,
    replyBy: replyBy ? ownField(new Date(replyBy)).slice(0, 10) : '',
    label: labelIn(label ?? ''),
    lowerReason: (lower ?? '').trim(),
  };
  return { options, links: links ?? null, forwards: unbracketed(forwarded ?? '') };
}

async function openStored(id: Id, continues: boolean, to?: EmailAddress[]): Promise<void> {
  const { account } = connection;
  const start = account && (await storedStart(account, id));
  if (!start) return;
  composing.open({
    ...start,
    ...(to ? { to, cc: [], bcc: [] } : {}),
    // A letter of its own has links of its own: those in its words are the first one's.
    ...(continues ? { draftId: id } : { inReplyTo: [], references: [], forwards: [], links: null }),
  });
}

/** What a window begins with that goes on with a stored letter; its files are those of the account. */
export async function storedStart(account: Account, id: Id): Promise<Partial<DraftStart> | null> {
  const [body, rendered] = await Promise.all([account.body(id), account.render(id, false).catch(() => null)]);
  const email = account.emails.get(id);
  if (!email) return null;
  const nothing = { options: {}, links: null, forwards: [] };
  const { options, links, forwards } = await optionsOf(account, id).catch(() => nothing);
  const html = rendered ? linesForEditing(await editableHtml(account, rendered.html, email)) : textToHtml(body.text);
  return {
    to: email.to ?? [],
    cc: email.cc ?? [],
    bcc: email.bcc ?? [],
    subject: email.subject ?? '',
    text: body.text,
    html,
    inReplyTo: email.inReplyTo ?? [],
    references: email.references ?? [],
    attachments: attachedTo(email, html),
    identityId: identityOf((email.from ?? []).map((one) => one.email))?.id ?? null,
    options,
    links,
    forwards,
    signed: true,
  };
}

/** The attachments for a letter of one's own: a picture is one inside the words where they have a place for it, else a file. */
function attachedTo(email: Email, html: string): AttachedBlob[] {
  // The page's policy allows no style attribute, not even in a document that is never shown.
  const plain = html.replace(/\sstyle\s*=/gi, ' data-style=');
  const places = inert(plain).querySelectorAll('img');
  const shown = new Set(
    [...places].map((image) => image.dataset['cid'] ?? (image.getAttribute('src') ?? '').replace(/^cid:/, '')),
  );
  return (email.attachments ?? [])
    .filter((part) => part.blobId !== null)
    .map((part) => ({
      blobId: part.blobId ?? '',
      type: part.type,
      name: part.name ?? t('filter.attachment'),
      size: part.size,
      cid: part.cid !== null && shown.has(part.cid) ? part.cid : null,
    }));
}

function quoteOf(email: Email, kind: ReplyKind, text: string, html: string): Quote {
  const list = (addresses: Email['to']): string => (addresses ?? []).map(formatAddress).join(', ');
  if (kind !== 'forward') {
    const head = t('compose.wrote', { date: longDate(email.receivedAt), name: list(email.from) });
    return { head, text: quoteText(text), html };
  }
  const head = [
    `----- ${t('compose.quoteHead')} -----`,
    `${t('reading.from')}: ${list(email.from)}`,
    `${t('reading.to')}: ${list(email.to)}`,
    ...(email.cc?.length ? [`${t('reading.cc')}: ${list(email.cc)}`] : []),
    `${t('reading.date')}: ${longDate(email.receivedAt)}`,
    `${t('reading.subject')}: ${email.subject ?? ''}`,
  ].join('\n');
  return { head, text, html };
}

/** A second cleaning before foreign markup goes into a letter of ours. */
async function portableHtml(html: string, email: Email): Promise<string> {
  const { portable } = await import('../body/clean.ts');
  return portable(html, (address) => partAt(address, email)?.cid ?? null);
}

/** The same for the editor, and why it should stay out of it. */
async function quotableHtml(account: Account, rendered: RenderedBody, email: Email): Promise<Partial<Quote>> {
  const { quotable } = await import('./quotable.ts');
  const { html, simpler, long } = quotable(rendered.html, rendered.css, pictures(account, email));
  return { inside: html, apart: simpler ? 'looks' : long ? 'length' : null };
}

/** A draft as the editor takes it: its pictures are those that lie beside it. */
async function editableHtml(account: Account, html: string, email: Email): Promise<string> {
  const { editable } = await import('../body/clean.ts');
  return editable(html, pictures(account, email));
}

/** Of the letter's own pictures alone: others would tell somebody that it is read. */
function pictures(account: Account, email: Email): PictureOf {
  return (address) => {
    const part = partAt(address, email);
    if (!part?.blobId) return address.startsWith('data:image/') ? { src: address, cid: null } : null;
    return { src: account.downloadUrl(part.blobId, part.name ?? '', part.type), cid: part.cid };
  };
}

/** The part that a picture of a shown letter comes from: its address holds the part's blob, or names it. */
function partAt(address: string, email: Email): BodyPart | undefined {
  return (email.attachments ?? []).find(
    ({ cid, blobId }) =>
      cid !== null && (address === `cid:${cid}` || (blobId !== null && address.includes(`/${blobId}/`))),
  );
}
