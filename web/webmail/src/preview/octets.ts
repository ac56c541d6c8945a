import type { BodyPart } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { typeOf } from './kinds.ts';

/** A picture or PDF to be drawn here; it is no download, and lies in no cache. */
export async function octetsOf(file: BodyPart): Promise<Blob> {
  const { mail: account, backend } = connection;
  if (!account || file.blobId === null) throw new Error('no file');
  return backend.previewOctets(account.id, file.blobId, file.name ?? 'file', typeOf(file));
}
