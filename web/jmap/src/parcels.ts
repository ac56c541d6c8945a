/** 메일함 내려받기·올리기: a person's mail in one file, out of a mailbox or into one. The server's /parcels/. */
import { get, json, post, remove } from './network.ts';
import type { Id, UtcDate } from './types.ts';

export const PARCELS = '/parcels/';

export interface Trouble {
  place: string;
  reason: string;
}

export interface Parcel {
  id: string;
  direction: 'out' | 'in';
  state: 'coming' | 'waiting' | 'working' | 'ready' | 'failed' | 'undone';
  name: string;
  size: number;
  /** Octets of a file that comes. */
  received: number;
  /** Out: messages; in: octets of the file. */
  done: number;
  total: number;
  createdAt: UtcDate;
  expiresAt: UtcDate;
  taken: number;
  present: number;
  ignored: number;
  failed: number;
  /** Code of what ended it before its time. */
  reason: string;
  troubles: Trouble[];
}

export interface ParcelPolicy {
  mayExport: boolean;
  mayImport: boolean;
  days: number;
  maxOctets: number;
}

export interface ParcelWish {
  name: string;
  /** None: all. */
  mailboxIds: Id[];
  since: string | null;
  until: string | null;
  /** A file for each message, or one for each mailbox (RFC 4155). */
  form: 'eml' | 'mbox';
}

export async function parcels(): Promise<{ policy: ParcelPolicy; parcels: Parcel[] }> {
  return json(await get(PARCELS));
}

export async function askParcel(wish: ParcelWish): Promise<Parcel> {
  return json(await post(PARCELS, { direction: 'out', ...wish }));
}

/** Begins a file whose octets come by tus at `parcelUrl`. `mailboxId` null: into the mailboxes that it names. */
export async function beginParcel(name: string, size: number, mailboxId: Id | null): Promise<Parcel> {
  return json(await post(PARCELS, { direction: 'in', name, size, mailboxId }));
}

/** Throws where it would not be given, or wants a proof first. */
export async function openParcel(id: string): Promise<void> {
  await post(`${parcelUrl(id)}/open`, {});
}

export async function undoParcel(id: string): Promise<number> {
  return (await json<{ count: number }>(await post(`${parcelUrl(id)}/undo`, {}))).count;
}

export function dropParcel(id: string): Promise<void> {
  return remove(parcelUrl(id));
}

export function parcelUrl(id: string): string {
  return PARCELS + encodeURIComponent(id);
}
