/** Files of one account as files of another, so that a letter can hold them. */
import type { AttachedBlob } from '@smartmail/jmap/compose.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from './connection.svelte.ts';

/** A letter holds files of the person's own account: those of somebody else's are copied there (RFC 8620 §6.3). */
export async function copiedFiles(fromAccountId: Id, files: AttachedBlob[]): Promise<AttachedBlob[]> {
  const { account } = connection;
  if (!account || files.length === 0) return files;
  const blobIds = [...new Set(files.map(({ blobId }) => blobId))];
  const call = account.pipeline.send<{ copied: Record<Id, Id> | null }>('Blob/copy', { fromAccountId, blobIds });
  const given = (await call.result).copied ?? {};
  return files.flatMap((file) => (given[file.blobId] ? [{ ...file, blobId: given[file.blobId] ?? '' }] : []));
}
