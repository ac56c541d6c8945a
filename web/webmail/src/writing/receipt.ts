/** What became of a mail at one recipient, as words and as a table. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { displayName } from '@smartmail/jmap/addresses.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';

export interface Recipient {
  email: string;
  name: string;
  state: 'planned' | 'queued' | 'withdrawn' | 'delivered' | 'read' | 'deleted' | 'failed';
  known: 'inside' | 'list' | 'told' | 'remote' | 'none';
  reply: string;
  /** Why it failed and what to do. */
  reason: string | null;
  deliveredAt: string | null;
  readAt: string | null;
  isTold: boolean;
}

/** 읽음 · 읽지않음 · 확인불가 · 발송실패 … as the word for it. */
export function stateKey(one: Recipient): MessageKey {
  if (one.state === 'delivered' && one.known === 'list') return 'receipt.listed';
  if (one.state === 'delivered') return one.known === 'inside' && one.isTold ? 'receipt.unread' : 'receipt.unknown';
  return `receipt.${one.state}`;
}

export function knownKey(one: Recipient): MessageKey {
  if (one.known === 'inside' && !one.isTold && one.state === 'delivered') return 'receipt.known.hidden';
  // It was no taking over: the answer said so.
  if (one.state === 'failed' && one.known === 'remote') return 'receipt.known.refused';
  return `receipt.known.${one.known}`;
}

/** Whom to write to again: who has surely not read it. */
export function unread(list: readonly Recipient[]): EmailAddress[] {
  return list
    .filter((one) => stateKey(one) === 'receipt.unread')
    .map(({ name, email }) => ({ name: name || null, email }));
}

/** As a spreadsheet opens it: quoted, and no cell is taken for a formula. */
export function csv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

export const shown = (one: Recipient): string => displayName({ name: one.name || null, email: one.email });

/** Hands a table to the browser to be kept. */
export function saveTable(rows: readonly (readonly string[])[], name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([csv(rows)], { type: 'text/csv' }));
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
