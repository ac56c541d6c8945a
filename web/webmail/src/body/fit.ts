/**
 * Letters that were made for a desk, in the width that there is. On a phone what has a fixed width gives way first: tables,
 * cells and pictures share the width as they shared theirs. What is too wide even then is made smaller as far as its
 * words stay readable, and is panned sideways beyond that.
 */

/** Frames below this are a phone's. */
const PHONE_PX = 600;
/** So little beyond the column a letter stands in it, a bit smaller, and ends where its head ends. */
const NEARLY = 1.08;
/** Beside a list on a desk a letter as a whole may be looked at smaller. */
const SMALLEST = 0.5;
/** No word of a wide letter is smaller than this on a phone. */
const READABLE_PX = 12;
/** Smaller text is hidden on purpose: lines for the lists of mail programs. */
const MEANT_PX = 7;
/** Pictures below this are rules and gaps. */
const PICTURE_PX = 60;
/** What has more elements is no newsletter; it is panned as it is. */
const MOST = 6_000;

export const NARROW = `
.narrow :is(table, tbody, tr, td, th, div, section, p, center) { min-width: 0 !important; max-width: 100% !important; }
.narrow table { table-layout: auto !important; }
.narrow :is(td, th) { overflow-wrap: break-word; }
.narrow :is(td, th) a { overflow-wrap: anywhere; }
.narrow img { max-width: 100% !important; }
`;

/** What elements said before they gave way. */
const changed = new WeakMap<HTMLElement, Map<HTMLElement, string>>();

/** `widens` may give the frame more room, up to what there is, before the letter is made to fit. */
export function fit(frame: HTMLIFrameElement, letter: HTMLElement, widens?: (wide: number) => void): void {
  letter.style.zoom = '1';
  restore(letter);
  if (letter.scrollWidth > frame.clientWidth * NEARLY) widens?.(letter.scrollWidth);
  const room = frame.clientWidth;
  const wide = letter.scrollWidth;
  if (room === 0 || wide <= room) return;
  if (room >= PHONE_PX) letter.style.zoom = String(Math.max(SMALLEST, room / wide));
  else if (letter.getElementsByTagName('*').length <= MOST) narrow(letter, room);
}

function narrow(letter: HTMLElement, room: number): void {
  const said = new Map<HTMLElement, string>();
  changed.set(letter, said);
  const say = (one: HTMLElement, name: string, value: string): void => {
    if (!said.has(one)) said.set(one, one.style.cssText);
    one.style.setProperty(name, value, 'important');
  };
  // All is measured before anything is changed.
  const changes = giveWay(letter, room);
  letter.classList.add('narrow');
  for (const [one, name, value] of changes) say(one, name, value);
  const texts = textsOf(letter);
  const zoom = Math.min(1, Math.max(room / letter.scrollWidth, READABLE_PX / usual(texts)));
  for (const [one, { size }] of texts) if (size * zoom < READABLE_PX) say(one, 'font-size', `${READABLE_PX / zoom}px`);
  letter.style.zoom = String(zoom);
}

type Change = [one: HTMLElement, name: string, value: string];

function giveWay(letter: HTMLElement, room: number): Change[] {
  const changes: Change[] = [];
  for (const one of letter.querySelectorAll<HTMLElement>('table, div, section, p, center'))
    if (one.offsetWidth > room)
      changes.push([one, 'width', one.localName === 'table' ? '100%' : 'auto'], [one, 'box-sizing', 'border-box']);
  for (const row of letter.querySelectorAll('tr')) {
    const cells = [...row.cells];
    const whole = cells.reduce((sum, cell) => sum + cell.offsetWidth, 0);
    if (whole <= room && cells.every((cell) => cell.offsetWidth <= room)) continue;
    for (const cell of cells) changes.push([cell, 'width', `${share(cell.offsetWidth, whole)}%`]);
  }
  for (const picture of letter.querySelectorAll<HTMLElement>('img[src]'))
    if (picture.offsetWidth > PICTURE_PX) changes.push([picture, 'height', 'auto']);
  return changes;
}

export const share = (part: number, whole: number): number => (whole > 0 ? Math.round((1000 * part) / whole) / 10 : 0);

interface Text {
  size: number;
  characters: number;
}

/** Elements with words of their own that can be seen. */
function textsOf(letter: HTMLElement): Map<HTMLElement, Text> {
  const found = new Map<HTMLElement, Text>();
  const view = letter.ownerDocument.defaultView;
  const walker = letter.ownerDocument.createTreeWalker(letter, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const one = node.parentElement;
    const characters = node.nodeValue?.trim().length ?? 0;
    if (!one || !view || characters === 0) continue;
    const known = found.get(one);
    if (known) known.characters += characters;
    else {
      const size = Number.parseFloat(view.getComputedStyle(one).fontSize);
      if (size >= MEANT_PX && one.offsetHeight > 0) found.set(one, { size, characters });
    }
  }
  return found;
}

/** The size in which most of a letter is written. */
export function usual(texts: ReadonlyMap<unknown, Text>): number {
  const sizes = new Map<number, number>();
  for (const { size, characters } of texts.values()) sizes.set(size, (sizes.get(size) ?? 0) + characters);
  const [most = [READABLE_PX, 0]] = [...sizes].sort(([, one], [, other]) => other - one);
  return most[0];
}

function restore(letter: HTMLElement): void {
  letter.classList.remove('narrow');
  for (const [one, before] of changed.get(letter) ?? []) one.style.cssText = before;
  changed.delete(letter);
}
