/** What the server says of a letter before it goes: recipients who may be the wrong ones. */
import { connection } from '../app/connection.svelte.ts';
import type { Caution } from '../people/caution.ts';
import { checkedLetter } from './checked-letter.ts';
import type { Draft } from './draft.svelte.ts';

/** A letter does not wait longer for advice. */
const PATIENCE_MS = 3_000;

export function isGuarded(): boolean {
  return connection.account?.capability<string>('misdeliveryGuard') === 'warn';
}

/** Advice only: without an answer in time the letter goes. */
export async function cautionsFor(draft: Draft): Promise<Caution[]> {
  const { account } = connection;
  if (!account || !isGuarded()) return [];
  const asked = account.pipeline.send<{ list: Caution[] }>('EmailSubmission/check', checkedLetter(draft)).result;
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  const answer = await Promise.race([asked.catch(() => null), late]);
  return answer?.list ?? [];
}
