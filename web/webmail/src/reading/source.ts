/** Headers and source of a message as text. */
import type { Email, Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';

/** More of a source is for a program to read: it can be saved. */
const MOST_OCTETS = 512 * 1024;

export interface Shown {
  text: string;
  cut: boolean;
}

interface BlobGet {
  list: { 'data:asText'?: string | null; 'data:asBase64'?: string | null; size?: number; isTruncated?: boolean }[];
}

export async function headersOf(id: Id): Promise<Shown> {
  const answer = connection.mail?.pipeline.send<{ list: { headers: { name: string; value: string }[] }[] }>(
    'Email/get',
    {
      ids: [id],
      properties: ['headers'],
    },
  );
  const headers = (await answer?.result)?.list[0]?.headers ?? [];
  return { text: headers.map(({ name, value }) => `${name}:${value.replace(/\r/g, '')}`).join('\n'), cut: false };
}

export async function sourceOf(email: Email): Promise<Shown> {
  const answer = connection.mail?.pipeline.send<BlobGet>('Blob/get', {
    ids: [email.blobId],
    properties: ['data', 'size'],
    length: MOST_OCTETS,
  });
  const blob = (await answer?.result)?.list[0];
  if (!blob) throw new Error('no such blob');
  const text = blob['data:asText'] ?? latin(blob['data:asBase64'] ?? '');
  return { text: text.replace(/\r/g, ''), cut: (blob.size ?? 0) > MOST_OCTETS };
}

/** What is no UTF-8 is shown octet by octet, as old mail was meant. */
const latin = (base64: string): string => atob(base64);
