/** What there is to tell of a parcel, in plain words. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import type { Parcel } from '@smartmail/jmap/parcels.ts';
import type { ParcelBook } from './book.svelte.ts';

export const STATES: Record<Parcel['state'], MessageKey> = {
  coming: 'parcels.coming',
  waiting: 'parcels.waiting',
  working: 'parcels.working',
  ready: 'parcels.ready',
  failed: 'parcels.failed',
  undone: 'parcels.undone',
};

const REASONS: Record<string, MessageKey> = {
  policy_rejected: 'parcels.reasonPolicy',
  over_quota: 'parcels.reasonQuota',
  storage_full: 'parcels.reasonQuota',
};

/** Why a parcel ended before its time. */
export function reasonKey(parcel: Parcel): MessageKey {
  return REASONS[parcel.reason] ?? 'parcels.reasonLater';
}

const TROUBLES: readonly [string, MessageKey][] = [
  ['empty', 'parcels.troubleEmpty'],
  ['too large', 'parcels.troubleLarge'],
  ['encrypted', 'parcels.troubleEncrypted'],
  ['damaged', 'parcels.troubleDamaged'],
  ['unpacks', 'parcels.troubleUnpacks'],
  ['not mail', 'parcels.troubleNoMail'],
];

/** Why a message did not come along. */
export function troubleKey(reason: string): MessageKey {
  return TROUBLES.find(([begin]) => reason.startsWith(begin))?.[1] ?? 'parcels.troubleOther';
}

/** How far a parcel is, 0 to 1; null where nothing moves. */
export function shareOf(parcel: Parcel, book: Pick<ParcelBook, 'sending' | 'sent'>): number | null {
  if (parcel.state === 'coming') {
    const came = book.sending === parcel.id ? book.sent : parcel.received;
    return parcel.size > 0 ? came / parcel.size : 0;
  }
  if (parcel.state === 'waiting') return 0;
  if (parcel.state !== 'working') return null;
  return parcel.total > 0 ? Math.min(1, parcel.done / parcel.total) : 0;
}
