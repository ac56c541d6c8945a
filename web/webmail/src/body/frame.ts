/**
 * Puts a clean body into its frame. The frame may not run scripts, so everything is done from
 * outside: the tree is adopted, styles are set through CSSOM, the height is observed.
 */
import type { CleanBody } from './clean.ts';
import { lendFace } from '@smartmail/ui/face.ts';
import { fit, NARROW } from './fit.ts';

export interface FrameLook {
  dark: boolean;
  /** Colours of the letter's own are turned round for a dark page; pictures stay as they are. */
  turned: boolean;
  lang: string | null;
  fonts: string;
  /** Its text can neither be selected nor copied. */
  uncopied?: boolean;
}

export interface FrameEvents {
  resized(height: number): void;
  /** The letter is so wide by itself. */
  widens(wide: number): void;
  key(event: KeyboardEvent): void;
  /** A link was pressed; `preventDefault` keeps it from being followed. */
  follows(event: MouseEvent, link: HTMLAnchorElement): void;
  /** Refuses copying from this document; returns what ends it. WebKit fires no listeners here: there the style does it. */
  uncopied?(page: Document): () => void;
}

const LETTER = `
html { overflow: auto hidden; color-scheme: light; }
body { margin: 0; padding: 0; color: #23272f; font-size: 15px; line-height: 1.7333; word-break: keep-all; overflow-wrap: anywhere; }
.letter { display: flow-root; }
.letter > :first-child { margin-top: 0; } .letter > :last-child { margin-bottom: 0; }
p { margin: 0 0 13px; }
@media (max-width: 480px) { body { font-size: 16px; line-height: 1.75; } }
a { color: #2d5bc7; }
img { max-width: 100%; }
img[src] { height: auto; }
img:not([src]) { box-sizing: border-box; border: 1px dashed #b6bdca; border-radius: 4px; color: #69707d; font-size: 12px; }
table { max-width: 100%; }
pre { white-space: pre-wrap; font-family: ui-monospace, monospace; font-size: 13px; }
::highlight(hit) { background-color: #ffe08a; color: #23272f; }
blockquote { margin: 0.5em 0; padding: 0 0 0 16px; border-left: 2px solid #d5dae3; color: #565e6c; }
`;
const DARK = `
html { color-scheme: dark; }
body { color: #e6e9ef; } a { color: #8db1ff; } blockquote { border-color: #3b4250; color: #aab2c0; }
`;

const TURNED = `
.letter { padding: 12px; background: #fff; filter: invert(0.88) hue-rotate(180deg); }
.letter :is(img, video, svg, [background], [style*='url(']) { filter: invert(1) hue-rotate(180deg); }
`;

const UNCOPIED = '* { -webkit-user-select: none !important; user-select: none !important; }';

export function fillFrame(frame: HTMLIFrameElement, body: CleanBody, look: FrameLook, events: FrameEvents): () => void {
  const page = frame.contentDocument;
  const view = page?.defaultView;
  if (!page || !view) return () => undefined;
  if (look.lang) page.documentElement.lang = look.lang;
  page.body.style.fontFamily = look.fonts;
  // A style sheet belongs to the document whose window made it.
  page.adoptedStyleSheets = sheetsOf(body, look).map((text) => {
    const sheet = new (view as Window & typeof globalThis).CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  const letter = page.createElement('div');
  letter.className = 'letter';
  letter.append(page.adoptNode(body.fragment));
  page.body.replaceChildren(letter);
  for (const [element, declarations] of body.styles) {
    const { style } = element as HTMLElement;
    for (const { name, value, important } of declarations) style.setProperty(name, value, important ? 'important' : '');
  }
  return follow(frame, page, letter, events);
}

function sheetsOf(body: CleanBody, look: FrameLook): string[] {
  const last = [...(look.turned ? [TURNED] : []), ...(look.uncopied ? [UNCOPIED] : [])];
  return [LETTER + (look.dark ? DARK : ''), ...body.sheets, NARROW, ...last];
}

function follow(frame: HTMLIFrameElement, page: Document, letter: HTMLElement, events: FrameEvents): () => void {
  const measure = (): void => {
    fit(frame, letter, events.widens);
    // A sideways scroll bar needs room of its own.
    const bar = page.documentElement.scrollWidth > frame.clientWidth ? 16 : 0;
    events.resized(Math.ceil(letter.getBoundingClientRect().height) + bar);
  };
  const observer = new ResizeObserver(measure);
  observer.observe(letter);
  // WebKit fires no listeners in a frame without scripts; there the keys work outside the frame.
  const pressed = (event: MouseEvent): void => {
    // The right button opens a menu and follows nothing.
    if (event.button === 2) return;
    const link = (event.target as Element | null)?.closest?.('a[href], area[href]');
    if (link) events.follows(event, link as HTMLAnchorElement);
  };
  page.addEventListener('click', pressed);
  page.addEventListener('auxclick', pressed);
  page.addEventListener('keydown', events.key);
  measure();
  const unlend = lendFace(page.fonts);
  const allow = events.uncopied?.(page);
  return () => {
    unlend();
    allow?.();
    observer.disconnect();
    page.removeEventListener('keydown', events.key);
    page.removeEventListener('click', pressed);
    page.removeEventListener('auxclick', pressed);
  };
}
