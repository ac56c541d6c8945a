/** What a card says, line by line, as a panel shows it. */
import { cardName, type ContactCard } from '@smartmail/jmap/contacts.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import { t } from '../app/language.svelte.ts';
import type { Fact } from '../people/PersonFacts.svelte';
import { emailKind, phoneKind } from '../people/card.ts';
import { readingOf } from '../people/name-reading.ts';

export function factsOf(card: ContactCard, write: (to: EmailAddress) => void): Fact[] {
  const values = <T>(map: Record<string, T> | undefined): T[] => Object.values(map ?? {});
  const name = cardName(card);
  const kind = (of: ReturnType<typeof phoneKind>): { kind?: string } =>
    of === 'other' ? {} : { kind: t(`contacts.kind.${of}`) };
  const reading = readingOf(card.name);
  return [
    ...(reading ? [{ label: t('contacts.reading'), text: reading }] : []),
    ...values(card.emails).map((one) => ({
      label: t('person.email'),
      text: one.address,
      ...kind(emailKind(one)),
      write: () => write({ name: name === one.address ? null : name, email: one.address }),
    })),
    ...values(card.phones).map((one) => ({
      label: t('person.phone'),
      text: one.number,
      ...kind(phoneKind(one)),
      href: `tel:${one.number.replace(/[^\d+*#,]/g, '')}`,
    })),
    ...values(card.organizations).map(({ name: company = '', units = [] }) => ({
      label: t('contacts.company'),
      text: [company, ...units.map((unit) => unit.name)].filter(Boolean).join(' '),
    })),
    ...values(card.titles).map((one) => ({ label: t('person.title'), text: one.name })),
    ...values(card.nicknames).map((one) => ({ label: t('contacts.nickname'), text: one.name })),
    ...values(card.addresses)
      .map(({ full, components = [] }) => full ?? components.map(({ value }) => value).join(' '))
      .filter((text) => text !== '')
      .map((text) => ({ label: t('contacts.address'), text })),
    ...values(card.notes).map(({ note }) => ({ label: t('contacts.note'), text: note })),
  ];
}
