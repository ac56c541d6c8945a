/** What a row of a list of people shows, wherever they come from. */
import type { EmailAddress, Id } from '@smartmail/jmap/types.ts';
import type { Absence } from './book.svelte.ts';

export interface PersonRow {
  id: Id;
  name: string;
  /** Behind the name: a title. */
  title: string;
  email: string;
  /** Column between name and address: a department, a company. */
  place: string;
  phone: string;
  absence?: Absence | null;
  photo?: string | null | undefined;
  /** A list of several people. */
  many?: boolean;
}

export function addressOf(row: Pick<PersonRow, 'name' | 'email'>): EmailAddress {
  return { name: row.name === row.email ? null : row.name, email: row.email };
}
