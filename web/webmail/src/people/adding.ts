/** People of a mail or of the company go into the address book; who is in it already is not made twice. */
import { displayName } from '@smartmail/jmap/addresses.ts';
import { type ContactCard, createCard, destroyCards, findCards } from '@smartmail/jmap/contacts.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { reportFailure } from '../app/perform.ts';

async function known({ email }: EmailAddress): Promise<boolean> {
  const { account } = connection;
  if (!account) return true;
  const { list } = await findCards(account.pipeline, { filter: { email }, limit: 50, properties: ['id', 'emails'] });
  const wanted = email.toLowerCase();
  return list.some(({ emails = {} }) => Object.values(emails).some(({ address }) => address.toLowerCase() === wanted));
}

/** Those of them whom no address book has, each once. */
export async function inNoBook(people: readonly EmailAddress[]): Promise<EmailAddress[]> {
  const once = [...new Map(people.map((one) => [one.email.toLowerCase(), one])).values()];
  const there = await Promise.all(once.map(known));
  return once.filter((_, at) => !there[at]);
}

export async function addPeople(people: readonly EmailAddress[]): Promise<void> {
  const { account } = connection;
  if (!account || people.length === 0) return;
  const { pipeline } = account;
  const once = [...new Map(people.map((one) => [one.email.toLowerCase(), one])).values()];
  try {
    const fresh = await inNoBook(once);
    if (fresh.length === 0) {
      notices.show(t('contacts.there', { count: once.length, name: once.map(displayName).join(', ') }));
      return;
    }
    const made = await Promise.all(fresh.map((one) => createCard(pipeline, cardFor(one))));
    const undo = (): void => {
      destroyCards(pipeline, made).done.catch(reportFailure);
      notices.show(t('notice.undone'));
    };
    notices.show(t('contacts.added', { count: made.length, name: fresh.map(displayName).join(', ') }), { undo });
  } catch (error) {
    reportFailure(error);
  }
}

function cardFor({ name, email }: EmailAddress): Partial<ContactCard> {
  return {
    kind: 'individual',
    ...(name ? { name: { full: name } } : {}),
    emails: { e1: { address: email, pref: 1 } },
  };
}
