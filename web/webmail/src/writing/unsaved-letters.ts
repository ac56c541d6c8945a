/** Letters that a page has left behind open again. */
import { linesForEditing } from '@smartmail/jmap/compose.ts';
import { composing } from './composing.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { device } from '../app/device.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';

export async function openLeft(): Promise<void> {
  const { left } = device;
  device.left = [];
  const { editable } = await import('../body/clean.ts');
  for (const letter of left) {
    const pictureOf = (address: string): { src: string; cid: string } | null => {
      const file = letter.attachments.find(({ cid }) => cid && address === `cid:${cid}`);
      const src = file && connection.account?.downloadUrl(file.blobId, file.name, file.type);
      return src && file.cid ? { src, cid: file.cid } : null;
    };
    const html = letter.html === null || letter.html === undefined ? null : editable(letter.html, pictureOf);
    const draft = composing.open({ ...letter, html: html && linesForEditing(html) });
    if (letter.team) (await import('./team-opening.ts')).belongsAgain(draft, letter.team);
    draft.touch();
  }
  notices.show(t('draft.recovered'));
}
