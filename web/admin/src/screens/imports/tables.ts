/** Tables of a directory: what columns each may have, and reports as files. */
import type { ImportChange, ImportLineError, ImportOperation } from '../../api/types.ts';
import { lineFailure } from '../../app/failure.ts';
import { has, known, t } from '../../app/language.svelte.ts';

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

export const errorRows = (errors: readonly ImportLineError[], headers: readonly string[]): (string | number)[][] =>
  errors.map((one) => [one.line, columnName(one.column, headers), one.value, wrongText(one)]);

/** Errors of one cause: the same fault of the same cell text in the same column. `lines`: where, in order. */
export interface Cause {
  code: string;
  column: string;
  value: string;
  text: string;
  lines: number[];
}

/** Errors by their cause, the most frequent first; of equal ones the first in the file. */
export function causes(errors: readonly ImportLineError[]): Cause[] {
  const found = new Map<string, Cause>();
  for (const { code, column, value, text, line } of errors) {
    const key = JSON.stringify([code, column, value]);
    const cause = found.get(key);
    if (cause) cause.lines.push(line);
    else found.set(key, { code, column, value, text, lines: [line] });
  }
  return [...found.values()].sort((one, other) => other.lines.length - one.lines.length);
}

/** Numbers of lines as people write them: `2–579, 600`; those beyond `most` pieces are counted in `rest`. */
export function ranges(lines: readonly number[], most: number): { text: string; rest: number } {
  const pieces: [number, number][] = [];
  for (const line of lines) {
    const last = pieces.at(-1);
    if (last && line - last[1] <= 1) last[1] = line;
    else pieces.push([line, line]);
  }
  const shown = pieces.slice(0, most);
  const rest = pieces.slice(most).reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const words = shown.map(([from, to]) => (from === to ? String(from) : `${String(from)}–${String(to)}`));
  return { text: words.join(', '), rest };
}

/** What a table changes in one thing: a person, a department, a list. */
export interface Thing {
  line: number;
  key: string;
  name: string;
  changes: ImportChange[];
}

/** Changes by the thing that they change, in the order of the file. */
export function things(changes: readonly ImportChange[]): Thing[] {
  const found = new Map<string, Thing>();
  for (const one of changes) {
    const at = JSON.stringify([one.line, one.key]);
    const thing = found.get(at);
    if (thing) thing.changes.push(one);
    else found.set(at, { line: one.line, key: one.key, name: one.name, changes: [one] });
  }
  return [...found.values()];
}

/** A field in the reader's words. */
export const fieldWord = (field: string): string => known(`importField.${field}`);

export const changeRows = (changes: readonly ImportChange[]): (string | number)[][] =>
  changes.map((one) => [
    one.line,
    one.key,
    one.name,
    known(`importAct.${one.what}`),
    one.field && fieldWord(one.field),
    one.old,
    one.new,
  ]);

/** What is wrong; a column that is not there is named as the page names it, where the server has the command's name. */
export const wrongText = (one: Pick<ImportLineError, 'code' | 'column' | 'text'>): string =>
  one.code === 'column-missing' ? t('imports.columnMissing', { column: columnName(one.column, []) }) : one.text;

/** What a column is called: as the file has it, else (a column that is not there) in the reader's words. */
export const columnName = (column: string, headers: readonly string[]): string =>
  headers.includes(column) || !has(`importField.${column}`) ? column : known(`importField.${column}`);

export const lineRows = (lines: readonly ImportOperation[]): (string | number)[][] =>
  lines.map((one) => [
    one.line,
    one.key,
    known(`importAct.${one.what}`),
    one.ending ? known(`importEnding.${one.ending}`) : '',
    lineFailure(one),
  ]);

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

/** A table's first line in the reader's own words, as a new user of the import may start from: the server knows them all. */
export const sample = (kind: Kind): string =>
  csv(
    FIELDS[kind].map((field) => known(`importField.${field}`)),
    [],
  );

/** A name of a file in the reader's own words. What a file system may not bear is left out of it. */
export const fileName = (...words: string[]): string => `${words.join(' ').replaceAll(/[\\/:*?"<>|]/g, '')}.csv`;
