import type { LookedAt } from '@smartmail/jmap/layout.ts';
import { connection } from '../app/connection.svelte.ts';
import { typeOf } from './kinds.ts';
import type { Looked } from './preview.svelte.ts';

/** What the server is told of a file that is looked at; a file inside one is told by that one. */
export function lookedAt(file: Looked): LookedAt {
  if (file.blobId === null) throw new Error('no file');
  const { name, type } = file.outer ?? { name: file.name ?? 'file', type: typeOf(file) };
  return file.inside === undefined
    ? { blobId: file.blobId, name, type }
    : { blobId: file.blobId, name, type, inside: file.inside };
}

/** A picture or PDF to be drawn here; it is no download, and lies in no cache. */
export async function octetsOf(file: Looked): Promise<Blob> {
  const { mail: account, backend } = connection;
  if (!account) throw new Error('no file');
  return backend.previewOctets(account.id, lookedAt(file));
}

/** Where a file is downloaded from. */
export function addressOf(file: Looked): string {
  const { mail: account, backend } = connection;
  if (!account) return '';
  if (file.inside !== undefined) return backend.innerUrl(account.id, lookedAt(file));
  return account.downloadUrl(file.blobId ?? '', file.name ?? 'file', file.type);
}
