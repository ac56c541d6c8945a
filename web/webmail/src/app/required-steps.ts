/** The way from a password to the page that asks for what is still owed, and back. */
import type { Waiting } from '@smartmail/jmap/proof.ts';

const CHALLENGE = 'smartmail.challenge';
const SEARCH = 'smartmail.return';

/** Goes to the page for second factors, new passwords and consents; `waiting`: a sign-in that has come half way. */
export function goToProof(waiting: Waiting | null = null): void {
  if (waiting) sessionStorage.setItem(CHALLENGE, JSON.stringify(waiting));
  sessionStorage.setItem(SEARCH, location.search);
  location.assign('/proof');
}

/** The sign-in that waits, taken away: nobody finds it in this tab later. */
export function takeWaiting(): Waiting | null {
  const kept = sessionStorage.getItem(CHALLENGE);
  sessionStorage.removeItem(CHALLENGE);
  return kept ? (JSON.parse(kept) as Waiting) : null;
}

/** To the mail, or to whatever asked for a sign-in. */
export function goOn(): void {
  const search = sessionStorage.getItem(SEARCH) ?? '';
  sessionStorage.removeItem(SEARCH);
  location.assign(`/${search}`);
}
