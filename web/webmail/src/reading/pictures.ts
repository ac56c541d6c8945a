/** Whose remote pictures are shown without being asked for: addresses and `@domains` that the person chose. Pure. */
import type { Email } from '@smartmail/jmap/types.ts';

/** The preferences are one record; the oldest leaves when there is no room. */
export const MOST_TRUSTED = 200;

/** Only where the domain in From is shown to have sent it: anybody can write a trusted name into a letter. */
export const senderProved = (email: Email): boolean => email.inspection === null || email.inspection?.aligned === true;

export function showsPictures(email: Email, trusted: readonly string[]): boolean {
  const address = email.from?.[0]?.email.toLowerCase();
  if (!address || email.keywords.$junk || email.keywords.$phishing || !senderProved(email)) return false;
  return trusted.includes(address) || trusted.includes(address.slice(address.lastIndexOf('@')));
}

export function withTrusted(trusted: readonly string[], who: string): string[] {
  return [...trusted.filter((one) => one !== who), who].slice(-MOST_TRUSTED);
}
