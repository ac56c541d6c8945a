/**
 * People whose mail somebody wants to see first (VIP), by address: kept with the preferences, sealed on the server, the
 * same on every device. `is:vip` in a search line means them; the server, which reads no preferences, is asked for all of
 * their addresses. Small, because the first page counts them; marking is `people/vip.ts`.
 */
import type { EmailCondition } from '@smartmail/jmap/methods.ts';
import { settings } from './settings.svelte.ts';

/** What stands in quotes is looked for as it is. */
const MEANT = /"[^"]*"?|(^|[\s(-])is:vip(?=$|[\s)])/gi;
const NOBODY = '(is:unread is:read)';

export const vips = (): readonly string[] => settings.of('vipPeople') ?? [];

/** A condition as the server understands it. */
export function withVips(asked: EmailCondition): EmailCondition {
  if (!/is:vip/i.test(asked.line ?? '')) return asked;
  return { ...asked, line: meaning(asked.line ?? '', vips()) };
}

export const meaning = (line: string, people: readonly string[]): string =>
  line.replace(MEANT, (found, before = '') => (found.startsWith('"') ? found : before + fromAny(people)));

/** The blank keeps `kim@` from finding `akim@`; what follows an address cannot be told by a search for a piece of text. */
export function fromAny(people: readonly string[]): string {
  if (people.length === 0) return NOBODY;
  return `(${people.map((one) => `from:" ${one.replaceAll('"', '')}"`).join(' OR ')})`;
}
