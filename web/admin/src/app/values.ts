/** Values of the policy as people read them. */
import { OWN_NAME } from '@smartmail/i18n/languages.ts';
import { known, t } from './language.svelte.ts';
import { octets } from './show.ts';

export const AREAS = ['signIn', 'programs', 'mailbox', 'sending', 'spam', 'records', 'admin', 'house'] as const;
export type Area = (typeof AREAS)[number];

const AREA_OF: Record<string, Area> = {
  login: 'signIn', password: 'signIn', session: 'signIn', lockout: 'signIn', 'second-factor': 'signIn',
  office: 'signIn', certificate: 'signIn', 'step-up': 'signIn', 'known-device': 'signIn', consent: 'signIn',
  door: 'programs', pop3: 'programs', attachment: 'programs',
  quota: 'mailbox', trash: 'mailbox', junk: 'mailbox', inbox: 'mailbox', sent: 'mailbox', retention: 'mailbox',
  vault: 'mailbox', sharing: 'mailbox', export: 'mailbox', print: 'mailbox', detach: 'mailbox',
  footer: 'sending', sending: 'sending', signature: 'sending', message: 'sending', day: 'sending', outside: 'sending', forward: 'sending', vacation: 'sending', sieve: 'sending',
  spam: 'spam', quarantine: 'spam', digest: 'spam',
  records: 'records', route: 'records', received: 'records',
  admin: 'admin',
}; // prettier-ignore

/** The area of a knob, by what its name begins with. */
export function areaOf(knob: string): Area {
  return AREA_OF[knob.slice(0, knob.indexOf('.'))] ?? 'house';
}

export function valueWords(knob: string, value: unknown): string {
  if (value === null || value === undefined) return t('value.default');
  if (typeof value === 'boolean') return t(value ? 'value.on' : 'value.off');
  if (Array.isArray(value))
    return value.length === 0 ? t('value.none') : value.map((one) => word(String(one))).join(', ');
  if (typeof value === 'number') {
    if (!knob.endsWith('octets')) return String(value);
    return value === 0 ? t('people.unlimited') : octets(value);
  }
  return typeof value === 'string' ? word(value) : JSON.stringify(value);
}

function word(value: string): string {
  return value in OWN_NAME ? OWN_NAME[value as keyof typeof OWN_NAME] : known(`choice.${value}`);
}
