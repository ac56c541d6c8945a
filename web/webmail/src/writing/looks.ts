/** Looks as one line of declarations, as the letter and its editor carry them. Pure. */

/** The name under which looks pass the parser: the page's policy allows no style attribute (see body/clean.ts). */
export const CARRIER = 'data-style';
/** Other programs draw a table without lines unless each cell says so. */
export const CELL = 'border:1px solid #b8bcc4;padding:4px 8px';
export type Look = Record<string, string>;

/** What a block of a letter may look like: nothing that moves it over others or takes it out of sight. */
const SOBER =
  /^(?:color|background-color|font-(?:family|size|weight|style)|line-height|text-(?:align|indent|decoration(?:-line)?)|vertical-align|white-space(?:-collapse)?|word-break|border(?:-.+)?|padding(?:-.+)?|margin(?:-.+)?|width|height|border-collapse|list-style-type)$/;
const NEGATIVE = /(?:^|[\s(])-\d/;

export function declared(text: string): Look {
  const found: Look = {};
  for (const each of text.split(';')) {
    const at = each.indexOf(':');
    if (at > 0) found[each.slice(0, at).trim().toLowerCase()] = each.slice(at + 1).trim();
  }
  return found;
}

export function look(element: Element): Look {
  return declared(element.getAttribute(CARRIER) ?? '');
}

export function soberLook(own: Look): string {
  return Object.entries(own)
    .filter(([name, value]) => SOBER.test(name) && value !== '' && !NEGATIVE.test(value))
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
}

/** The same look but for one thing; null takes it away. */
export function relook(text: string | null, name: string, value: string | null): string | null {
  return soberLook({ ...declared(text ?? ''), [name]: value ?? '' }) || null;
}

const TAG = /<[a-z][^\s/>]*(?:"[^"]*"|[^">])*>/gi;

/** Markup of the editor's own on its way back into it. */
export function carried(html: string): string {
  return html.replace(TAG, (tag) => tag.replace(/(\s)style(=")/g, `$1${CARRIER}$2`));
}
