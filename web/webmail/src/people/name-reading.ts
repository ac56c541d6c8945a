/** How a name is read (たなか いちろう beside 田中一郎): Japanese readers look for it by its sound. Pure. */
import type { CardName, NameComponent } from '@smartmail/jmap/contacts.ts';

const KINDS = ['surname', 'given'] as const;

/** Surname first, with a blank between. */
export function readingOf(name: CardName | undefined): string {
  const heard = KINDS.map((kind) => {
    const sounds = (name?.components ?? []).filter((part) => part.kind === kind).map((part) => part.phonetic ?? '');
    return sounds.some(Boolean) ? sounds.join(' ').trim() : (name?.sortAs?.[kind] ?? '');
  });
  return heard.filter(Boolean).join(' ');
}

/** The name with another reading: its first word is the surname's, where the card knows which part is which. */
export function withReading(name: CardName, reading: string): CardName {
  const { components, sortAs, ...rest } = name;
  const silent = (components ?? []).map((part): NameComponent => ({ ...part }));
  for (const part of silent) delete part.phonetic;
  const sorted = Object.entries(sortAs ?? {}).filter(([kind]) => kind !== 'surname' && kind !== 'given');
  const words = reading.trim().split(/\s+/).filter(Boolean);
  const parts = silent.length > 0 || words.length === 0 ? silent : [whole(name)];
  const [surname, given] = KINDS.map((kind) => parts.findIndex((part) => part.kind === kind));
  const both = surname !== undefined && surname >= 0 && given !== undefined && given >= 0;
  const said = both ? [words.slice(0, 1), words.slice(1)] : [words, words];
  const places = [surname, both ? given : surname === -1 ? given : -1];
  places.forEach((at, place) => {
    const part = parts[at ?? -1];
    const phonetic = said[place]?.join(' ') ?? '';
    if (part && phonetic !== '') part.phonetic = phonetic;
  });
  return {
    ...rest,
    ...(parts.length > 0 ? { components: parts } : {}),
    ...(sorted.length > 0 ? { sortAs: Object.fromEntries(sorted) } : {}),
  };
}

/** A name of which nobody said where the surname ends. */
const whole = ({ full = '' }: CardName): NameComponent => ({ kind: 'surname', value: full });
