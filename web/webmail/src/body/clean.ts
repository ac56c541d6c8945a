/**
 * The second wall behind the server's sanitiser. A body becomes a tree without anything active;
 * its styles are taken off the tree, filtered property by property, and handed back as values for
 * CSSOM, because the page's CSP forbids inline style in any form.
 */
import DOMPurify from 'dompurify';
import { allowedDeclarations, type Declaration, filterSheet } from './css.ts';
import { boundTables } from './tables.ts';

export interface CleanBody {
  fragment: DocumentFragment;
  /** Styles of single elements, to be set when the tree stands in its frame. */
  styles: Map<Element, Declaration[]>;
  /** Text of the style sheets that the message brought, filtered. */
  sheets: string[];
  /** The message chose colours of its own: it is shown on white paper in both themes. */
  coloured: boolean;
}

/** The name under which a style attribute passes the parser. */
const CARRIER = 'data-style';
const FORBIDDEN_TAGS = [
  'style',
  'form',
  'input',
  'button',
  'select',
  'textarea',
  'iframe',
  'object',
  'embed',
  'link',
  'meta',
  'base',
  'svg',
  'math',
  'audio',
  'video',
  'source',
  'track',
  'dialog',
  'template',
  'slot',
];
/** The server's sanitiser puts this before the ids of a message. */
const OWN_PREFIX = 'm-';
const SAFE_LINK = /^(?:https?:|mailto:|tel:)/i;
/** Inline pictures: our own download addresses and embedded bitmaps. */
const SAFE_IMAGE = /^(?:blob:|data:image\/(?:png|jpe?g|gif|webp|svg\+xml)[;,]|\/)/i;

export function clean(html: string, css = ''): CleanBody {
  const sheets = [filterSheet(css)].filter((text) => text !== '');
  const fragment = DOMPurify.sanitize(withoutStyles(html, sheets), {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: FORBIDDEN_TAGS,
    FORBID_ATTR: ['name', 'style', 'srcset', 'ping', 'action', 'formaction', 'background'],
    ADD_ATTR: ['target'],
    FORCE_BODY: true,
    ALLOW_ARIA_ATTR: false,
  });
  const styles = takeStyles(fragment);
  for (const link of fragment.querySelectorAll('a, area')) guardLink(link);
  for (const image of fragment.querySelectorAll('img')) guardImage(image);
  for (const named of fragment.querySelectorAll('[id]'))
    if (!named.id.startsWith(OWN_PREFIX)) named.removeAttribute('id');
  return { fragment, sheets, styles, coloured: choosesColours(fragment, styles, sheets) };
}

/**
 * For a quotation: the same tree as text, with the styles that passed. `cidOf` names pictures that go along; others of
 * ours stay behind.
 */
export function portable(html: string, cidOf: (address: string) => string | null = () => null): string {
  const { fragment, styles } = clean(html.replace(CID_SOURCE, '$1data-cid$2'));
  for (const image of fragment.querySelectorAll('img')) {
    const named = image.getAttribute('data-cid');
    const cid = cidOf(named === null ? (image.getAttribute('src') ?? '') : `cid:${named}`);
    image.removeAttribute('data-cid');
    if (cid !== null) image.setAttribute('src', `cid:${cid}`);
    else if (!image.src.startsWith('data:')) image.remove();
  }
  const holder = document.implementation.createHTMLDocument('').body;
  for (const [element, declarations] of styles)
    element.setAttribute(CARRIER, declarations.map(({ name, value }) => `${name}:${value}`).join(';'));
  holder.append(fragment);
  return holder.innerHTML.replaceAll(` ${CARRIER}="`, ' style="');
}

