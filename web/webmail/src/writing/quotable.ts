/**
 * Another's letter as words of one's own: what the editor can hold of it, and whether that is all. A letter keeps the
 * looks that its boxes gave to the words inside; what is laid out in columns and frames cannot be held.
 */
import { editable, type PictureOf } from '../body/clean.ts';
import { inert } from '../body/inert.ts';
import { CARRIER, CELL, declared, look, soberLook, type Look } from './looks.ts';

export interface Quotable {
  html: string;
  /** Some of its looks stay behind. */
  simpler: boolean;
  /** Of so many words that the editor is slower with it. */
  long: boolean;
}

/** Letters with more characters of markup than this are taken in only when they are asked for. */
const LONG = 150_000;
const BOXES =
  'ADDRESS ARTICLE ASIDE CENTER DD DETAILS DIV DL DT FIELDSET FIGCAPTION FIGURE FOOTER HEADER MAIN NAV SECTION SUMMARY';
const BOX = new Set(BOXES.split(' '));
const BLOCK = new Set('P H1 H2 H3 H4 H5 H6 UL OL TABLE BLOCKQUOTE HR PRE'.split(' '));
const BLOCKS = [...BOX, ...BLOCK].join(',').toLowerCase();
/** What a box gives to the words inside. */
const INHERITED = ['color', 'font-family', 'font-size', 'font-weight', 'font-style', 'line-height', 'text-align'];
const LAYOUT = /^(?:float|columns?|grid|flex|max-height)|^position$/;
const BARE = /^(?:none|0(?:px|pt|em|cm)?|initial|inherit|auto|transparent|rgba\(0, 0, 0, 0\)|normal)$/;

export function quotable(html: string, css: string | undefined, pictureOf: PictureOf): Quotable {
  // Its looks are under the carrier's name: nothing that the page's policy would have to stop.
  const page = inert(editable(css ? `<style>${css}</style>${html}` : html, pictureOf));
  const long = html.length > LONG;
  dropHidden(page.body);
  const simpler = isLaidOut(page.body);
  straighten(page.body);
  return { html: page.body.innerHTML, simpler, long };
}

/** What comes by the clipboard, from Hancom, Excel, Word or a page: as it looks there, as far as a letter can. */
export function pastable(html: string, pictureOf: PictureOf): string {
  const page = inert(editable(html, pictureOf));
  dropHidden(page.body);
  if (page.body.querySelector([...BOX].join(','))) refillAll(page.body);
  for (const table of page.body.querySelectorAll('table')) widths(table);
  for (const cell of page.body.querySelectorAll('td, th')) line(cell);
  // What was quoted elsewhere is no quotation of the letter that is being answered.
  if (!html.includes('data-pm-slice'))
    for (const quote of page.body.querySelectorAll('blockquote, p')) {
      quote.removeAttribute('type');
      quote.removeAttribute('class');
    }
  return page.body.innerHTML;
}

/** A sheet shows its own lines where a cell has none; in a letter they would be gone. */
function line(cell: Element): void {
  const own = look(cell);
  if (!Object.keys(own).some((name) => name.startsWith('border'))) setLook(cell, { ...declared(CELL), ...own });
}

/** Words that were made to be read by machines alone would come to light. */
function dropHidden(body: Element): void {
  for (const element of body.querySelectorAll(`[${CARRIER}]`)) {
    const own = look(element);
    if (own['display'] === 'none' || own['mso-hide'] === 'all' || own['max-height'] === '0px') element.remove();
  }
}

function isLaidOut(body: Element): boolean {
  if (body.querySelector('table table, li table, a table, a div')) return true;
  for (const element of body.querySelectorAll(`[${CARRIER}]`)) {
    const own = Object.entries(look(element));
    const inTable = /^T(?:ABLE|BODY|HEAD|R|D|H)$/.test(element.tagName);
    if (own.some(([name, value]) => LAYOUT.test(name) && !BARE.test(value))) return true;
    if (!inTable && own.some(([name, value]) => name === 'display' && /flex|grid|table|inline-block/.test(value)))
      return true;
    if (BOX.has(element.tagName) && own.some(isFrame)) return true;
  }
  return false;
}

/** A box that is seen as one. A line above it alone parts letters of a conversation: it becomes a line. */
function isFrame([name, value]: [string, string]): boolean {
  if (/^background-color$|^background-image$/.test(name))
    return !BARE.test(value) && !/^rgb\(255, 255, 255\)$/.test(value);
  return /^border-(?:left|right|bottom)-style$/.test(name) && !BARE.test(value);
}

