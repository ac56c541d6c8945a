/** The links of a letter as they stand below its words. */
import { escapeHtml } from '@smartmail/jmap/compose.ts';
import { longDate, size } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import type { FileLink } from './sending.svelte.ts';

export interface LinkBlock {
  text: string;
  html: string;
}

interface Line {
  name: string;
  size: number;
  link: FileLink;
}

/** `locked`: who gets it is told that a password comes another way. */
export function linkBlock(lines: readonly Line[], locked: boolean): LinkBlock {
  const told = lines.map((line) => ({ ...line, words: wordsOf(line, locked) }));
  return {
    text: told.map(({ words: [name, until], link }) => `${name}\n${until}\n${link.url}\n`).join('\n'),
    html: told
      .map(({ words: [name, until], link }) => {
        const anchor = `<a href="${escapeHtml(link.url)}">${escapeHtml(name)}</a>`;
        return `<p style="margin:12px 0">${anchor}<br>${escapeHtml(until)}</p>`;
      })
      .join(''),
  };
}

function wordsOf({ name, size: octets, link }: Line, locked: boolean): [string, string] {
  const until = t('big.until', { date: longDate(link.expiresAt) });
  return [t('big.note', { name, size: size(octets) }), locked ? `${until} · ${t('big.locked')}` : until];
}
