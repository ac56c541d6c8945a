/** Who is a VIP: a mark of this person alone, by address. */
import { settings } from '../app/settings.svelte.ts';
import { fromAny, vips } from '../app/vip.ts';

/** The server reads 64 words and 2,000 characters of a line. */
const MOST = 30;
const MOST_CHARACTERS = 1_500;

export const isVip = (address: string): boolean => vips().includes(address.toLowerCase());

/** False when there is no room for one more. */
export function setVip(address: string, on: boolean): boolean {
  const one = address.toLowerCase();
  const people = [...vips().filter((each) => each !== one), ...(on ? [one] : [])];
  if (on && (people.length > MOST || fromAny(people).length > MOST_CHARACTERS)) return false;
  settings.choose({ vipPeople: people });
  return true;
}
