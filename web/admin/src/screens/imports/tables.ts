/** Tables of a directory: what columns each may have, and reports as files. */
import type { ImportLineError, ImportOperation } from '../../api/types.ts';

export const KINDS = ['people', 'departments', 'groups', 'aliases', 'domains', 'lists', 'shared'] as const;
export type Kind = (typeof KINDS)[number];

/** As the server has them (service.directory_import.columns). */
export const FIELDS: Record<Kind, readonly string[]> = {
  people: [
    'login', 'name', 'employee_number', 'department', 'duty', 'other_seats', 'position', 'grade', 'honorific',
    'language', 'password', 'password_hash', 'active', 'mobile', 'phone', 'extension', 'birthday', 'hired', 'workplace', 'note',
  ],
  departments: ['code', 'name', 'parent', 'order'],
  groups: ['group', 'priority', 'members'],
  aliases: ['address', 'targets'],
  domains: ['domain'],
  lists: ['address', 'name', 'owners', 'moderators', 'post', 'moderation', 'reply_to', 'prefix', 'members'],
  shared: ['address', 'name', 'managers', 'members', 'senders'],
}; // prettier-ignore

/** One field of CSV. A spreadsheet must not take what somebody wrote for a formula. */
function cell(value: string | number): string {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** CSV that spreadsheets open with Korean in it: UTF-8 with its mark. */
export function csv(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return '\ufeff' + [header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

export const errorRows = (errors: readonly ImportLineError[]): (string | number)[][] =>
  errors.map((one) => [one.line, one.column, one.value, one.text]);

export const lineRows = (lines: readonly ImportOperation[]): (string | number)[][] =>
  lines.map((one) => [one.line, one.key, one.what, one.ending, one.detail]);

/** Whom a whole table leaves out: people are closed, members leave. */
export const WHOLE: Partial<Record<Kind, 'imports.whole' | 'imports.wholeMembers'>> = {
  people: 'imports.whole',
  groups: 'imports.wholeMembers',
  lists: 'imports.wholeMembers',
};

/** The octets of a file that came in base64. */
export const octetsOf = (content: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(content), (one) => one.charCodeAt(0));

/** Hands a text, or octets, to the reader as a file. */
export function save(name: string, content: string | Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 10_000);
}

/** A table's first line, as a new user of the import may start from. */
export const sample = (kind: Kind): string => csv(FIELDS[kind], []);
