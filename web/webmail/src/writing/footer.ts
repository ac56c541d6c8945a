/** Whether the company's footer will stand below a letter. Pure; the server decides when it is sent. */

/** As the session tells it. */
export interface Footer {
  where: 'all' | 'outside' | 'inside';
  text: string;
  /** Not where it stands already, as in a quoted answer. */
  once: boolean;
}

interface Facts {
  /** Somebody outside gets it. */
  outside: boolean;
  addressed: boolean;
  /** Those of the letter and what it quotes. */
  words: string;
}

export function carriesFooter({ where, text, once }: Footer, { outside, addressed, words }: Facts): boolean {
  if (once && bare(words).includes(bare(text))) return false;
  return where === 'all' || (addressed && (where === 'outside') === outside);
}

/** Quoting puts marks before lines, and programs break them where they like. */
function bare(words: string): string {
  return words.replace(/[\s>|]+/g, '');
}
