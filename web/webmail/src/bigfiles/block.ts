/** The links of a letter as they stand below its words. */
import { escapeHtml } from '@smartmail/jmap/compose.ts';
import { longDate, size } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import type { FileLink } from './uploads.svelte.ts';

export interface LinkBlock {
  text: string;
  html: string;
}

interface Line {
  name: string;
  size: number;
  link: FileLink;
}

/** Who gets it is told what it asks for: a password, which comes another way, or a code. */
export interface Proof {
  locked: boolean;
  coded: boolean;
}

export function linkBlock(lines: readonly Line[], proof: Proof): LinkBlock {
  const told = lines.map((line) => ({ ...line, words: wordsOf(line, proof) }));
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

function wordsOf({ name, size: octets, link }: Line, { locked, coded }: Proof): [string, string] {
  const facts = [
    t('big.until', { date: longDate(link.expiresAt) }),
    ...(link.viewOnly ? [t('big.viewOnly')] : []),
    ...(coded ? [t('big.coded')] : locked ? [t('big.locked')] : []),
  ];
  return [t('big.note', { name, size: size(octets) }), facts.join(' · ')];
}
