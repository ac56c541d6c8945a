/** Where a quotation begins in a letter that holds it as words of its own. Pure. */
import { escapeHtml } from '@smartmail/jmap/compose.ts';

/** The line above a quotation, in the markup of a letter. */
export const HEAD_CLASS = 'quote-head';
const BEGINS = [`<p class="${HEAD_CLASS}"`, '<blockquote type="cite"'];
const BLANK = '<p style="margin:0"><br></p>';

/** What belongs to the writer's own words (a signature, links to files) stands above the quotation, not under it. */
export function withTail(html: string, tail: string): string {
  const above = aboveQuote(html);
  if (above === html) return html + tail;
  const blank = (above + tail).endsWith('<br></p>') || above + tail === '' ? '' : BLANK;
  return above + tail + blank + html.slice(above.length);
}

/** The part of a letter that is the writer's alone. */
export function aboveQuote(html: string): string {
  const places = BEGINS.map((mark) => html.indexOf(mark)).filter((at) => at >= 0);
  return places.length === 0 ? html : html.slice(0, Math.min(...places));
}

/** The line above a quotation. */
export function headMarkup(head: string): string {
  return `<p class="${HEAD_CLASS}">${escapeHtml(head).replaceAll('\n', '<br>')}</p>`;
}

/** A plain letter as the rich editor takes it. */
export function richOf(text: string, head: string): string {
  if (text === '') return '';
  const at = placeOf(text, head);
  if (at < 0) return quotedLines(text);
  const above = text.slice(0, at).replace(/\n$/, '');
  return quotedLines(above) + headMarkup(head) + quotedLines(text.slice(at + head.length).replace(/^\n/, ''));
}

/** The same in plain text; `head` is the line above the quotation as it stands there now. */
export function withTextTail(text: string, head: string, tail: string): string {
  const at = placeOf(text, head);
  if (at < 0) return text + tail;
  return `${text.slice(0, at).replace(/\n+$/, '')}${tail}\n\n${text.slice(at)}`;
}

/** What the writer says: quoted lines are another's. All that stands below the head of a forwarded mail is, too. */
export function ownWords(text: string, head: string, forwarded: boolean): string {
  const at = placeOf(text, head);
  const above = at < 0 ? text : text.slice(0, at);
  const below = at < 0 || forwarded ? '' : text.slice(at + head.length);
  return [above, below].join('\n').replace(/^>.*$/gm, '').trim();
}

/** Lines with the mark of quotation become quotations. */
function quotedLines(text: string): string {
  let open = 0;
  const parts = text.split(/\r?\n/).map((line) => {
    const [marks = ''] = /^(?:> ?)*/.exec(line) ?? [];
    const depth = marks.replaceAll(' ', '').length;
    const step = depth > open ? '<blockquote type="cite">'.repeat(depth - open) : '</blockquote>'.repeat(open - depth);
    open = depth;
    return `${step}<p>${escapeHtml(line.slice(marks.length))}</p>`;
  });
  return parts.join('') + '</blockquote>'.repeat(open);
}

function placeOf(text: string, head: string): number {
  if (head === '') return -1;
  if (text.startsWith(head)) return 0;
  const at = text.indexOf(`\n${head}`);
  return at < 0 ? -1 : at + 1;
}
