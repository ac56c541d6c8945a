/** The orders that a list of mail can stand in: as a server is asked for them, and as rows that lie here are put. */
import { displayName } from './addresses.ts';
import type { EmailQueryArgs } from './methods.ts';
import type { EmailRow } from './types.ts';

export const ORDERS = ['newest', 'oldest', 'from', 'subject', 'size'] as const;
export type ListOrder = (typeof ORDERS)[number];
export type Sort = NonNullable<EmailQueryArgs['sort']>;

export const NEWEST_FIRST: Sort = [{ property: 'receivedAt', isAscending: false }];

/** Of equal ones the newest first. */
export function sortOf(order: ListOrder): Sort {
  if (order === 'newest') return NEWEST_FIRST;
  if (order === 'oldest') return [{ property: 'receivedAt', isAscending: true }];
  return [{ property: order, isAscending: order !== 'size' }, ...NEWEST_FIRST];
}

type Row = Pick<EmailRow, 'from' | 'subject' | 'receivedAt' | 'size'>;

/** Rows that stand newest first, put into the order asked for. */
export function inOrder<T extends Row>(newestFirst: T[], sort: Sort = NEWEST_FIRST): T[] {
  const [first = NEWEST_FIRST[0]] = sort;
  const { property, isAscending } = first ?? { property: 'receivedAt', isAscending: false };
  if (property === 'receivedAt') return isAscending ? newestFirst.reverse() : newestFirst;
  const way = isAscending ? 1 : -1;
  if (property === 'size') return newestFirst.sort((one, other) => way * (one.size - other.size));
  const said = (row: Row): string => (property === 'from' ? (row.from ?? []).map(displayName)[0] : row.subject) ?? '';
  return newestFirst.sort((one, other) => way * said(one).localeCompare(said(other)));
}
