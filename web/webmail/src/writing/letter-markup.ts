/** From the markup of the editor to that of a letter. Pure. */
import { linesForSending } from '@smartmail/jmap/compose.ts';

const PICTURE = /<img\b[^>]*>/g;
const CID = /\sdata-cid="([^"]*)"/;

/** Pictures of the letter under the names that they have in it (RFC 2392); lines as other programs draw them. */
export function outgoing(html: string): string {
  const named = html.replace(PICTURE, (tag) => {
    const cid = CID.exec(tag)?.[1];
    if (cid === undefined) return tag;
    return tag.replace(CID, '').replace(/\ssrc="[^"]*"/, ` src="cid:${cid}"`);
  });
  return linesForSending(named);
}

/** The names of the pictures that stand in a letter. */
export function picturesIn(html: string): Set<string> {
  return new Set([...html.matchAll(/\bcid:([^"'\s>)]+)/g)].map(([, cid = '']) => cid));
}
