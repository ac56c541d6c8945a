/** Which file of a letter is shown by its first page beside it, without being asked for. Pure. */
import type { BodyPart, Inspection } from '@smartmail/jmap/types.ts';
import { kindOf } from '../preview/kinds.ts';
import { warningsOf } from './warnings.ts';

/** What nobody asked for must cost little. */
export const MOST_OCTETS = 5_000_000;

/** The place of the first picture or PDF among the files; -1 for none, and for mail of doubtful senders: of that nothing opens by itself. */
export function glanceAt(
  files: readonly Pick<BodyPart, 'name' | 'type' | 'size' | 'blobId'>[],
  inspection: Inspection | null | undefined,
  junk: boolean,
): number {
  // What the server found is still on its way.
  if (inspection === undefined) return -1;
  const { impostor, doubtful } = warningsOf(inspection);
  if (junk || impostor.length > 0 || doubtful.length > 0) return -1;
  const at = files.findIndex((file) => ['picture', 'pdf'].includes(kindOf(file)));
  const found = files[at];
  return found && found.blobId !== null && found.size <= MOST_OCTETS ? at : -1;
}
