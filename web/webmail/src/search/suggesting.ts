/** What may come next in the search line: operators while a word begins, values behind an operator. */
import { displayName } from '@smartmail/jmap/addresses.ts';
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { nameOf } from '../app/mailboxes.svelte.ts';
import { collectPeople, initials, suggest } from '../app/people.ts';
import { shownMailboxes } from '../app/records.svelte.ts';
import { allTags } from '../app/tags.svelte.ts';
import { STAR_COLOURS } from '../app/stars.ts';
import { OPERATORS, quoted, STATES } from '../app/search-line.ts';

export interface Suggestion {
  /** Takes the place of the word that is being typed. */
  token: string;
  label: string;
  hint: string;
  /** Nothing more belongs to it: it becomes a chip at once. */
  whole: boolean;
}

const MOST = 8;
const matches = (text: string, typed: string): boolean =>
  text.toLowerCase().startsWith(typed) || (/^[ㄱ-ㅎ]+$/.test(typed) && initials(text).startsWith(typed));

export function suggestions(word: string): Suggestion[] {
  const at = word.indexOf(':');
  return (at > 0 ? values(word.slice(0, at), word.slice(at + 1)) : names(word.toLowerCase())).slice(0, MOST);
}

function names(typed: string): Suggestion[] {
  const fits = (label: MessageKey, name: string, others: readonly string[]): boolean =>
    typed === '' || matches(t(label), typed) || [name, ...others].some((each) => each.startsWith(typed));
  const states = STATES.filter((each) => fits(each.label, each.typed, each.also));
  const operators = OPERATORS.filter((each) => fits(each.label, each.typed, each.names));
  return [
    ...operators.map((each) => ({ token: each.typed, label: t(each.label), hint: each.typed, whole: false })),
    ...states.map((each) => ({ token: each.typed, label: t(each.label), hint: each.typed, whole: true })),
  ];
}

function values(name: string, typed: string): Suggestion[] {
  const operator = OPERATORS.find((each) => each.names.includes(name.replace(/^-/, '').toLowerCase()));
  const words = typed.replaceAll('"', '').toLowerCase();
  const as = (value: string, label: string, hint = ''): Suggestion => ({
    token: `${name}:${quoted(value)}`,
    label,
    hint,
    whole: true,
  });
  switch (operator?.label) {
    case 'search.from':
    case 'search.to': {
      const people = collectPeople(connection.account?.emails.values() ?? []);
      const found = words === '' ? people.slice(0, MOST) : suggest(people, words, [], MOST);
      return found.map((person) => as(person.email, displayName(person), person.email));
    }
    case 'search.tag':
      return allTags()
        .filter((tag) => words === '' || matches(tag.name, words))
        .map((tag) => as(tag.name, tag.name));
    case 'search.in':
      return shownMailboxes()
        .filter((mailbox) => words === '' || matches(nameOf(mailbox), words))
        .map((mailbox) => as(mailbox.role ?? mailbox.name, nameOf(mailbox)));
    case 'star.colours':
      return STAR_COLOURS.map((colour) => as(t(`search.star.${colour}`), t(`star.${colour}`))).filter(
        ({ token, label }) => words === '' || matches(token.slice(name.length + 1), words) || matches(label, words),
      );
    case 'search.larger':
      return ['1M', '5M', '10M', '25M']
        .filter((each) => each.startsWith(words.toUpperCase()))
        .map((each) => as(each, each));
    case 'search.newer':
      return (['7d', '1m', '3m', '1y'] as const)
        .filter((each) => each.startsWith(words))
        .map((each) => as(each, t(`search.newer.${each}`), each));
    default:
      return [];
  }
}
