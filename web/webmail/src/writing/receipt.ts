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

/** How many of the people each; those who are not known are never counted as having not read. */
export interface Tally {
  read: number;
  unread: number;
  recalled: number;
  unknown: number;
  failed: number;
  /** Not sent yet, or never. */
  waiting: number;
}

export function tallyOf(list: readonly Recipient[], recalled: ReadonlySet<string> = new Set()): Tally {
  const tally: Tally = { read: 0, unread: 0, recalled: 0, unknown: 0, failed: 0, waiting: 0 };
  // Of a list its members are counted, below it.
  for (const one of list) if (one.known !== 'list') tally[partOf(one, recalled)] += 1;
  return tally;
}

function partOf(one: Recipient, recalled: ReadonlySet<string>): keyof Tally {
  if (recalled.has(one.email)) return 'recalled';
  if (one.state === 'read' || one.state === 'failed') return one.state;
  if (one.state === 'deleted') return 'unread';
  if (one.state !== 'delivered') return 'waiting';
  return stateKey(one) === 'receipt.unread' ? 'unread' : 'unknown';
}

/** Those of whom it is known whether they have read it. */
export const knownIn = (tally: Tally): number => tally.read + tally.unread + tally.recalled;

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
export const saveTable = (rows: readonly (readonly string[])[], name: string): void =>
  saveFile(csv(rows), 'text/csv', `${name}.csv`);

/** Hands a text to the browser to be kept as a file. */
export function saveFile(text: string, type: string, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