const CID_SOURCE = /(<img\b[^>]*?\s)src(\s*=\s*["']?)cid:/gi;

/** Where a picture of the markup comes from in the editor, and its name inside the letter; null leaves it out. */
export type PictureOf = (address: string) => { src: string; cid: string | null } | null;

/**
 * For the editor: foreign markup (a draft, something pasted) with its looks under the carrier's name, those of style
 * sheets (Excel, Word) too, because an editor keeps no sheets.
 */
export function editable(html: string, pictureOf: PictureOf): string {
  const { fragment, styles, sheets } = clean(html.replace(CID_SOURCE, '$1data-cid$2'));
  const looks = new Map<Element, string>();
  const add = (element: Element, text: string): void =>
    void looks.set(element, looks.has(element) ? `${looks.get(element)};${text}` : text);
  for (const text of sheets) for (const [selector, look] of plainRules(text)) addTo(fragment, selector, look, add);
  for (const [element, declarations] of styles)
    add(element, declarations.map(({ name, value }) => `${name}:${value}`).join(';'));
  for (const [element, text] of looks) element.setAttribute(CARRIER, text);
  emphasise(looks);
  boundTables(fragment);
  for (const image of fragment.querySelectorAll('img')) {
    const given = image.getAttribute('data-cid');
    const found = pictureOf(given === null ? (image.getAttribute('src') ?? '') : `cid:${given}`);
    image.removeAttribute('data-cid');
    if (!found) image.remove();
    else {
      image.setAttribute('src', found.src);
      if (found.cid !== null) image.setAttribute('data-cid', found.cid);
    }
  }
  const holder = document.implementation.createHTMLDocument('').body;
  holder.append(fragment);
  return holder.innerHTML;
}

function addTo(
  tree: DocumentFragment,
  selector: string,
  look: string,
  add: (one: Element, look: string) => void,
): void {
  try {
    for (const element of tree.querySelectorAll(selector)) add(element, look);
  } catch {
    // A selector that this browser does not know looks like nothing.
  }
}

const EMPHASIS: readonly [look: RegExp, tag: string][] = [
  [/(?:^|;)font-weight:\s*(?:bold|[6-9]00)/, 'strong'],
  [/(?:^|;)font-style:\s*italic/, 'em'],
  [/(?:^|;)text-decoration(?:-line)?:[^;]*underline/, 'u'],
];

/** Word and others say "bold" by style, and Docs wraps all of a letter in a `b` that is none. */
function emphasise(looks: Map<Element, string>): void {
  for (const [element, look] of looks) {
    if (element.tagName === 'B' && /font-weight:\s*(?:normal|400)/.test(look))
      element.replaceWith(...element.childNodes);
    if (element.tagName !== 'SPAN') continue;
    for (const [, tag] of EMPHASIS.filter(([test]) => test.test(look))) {
      const strong = document.createElement(tag);
      strong.append(...element.childNodes);
      element.append(strong);
    }
  }
}

function plainRules(sheet: string): [selector: string, look: string][] {
  return [...sheet.matchAll(/([^{}@]+)\{([^{}]*)\}/g)].map(([, selector = '', look = '']) => [selector, look]);
}

const SHEET = /<style\b[^>]*>([\s\S]*?)<\/style\s*>/gi;
const TAG = /<[a-z][^\s/>]*(?:"[^"]*"|'[^']*'|[^'">])*>/gi;
const STYLE_ATTRIBUTE = /(\s)style(\s*=)/gi;

/**
 * Parsing a style attribute under our CSP is a violation, even in a document that is never shown.
 * So styles travel through the parser under another name. Where this reading of the markup errs,
 * a style is lost or a word of the text changes: nothing that the sanitiser after it relies on.
 */
function withoutStyles(html: string, sheets: string[]): string {
  const rest = html.replace(SHEET, (_whole, text: string) => {
    const filtered = filterSheet(text);
    if (filtered !== '') sheets.push(filtered);
    return '';
  });
  return rest.replace(TAG, (tag) => tag.replace(STYLE_ATTRIBUTE, `$1${CARRIER}$2`));
}

function takeStyles(fragment: DocumentFragment): Map<Element, Declaration[]> {
  const styles = new Map<Element, Declaration[]>();
  for (const element of fragment.querySelectorAll(`[${CARRIER}]`)) {
    const declarations = allowedDeclarations(element.getAttribute(CARRIER) ?? '');
    element.removeAttribute(CARRIER);
    if (declarations.length > 0) styles.set(element, declarations);
  }
  return styles;
}

function guardLink(link: Element): void {
  const address = link.getAttribute('href')?.trim() ?? '';
  const inside = address.startsWith(`#${OWN_PREFIX}`);
  if (inside) link.removeAttribute('target');
  else link.setAttribute('target', '_blank');
  if (!inside && !SAFE_LINK.test(address)) link.removeAttribute('href');
  link.setAttribute('rel', 'noopener noreferrer nofollow');
}

/** Pictures of our own origin alone: what lies elsewhere is fetched by the server, when the reader asks for it. */
function guardImage(image: Element): void {
  const address = image.getAttribute('src')?.trim() ?? '';
  const own = SAFE_IMAGE.test(address) && !address.startsWith('//');
  if (address !== '' && !own) image.removeAttribute('src');
  image.setAttribute('loading', 'lazy');
  image.setAttribute('decoding', 'async');
}

function choosesColours(fragment: DocumentFragment, styles: Map<Element, Declaration[]>, sheets: string[]): boolean {
  if (fragment.querySelector('[bgcolor], [color], font[color]')) return true;
  const named = (name: string): boolean => name === 'color' || name.startsWith('background');
  for (const declarations of styles.values()) if (declarations.some(({ name }) => named(name))) return true;
  return sheets.some((text) => /(?:^|[{;\s])(?:color|background(?:-color)?)\s*:/.test(text));
}
