/** Addresses outside of the admin host. Pure. */
import type { SetupLink } from '../api/types.ts';

/** The whole link of a set-up token: as the server tells it, else at the webmail's host beside this one. */
export function setupLink(link: SetupLink, here: Pick<Location, 'protocol' | 'host'>): string {
  if (link.url) return link.url;
  return `${here.protocol}//${here.host.replace(/^admin\./, '')}/setup#${link.token}`;
}
