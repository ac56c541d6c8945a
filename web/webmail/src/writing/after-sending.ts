/** What can be done once a letter has gone: see who has read it, keep whom it went to. */
import { isAddress } from '@smartmail/jmap/addresses.ts';
import type { EmailAddress, Id } from '@smartmail/jmap/types.ts';
import type { Draft } from './draft.svelte.ts';
import { t } from '../app/language.svelte.ts';
import type { Offer } from '../app/notices.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { hasContacts } from '../app/address-books.ts';
import { strangersOf } from './draft-warnings.ts';

/** A letter to more strangers is a mailing: nobody keeps them by one click. */
const MOST_NEW = 20;

/** `emailId`: what was sent; null when it were several letters. */
export async function offersAfter(draft: Draft, emailId: Id | null): Promise<Offer[]> {
  const { keepSent } = draft.options;
  const people = await newPeople(strangersOf(draft));
  const offers: Offer[] = [];
  // What was kept nowhere has no line in the list of receipts.
  if (keepSent)
    offers.push({ label: t('receipt.title'), run: () => place.open('receipts', ...(emailId ? [emailId] : [])) });
  if (people.length > 0) offers.push({ label: addLabel(people.length), run: () => void add(people) });
  return offers;
}

const addLabel = (count: number): string => (count === 1 ? t('contacts.add') : t('contacts.addSeveral', { count }));

/** Colleagues stand in the directory; of the others, those who are in no address book. */
async function newPeople(strangers: readonly EmailAddress[]): Promise<EmailAddress[]> {
  const asked = strangers.filter(({ email }) => isAddress(email));
  if (asked.length === 0 || asked.length > MOST_NEW || !hasContacts()) return [];
  try {
    return await (await import('../people/adding.ts')).inNoBook(asked);
  } catch {
    // Not known: nothing is offered for it.
    return [];
  }
}

async function add(people: readonly EmailAddress[]): Promise<void> {
  await (await import('../people/adding.ts')).addPeople(people);
}
