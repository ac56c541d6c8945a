/** People to write to: for now those whose mail this page has seen, best match first. */
import { sameAddress } from '@smartmail/jmap/addresses.ts';
import type { Email, EmailAddress } from '@smartmail/jmap/types.ts';

const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';

/** 김민지 → ㄱㅁㅈ */
export function initials(text: string): string {
  return [...text]
    .map((char) => {
      const code = char.charCodeAt(0) - 0xac00;
      return code >= 0 && code < 11_172 ? (INITIALS[Math.floor(code / 588)] ?? char) : char;
    })
    .join('');
}

export function collectPeople(emails: Iterable<Email>): EmailAddress[] {
  const people = new Map<string, { address: EmailAddress; times: number }>();
  for (const email of emails) {
    for (const address of [...(email.from ?? []), ...(email.to ?? []), ...(email.cc ?? [])]) {
      const key = address.email.toLowerCase();
      const known = people.get(key);
      if (known) known.times += 1;
      else people.set(key, { address, times: 1 });
    }
  }
  return [...people.values()].sort((one, other) => other.times - one.times).map((each) => each.address);
}

export function suggest(people: EmailAddress[], typed: string, chosen: EmailAddress[], most = 6): EmailAddress[] {
  const words = typed.trim().toLowerCase();
  if (words === '') return [];
  // A syllable in the making ends in its first sounds: compare those as well as whole letters.
  const sounds = /^[ㄱ-ㅎ]+$/.test(words) ? words : null;
  const free = people.filter((person) => !chosen.some((one) => sameAddress(one, person)));
  const found = free.filter((person) => {
    const name = (person.name ?? '').toLowerCase();
    return (
      name.includes(words) || person.email.toLowerCase().includes(words) || (sounds && initials(name).includes(sounds))
    );
  });
  return found.slice(0, most);
}
