/** 첨부로 전달: messages as they came, each a file of a new letter (RFC 2046 §5.2.1). */
import type { GetResult } from '@smartmail/jmap/methods.ts';
import type { Email, Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { copiedFiles } from '../app/copied-files.ts';
import { size } from '../app/format.svelte.ts';
import { failureKey } from '../app/failure-text.ts';
import { t } from '../app/language.svelte.ts';
import { writeLetter } from '../app/letters.ts';
import { notices } from '../app/notices.svelte.ts';
import { maxBeside } from '../bigfiles/policy.ts';
import { fileNameOf } from '../app/file-name.ts';

const MOST = 50;

export async function forwardAttached(ids: Id[]): Promise<void> {
  const account = connection.mail;
  const accountId = connection.showing;
  if (!account || ids.length === 0) return;
  if (ids.length > MOST) return refuse(t('forwardAttached.tooMany', { most: MOST }));
  try {
    const wish = { ids, properties: ['id', 'blobId', 'subject', 'size'] };
    const call = account.pipeline.send<GetResult<Email>>('Email/get', wish);
    const emails = (await call.result).list;
    const octets = emails.reduce((sum, one) => sum + one.size, 0);
    if (octets > maxBeside()) return refuse(t('forwardAttached.tooLarge', { size: size(maxBeside()) }));
    const files = emails.map((one) => ({
      blobId: one.blobId,
      type: 'message/rfc822',
      name: fileNameOf(one.subject),
      size: one.size,
      cid: null,
    }));
    const [first] = emails;
    const subject = files.length === 1 ? (first?.subject ?? '') : t('forwardAttached.subject', { count: files.length });
    await writeLetter({
      subject: `FW: ${subject}`,
      attachments: accountId === null ? files : await copiedFiles(accountId, files),
      ...(first && ids.length === 1 ? { answers: { id: first.id, keyword: '$forwarded', accountId } } : {}),
    });
  } catch (error) {
    connection.failed(error);
    refuse(t(failureKey(error)));
  }
}

function refuse(text: string): void {
  notices.show(text, { tone: 'bad' });
}
