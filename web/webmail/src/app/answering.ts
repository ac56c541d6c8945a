/** From a message to the draft of an answer. */
import { formatAddress } from '@smartmail/jmap/addresses.ts';
import { linesForEditing, textToHtml } from '@smartmail/jmap/compose.ts';
import { quoteText, replyRecipients, replySubject, type ReplyKind, threadHeaders } from '@smartmail/jmap/reply.ts';
import type { Email, Id } from '@smartmail/jmap/types.ts';
import { composing } from './composing.svelte.ts';
import { connection } from './connection.svelte.ts';
import type { Quote } from './draft.svelte.ts';
import { longDate } from './format.svelte.ts';
import { t } from './language.svelte.ts';

export async function answer(id: Id, kind: ReplyKind): Promise<void> {
  const { account } = connection;
  if (!account) return;
  const [body, rendered] = await Promise.all([account.body(id), account.render(id, false).catch(() => null)]);
  const email = account.emails.get(id);
  if (!email) return;
  const own = connection.identities.map(({ name, email: address }) => ({ name, email: address }));
  const html = rendered ? await portableHtml(rendered.html) : textToHtml(body.text);
  composing.open({
    ...replyRecipients(email, kind, own),
    ...threadHeaders(email, kind),
    subject: replySubject(email.subject, kind),
    quote: quoteOf(email, kind, body.text, html),
    attachments: kind === 'forward' ? filesOf(email) : [],
    answers: { id, keyword: kind === 'forward' ? '$forwarded' : '$answered' },
  });
}

/** Opens a stored draft where it was left. */
export async function continueDraft(id: Id): Promise<void> {
  const { account } = connection;
  if (!account) return;
  const [body, rendered] = await Promise.all([account.body(id), account.render(id, false).catch(() => null)]);
  const email = account.emails.get(id);
  if (!email) return;
  composing.open({
    to: email.to ?? [],
    cc: email.cc ?? [],
    bcc: email.bcc ?? [],
    subject: email.subject ?? '',
    text: body.text,
    html: rendered ? linesForEditing(await portableHtml(rendered.html)) : textToHtml(body.text),
    inReplyTo: email.inReplyTo ?? [],
    references: email.references ?? [],
    attachments: filesOf(email),
    draftId: id,
  });
}

function filesOf(email: Email): { blobId: Id; type: string; name: string; size: number }[] {
  return (email.attachments ?? [])
    .filter((part) => part.blobId !== null)
    .map((part) => ({
      blobId: part.blobId ?? '',
      type: part.type,
      name: part.name ?? t('filter.attachment'),
      size: part.size,
    }));
}

function quoteOf(email: Email, kind: ReplyKind, text: string, html: string): Quote {
  const list = (addresses: Email['to']): string => (addresses ?? []).map(formatAddress).join(', ');
  const head = [
    `----- ${t('compose.quoteHead')} -----`,
    `${t('reading.from')}: ${list(email.from)}`,
    `${t('reading.to')}: ${list(email.to)}`,
    ...(email.cc?.length ? [`${t('reading.cc')}: ${list(email.cc)}`] : []),
    `${t('reading.date')}: ${longDate(email.receivedAt)}`,
    `${t('reading.subject')}: ${email.subject ?? ''}`,
  ].join('\n');
  return { head, text: kind === 'forward' ? text : quoteText(text), html };
}

/** A second cleaning before foreign markup goes into a letter of ours. */
async function portableHtml(html: string): Promise<string> {
  const { portable } = await import('../body/clean.ts');
  return portable(html);
}
