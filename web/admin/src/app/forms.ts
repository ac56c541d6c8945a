/** What a form asks for, and whether what was given will do. Pure: words and fields come from the pages. */
import type { AdminKey } from './language.svelte.ts';

export type FieldKind =
  | 'text'
  | 'email'
  | 'number'
  | 'gigabytes'
  | 'moment'
  | 'choice'
  | 'choices'
  | 'flag'
  | 'lines'
  | 'long'
  | 'secret'
  /** A file, as base64. */
  | 'file'
  | 'person'
  | 'department'
  | 'scope';
export type Value = string | boolean | string[];
export type Values = Record<string, Value>;

export interface Field {
  name: string;
  label: AdminKey;
  /** `text` where none is said. */
  kind?: FieldKind;
  needed?: boolean;
  options?: readonly string[];
  /** The words of an option; the option itself where none are said. */
  word?: (option: string) => string;
  hint?: AdminKey;
  begin?: Value;
  least?: number;
  most?: number;
  /** What a number counts, and what its 0 means: said behind it. */
  unit?: string;
  zero?: string;
}

const EMPTY: Partial<Record<FieldKind, () => Value>> = { flag: () => false, choices: () => [] };
const GIGABYTE = 2 ** 30;

/** What a form holds before anybody typed. */
export function beginning(fields: readonly Field[]): Values {
  const first = (field: Field): Value =>
    field.begin ?? EMPTY[field.kind ?? 'text']?.() ?? (field.kind === 'choice' ? (field.options?.[0] ?? '') : '');
  return Object.fromEntries(fields.map((field) => [field.name, first(field)]));
}

/** The label of each field, by its name. */
export function labelsOf(fields: readonly Field[]): Partial<Record<string, AdminKey>> {
  return Object.fromEntries(fields.map((field) => [field.name, field.label]));
}

/** What is wrong with a value, '' for nothing. */
export function wrong(field: Field, value: Value | undefined): AdminKey | '' {
  const empty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  if (empty || (typeof value === 'string' && value.trim() === '')) return field.needed ? 'form.needed' : '';
  if (field.kind === 'email' && !/^[^\s@]+@[^\s@]+$/.test(String(value).trim())) return 'form.address';
  if (isWords(field) && String(value).trim().length < (field.least ?? 0)) return 'form.short';
  if (field.kind === 'number' || field.kind === 'gigabytes') return wrongNumber(field, Number(value));
  return '';
}

/** What is typed as words: `least` counts its characters. */
function isWords(field: Field): boolean {
  return field.kind === undefined || field.kind === 'text' || field.kind === 'long';
}

function wrongNumber(field: Field, value: number): AdminKey | '' {
  if (!Number.isFinite(value) || (field.kind === 'number' && !Number.isInteger(value))) return 'form.number';
  if (field.kind === 'gigabytes' && (value < 0 || (value === 0 && field.least !== 0))) return 'form.range';
  return value < (field.least ?? -Infinity) || value > (field.most ?? Infinity) ? 'form.range' : '';
}

/** The first field that will not do comes first. */
export function faults(fields: readonly Field[], values: Values): Partial<Record<string, AdminKey>> {
  const found = fields.map((field) => [field.name, wrong(field, values[field.name])] as const);
  return Object.fromEntries(found.filter(([, fault]) => fault !== '')) as Partial<Record<string, AdminKey>>;
}

export function text(values: Values, name: string): string {
  const value = values[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** One per line, or between commas. */
export function lines(values: Values, name: string): string[] {
  const value = values[name];
  if (Array.isArray(value)) return value;
  return text(values, name)
    .split(/[\n,]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

export function flag(values: Values, name: string): boolean {
  return values[name] === true;
}

/** A time of this place (`2026-11-26T09:00`) as the API has it, null where none was given. */
export function moment(values: Values, name: string): string | null {
  const given = text(values, name);
  return given === '' ? null : new Date(given).toISOString();
}

/** A time for a field, in this place's clock. */
export function local(time: Date): string {
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** Gigabytes as octets, null where none were given. */
export function octetsOf(values: Values, name: string): number | null {
  const given = text(values, name);
  return given === '' ? null : Math.round(Number(given) * GIGABYTE);
}

export function gigabytes(octets: number | null): string {
  return octets === null ? '' : String(Math.round((octets / GIGABYTE) * 1000) / 1000);
}

/** Without what was left empty: the API refuses what it does not need. */
export function filled<T extends object>(body: T): Partial<T> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== '' && value !== null)) as Partial<T>;
}
