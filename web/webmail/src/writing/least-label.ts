/** What the letters behind a letter ask of its security label. */
import { connection } from '../app/connection.svelte.ts';
import type { Draft } from './draft.svelte.ts';

/** The id of the label that what it answers or forwards carries, its conversation too; null: none, or it is not known. */
export async function leastOf(draft: Draft): Promise<string | null> {
  const { refersTo } = draft;
  const { account } = connection;
  if (!account || refersTo.length === 0) return null;
  const asked = account.pipeline.send<{ leastLabel: string | null }>('EmailSubmission/check', { refersTo });
  return (await asked.result.catch(() => null))?.leastLabel ?? null;
}
