/** Where a file goes that somebody adds to a letter: beside it, or to the server, of which the letter gets a link. */
import { domainOf, isAddress } from '@smartmail/jmap/addresses.ts';
import type { Draft } from './draft.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { size } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { aboveSwitch, goesAsLink, maxBeside } from '../bigfiles/policy.ts';
import { book } from '../people/book.svelte.ts';

export const isPicture = (file: File): boolean => file.type.startsWith('image/');

export function take(draft: Draft, files: Iterable<File>): void {
  for (const file of files) {
    // One that goes on belongs where its beginning is.
    const lost = draft.linked?.files.some((one) => one.state === 'lost' && one.size === file.size);
    if (lost || goesAsLink(file.size)) void link(draft, file);
    else if (file.size <= maxBeside()) void draft.attach(file);
    else notices.show(t('attachment.tooBig', { name: file.name, size: size(maxBeside()) }), { tone: 'bad' });
  }
}

/** As a link; `fileOrKept` may be what a stored draft says of its files. */
export async function link(draft: Draft, fileOrKept: File | string): Promise<void> {
  try {
    // Nobody who sends no big file loads this.
    const { LinkedLetter } = await import('../bigfiles/letter-files.svelte.ts');
    draft.linked ??= new LinkedLetter(draft);
    if (typeof fileOrKept === 'string') await draft.linked.restore(fileOrKept);
    else draft.linked.add(fileOrKept);
  } catch (error) {
    connection.failed(error);
    notices.show(t('attachment.failed'), { tone: 'bad' });
  }
}

/** Somebody outside the company gets it. */
export function goesOut(draft: Draft): boolean {
  const home = draft.identity ? domainOf(draft.identity) : '';
  return draft.recipients.some((one) => isAddress(one.email) && !book.isInside(one, home));
}

/** Why the files of a letter cannot go as they are, in words; null when they can. */
export function fileObstacle(draft: Draft): string | null {
  if (draft.uploading) return t('compose.uploadsPending');
  const originals = draft.attachments.some((one) => one.type === 'message/rfc822');
  if (originals && connection.account?.may('mayExport') === false && goesOut(draft))
    return t('forwardAttached.onlyInside');
  // What was chosen for colleagues only; what came with another letter is for the server to judge.
  const big = draft.attachments.find((one) => one.file && one.cid === null && aboveSwitch(one.size));
  if (big && goesOut(draft)) return t('big.onlyAsLink', { name: big.name });
  return draft.linked?.obstacle ?? null;
}
