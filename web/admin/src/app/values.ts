/** Values of the policy as people read them. */
import { OWN_NAME } from '@smartmail/i18n/languages.ts';
import type { Knob } from '../api/types.ts';
import { declared } from './declared.svelte.ts';
import { has, known, language, t } from './language.svelte.ts';
import { count, octets } from './show.ts';

export const AREAS = [
  'signIn',
  'programs',
  'mailbox',
  'sending',
  'spam',
  'records',
  'admin',
  'screen',
  'house',
] as const;
export type Area = (typeof AREAS)[number];

const AREA_OF: Record<string, Area> = {
  login: 'signIn', password: 'signIn', session: 'signIn', lockout: 'signIn', 'second-factor': 'signIn',
  office: 'signIn', certificate: 'signIn', 'step-up': 'signIn', 'known-device': 'signIn', consent: 'signIn',
  door: 'programs', pop3: 'programs', attachment: 'programs',
  quota: 'mailbox', trash: 'mailbox', junk: 'mailbox', inbox: 'mailbox', sent: 'mailbox', retention: 'mailbox',
  vault: 'mailbox', sharing: 'mailbox', export: 'mailbox', print: 'mailbox', copy: 'mailbox', detach: 'mailbox',
  footer: 'sending', sending: 'sending', signature: 'sending', message: 'sending', day: 'sending', outside: 'sending', forward: 'sending', vacation: 'sending', sieve: 'sending',
  spam: 'spam', quarantine: 'spam', digest: 'spam',
  records: 'records', route: 'records', received: 'records',
  admin: 'admin',
  screen: 'screen', language: 'screen', watermark: 'screen',
}; // prettier-ignore

/** The area of a knob, by what its name begins with. */
export function areaOf(knob: string): Area {
  return AREA_OF[knob.slice(0, knob.indexOf('.'))] ?? 'house';
}

/** The value of an item as people read it: on and off, words of choices, numbers with what they count. */
export function valueWords(name: string, value: unknown, knob: Knob | undefined = declared.find(name)): string {
  if (value === null || value === undefined) return t('value.default');
  if (typeof value === 'boolean') return t(value ? 'value.on' : 'value.off');
  if (typeof value === 'number') return numberWords(knob, value);
  if (typeof value === 'string') return choiceWords(name, value, knob);
  return Array.isArray(value) ? listWords(name, value.map(String), knob) : JSON.stringify(value);
}

function numberWords(knob: Knob | undefined, value: number): string {
  if (value === 0 && knob?.zero) return known(`zero.${knob.zero}`);
  if (knob?.unit === 'octets') return octets(value);
  return knob?.unit ? known(`unit.${knob.unit}`, { count: value }) : count(value);
}

function listWords(name: string, values: readonly string[], knob: Knob | undefined): string {
  if (values.length === 0) return t('value.none');
  // Texts say the language of each part in a line of its own.
  if (LANGUAGE_LINE.test(values[0] ?? '')) return textWords(values);
  return values.map((one) => (knob?.kind === 'countries' ? country(one) : choiceWords(name, one, knob))).join(', ');
}

const SHOWN = 60;
const LANGUAGE_LINE = /^\[[\w-]+\]$/;

function textWords(rows: readonly string[]): string {
  const parts = rows.filter((one) => !LANGUAGE_LINE.test(one));
  const words = parts.join(' ');
  const text = words.length > SHOWN ? `${words.slice(0, SHOWN)}…` : words;
  return t('policy.texts', { count: rows.length - parts.length, text });
}

/** The words of one choice: those of this item, else those that all items share. */
export function choiceWords(name: string, value: string, knob: Knob | undefined = declared.find(name)): string {
  if (knob?.unit === 'oclock') return t('unit.oclock', { count: Number(value) });
  if (knob?.unit === 'offset') return `UTC${value}`;
  if (value in OWN_NAME) return OWN_NAME[value as keyof typeof OWN_NAME];
  const own = `choice.${name}.${value}`;
  if (has(own)) return t(own);
  const shared = `choice.${value}`;
  return has(shared) ? t(shared) : value;
}

/** A country in the reader's language; the code where it is none. */
export function country(code: string): string {
  try {
    return new Intl.DisplayNames(language(), { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}
