/** The words of a bulletin: plain text, in which addresses of pages can be opened. Pure. */
export interface Bulletin {
  id: string;
  title: string;
  body: string;
  placeLevel: 'organization' | 'domain' | 'department' | 'group';
  placeName: string;
  shownFrom: string;
  shownUntil: string;
  isPinned: boolean;
  isPopup: boolean;
  mustRead: boolean;
  isPopped: boolean;
  isClosed: boolean;
  readAt: string | null;
}

export interface Piece {
  text: string;
  /** Where it leads; '' for words. */
  href: string;
}

const ADDRESS = /https?:\/\/[^\s<>"'“”‘’]+/gu;
/** Signs that end a sentence rather than an address. */
const TAIL = /[.,;:!?)\]}。、，）」』]+$/u;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const href = match[0].replace(TAIL, '');
    if (!URL.canParse(href)) continue;
    if (match.index > at) found.push({ text: text.slice(at, match.index), href: '' });
    found.push({ text: href, href });
    at = match.index + href.length;
  }
  if (at < text.length) found.push({ text: text.slice(at), href: '' });
  return found;
}

/** What stands above the list: pinned ones that are not closed, and those that must be read until they are. */
export function standing(list: readonly Bulletin[]): Bulletin[] {
  const open = list.filter((one) => one.readAt === null && (one.mustRead || (one.isPinned && !one.isClosed)));
  return [...open.filter((one) => one.mustRead), ...open.filter((one) => !one.mustRead)];
}

/** What comes up by itself, once. */
export function popping(list: readonly Bulletin[]): Bulletin | undefined {
  return list.find((one) => one.isPopup && !one.isPopped && one.readAt === null);
}