/** Boxes become lines, one paragraph each, which carry what their boxes gave them. */
function straighten(holder: Element): void {
  refillAll(holder);
  for (const paragraph of holder.querySelectorAll('p')) space(paragraph);
  for (const table of holder.querySelectorAll('table')) widths(table);
}

function refillAll(holder: Element): void {
  for (const inner of holder.querySelectorAll('td, th, li, blockquote'))
    if ([...inner.children].some((child) => BOX.has(child.tagName))) refill(inner);
  refill(holder);
}

function refill(holder: Element): void {
  const lines: Element[] = [];
  collect(holder, {}, lines);
  holder.replaceChildren(...lines);
}

function collect(box: Element, inherited: Look, lines: Element[]): void {
  let line: Element | null = null;
  const begin = (): Element => {
    line = box.ownerDocument.createElement('p');
    setLook(line, { 'margin-top': '0px', 'margin-bottom': '0px', ...inherited });
    lines.push(line);
    return line;
  };
  for (const child of [...box.childNodes]) {
    if (!(child instanceof Element)) {
      if (line || child.textContent?.trim()) (line ?? begin()).append(child);
    } else if (child.tagName === 'BR') {
      if (!line) begin();
      line = null;
    } else if (BOX.has(child.tagName) || (!BLOCK.has(child.tagName) && child.querySelector(BLOCKS))) {
      line = null;
      const own = look(child);
      if (own['border-top-style'] && !BARE.test(own['border-top-style']))
        lines.push(box.ownerDocument.createElement('hr'));
      collect(child, { ...inherited, ...given(child, own) }, lines);
    } else if (BLOCK.has(child.tagName)) {
      line = null;
      setLook(child, { ...inherited, ...look(child) });
      lines.push(child);
    } else (line ?? begin()).append(child);
  }
}

function given(box: Element, own: Look): Look {
  const found: Look = {};
  for (const name of INHERITED) if (own[name] !== undefined) found[name] = own[name];
  const aligned = box.tagName === 'CENTER' ? 'center' : box.getAttribute('align');
  if (aligned) found['text-align'] = aligned;
  const indent = own['margin-left'] ?? own['padding-left'];
  if (indent !== undefined && !BARE.test(indent)) found['margin-left'] = indent;
  return found;
}

/** A paragraph here is a line; one that browsers set apart from the next says so from now on. */
function space(paragraph: Element): void {
  const own = look(paragraph);
  if (own['margin-top'] === undefined && own['margin-bottom'] === undefined)
    setLook(paragraph, { ...own, 'margin-top': '1em', 'margin-bottom': '1em' });
  const { lastChild, childNodes } = paragraph;
  if (lastChild instanceof Element && lastChild.tagName === 'BR' && childNodes.length > 0) lastChild.remove();
}

/** Columns are as wide as the first row says, or the columns themselves. */
function widths(table: Element): void {
  const columns = [...table.querySelectorAll(':scope > colgroup > col, :scope > col')].flatMap((column) =>
    Array<number | null>(Number(column.getAttribute('span') ?? 1)).fill(pixels(column)),
  );
  const first = [...(table.querySelector('tr')?.children ?? [])];
  let at = 0;
  for (const cell of first) {
    const span = Number(cell.getAttribute('colspan') ?? 1);
    const own = span === 1 ? pixels(cell) : null;
    const wide = Array.from({ length: span }, (_one, more) => columns[at + more] ?? own);
    at += span;
    if (wide.every((one) => one !== null)) cell.setAttribute('colwidth', wide.join(','));
  }
}

const SCALE: Record<string, number> = { px: 1, pt: 4 / 3, cm: 37.8, mm: 3.78, in: 96 };

function pixels(element: Element): number | null {
  const text = look(element)['width'] ?? element.getAttribute('width') ?? '';
  const [, figure, unit = 'px'] = /^([\d.]+)\s*(px|pt|cm|mm|in)?$/.exec(text.trim()) ?? [];
  const wide = Math.round(Number(figure) * (SCALE[unit] ?? 1));
  return wide > 0 && wide < 2000 ? wide : null;
}

function setLook(element: Element, own: Look): void {
  const text = soberLook(own);
  if (text === '') element.removeAttribute(CARRIER);
  else element.setAttribute(CARRIER, text);
}
