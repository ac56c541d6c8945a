/**
 * Text of markup as a tree that nobody sees and nothing runs in. The page's policy (`require-trusted-types-for`) takes a
 * plain string at no parser: this is the one place of ours that may give it one, and it gives back no trusted text that
 * somebody could put into the page.
 */
// Browsers without Trusted Types take the string as it is.
const parsing = globalThis.trustedTypes?.createPolicy('smartmail-inert', { createHTML: (markup: string) => markup });

export function inert(markup: string): Document {
  // With a doctype and a body: otherwise a table would stand inside of a paragraph, and white space at the start would go.
  const whole = `<!doctype html><body>${markup}`;
  return new DOMParser().parseFromString(parsing?.createHTML(whole) ?? whole, 'text/html');
}
