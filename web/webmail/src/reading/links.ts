/** A link whose words name another place than the one it leads to. */

const DOMAIN = /^(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+[\p{L}]{2,})(?:[/:?#].*)?$/iu;

/** The host that the words claim, when the link goes elsewhere; null when they claim none or the same. */
export function contradiction(words: string, href: string): { said: string; real: string } | null {
  const said = DOMAIN.exec(words.trim())?.[1]?.toLowerCase();
  let real: string;
  try {
    const url = new URL(href);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
    real = url.hostname.toLowerCase();
  } catch {
    return null;
  }
  if (said === undefined) return null;
  const ascii = asciiOf(said);
  // www and other hosts of the same domain are no lie.
  return real === ascii || real.endsWith(`.${ascii}`) || ascii.endsWith(`.${real}`) ? null : { said, real };
}

function asciiOf(host: string): string {
  try {
    return new URL(`https://${host}`).hostname;
  } catch {
    return host;
  }
}
