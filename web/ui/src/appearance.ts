/** How a company shows itself: its name, and versions of its colours and logo ('' for none). */
export interface Appearance {
  name: string;
  colours: string;
  logo: string;
}

/** What it says to everybody who opens the sign-in page, the newest first; `from` as RFC 3339 has it. */
export interface News {
  title: string;
  body: string;
  from: string;
}

export const OURS: Appearance = { name: '', colours: '', logo: '' };
const ID = 'appearance';

/** The address of a picture or style of a domain, '' for whose session it is. */
export function addressOf(kind: 'css' | 'png', version: string, domain = ''): string {
  return `/appearance.${kind}?${new URLSearchParams({ ...(domain ? { for: domain } : {}), v: version }).toString()}`;
}

/** Puts the colours of a company in the place of ours, or takes them away. */
export function wear(colours: string, domain = ''): void {
  const worn = document.getElementById(ID) as HTMLLinkElement | null;
  if (colours === '') {
    worn?.remove();
    return;
  }
  const link = worn ?? document.createElement('link');
  link.id = ID;
  link.rel = 'stylesheet';
  link.href = addressOf('css', colours, domain);
  if (!worn) document.head.append(link);
}

/** The domain of an address that is typed, once it looks whole. */
export function domainOf(address: string): string {
  return /^[^\s@]+@([^\s@]+\.[^\s@.]{2,})$/.exec(address.trim())?.[1]?.toLowerCase() ?? '';
}
