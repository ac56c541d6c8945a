/** What there is to tell of a pull, in plain words, and what goes with which service. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Pull } from './book.svelte.ts';

export const STATES: Record<Pull['state'], MessageKey> = {
  waiting: 'pulls.waiting',
  running: 'pulls.running',
  paused: 'pulls.paused',
  stopped: 'pulls.stopped',
  off: 'pulls.off',
};

const REASONS: Record<string, MessageKey> = {
  unreachable: 'pulls.reasonUnreachable',
  inside: 'pulls.reasonInside',
  port: 'pulls.reasonPort',
  'no-tls': 'pulls.reasonNoTls',
  tls: 'pulls.reasonTls',
  certificate: 'pulls.reasonCertificate',
  login: 'pulls.reasonLogin',
  folder: 'pulls.reasonFolder',
  busy: 'pulls.reasonBusy',
  protocol: 'pulls.reasonProtocol',
  full: 'pulls.reasonFull',
  later: 'pulls.reasonLater',
  policy: 'pulls.reasonPolicy',
  stopped: 'pulls.reasonStopped',
};

/** Why no mail comes, and what to do. */
export function reasonKey(reason: string): MessageKey {
  return REASONS[reason] ?? 'pulls.reasonLater';
}

const PROPERTIES: Record<string, MessageKey> = {
  host: 'pulls.badHost',
  port: 'pulls.badHost',
  password: 'pulls.badPassword',
};

/** What the server did not take. */
export function refusedKey(type: string, properties: readonly string[]): MessageKey {
  if (type === 'rateLimit' || type === 'overQuota') return 'pulls.tooMany';
  if (type === 'forbidden') return 'pulls.reasonPolicy';
  return PROPERTIES[properties[0] ?? ''] ?? 'pulls.bad';
}

export const PORTS: Record<Pull['protocol'], Record<Pull['security'], number>> = {
  imap: { tls: 993, starttls: 143, plain: 143 },
  pop3: { tls: 995, starttls: 110, plain: 110 },
};

export interface Service {
  id: string;
  /** A brand's own name, or a key. */
  name: string;
  host: string;
}

/** Where many have a mailbox. Everything else is typed. */
export const SERVICES: readonly Service[] = [
  { id: 'naver', name: 'NAVER', host: 'imap.naver.com' },
  { id: 'daum', name: 'Daum', host: 'imap.daum.net' },
  { id: 'gmail', name: 'Gmail', host: 'imap.gmail.com' },
];

export type Since = 'all' | 'now' | 'month' | 'kept';

/** From when on, null for all. */
export function sinceOf(choice: Since, kept: string | null, now: Date): string | null {
  if (choice === 'kept') return kept;
  if (choice === 'all') return null;
  const days = choice === 'month' ? 30 : 0;
  return new Date(now.getTime() - days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
}
